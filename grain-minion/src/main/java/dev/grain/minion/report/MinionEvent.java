package dev.grain.minion.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What happened to one item in one minion. Times are in seconds since 1970.
 *
 * @param uid identifies the process
 * @param generation the number of the item within the minion, from 1
 * @param start when the minion was ready for the item
 * @param end when it was done with it
 * @param param the item as it was decoded
 * @param error why it failed; null if it did not
 * @param actions what was done, and when: {@code next}, {@code setup}, {@code process}, {@code
 *     teardown}, and what the program has timed itself
 * @param nodename the name of the machine
 * @param batch the ids that batch systems have given to the minion, by their names here, such as
 *     {@code oar_job_id}
 */
public record MinionEvent(
    String uid,
    long generation,
    double start,
    double end,
    @Nullable Object param,
    @Nullable String error,
    List<Action> actions,
    String nodename,
    SequencedMap<String, String> batch) {
  /** Makes an event. */
  public MinionEvent {
    actions = List.copyOf(actions);
    batch = new LinkedHashMap<>(batch);
  }

  /** Something that was timed. */
  public record Action(String name, double start, double end) {
    /** Returns how many seconds it took. */
    public double seconds() {
      return end - start;
    }
  }

  /** Returns how many seconds the command or function took; 0 if it did not run. */
  public double processSeconds() {
    Action process = process();
    return process == null ? 0 : process.seconds();
  }

  /** Returns when the command or function ran; null if it did not, as the setup failed. */
  @Nullable Action process() {
    for (Action action : actions) {
      if (action.name().equals("process")) {
        return action;
      }
    }
    return null;
  }
}
