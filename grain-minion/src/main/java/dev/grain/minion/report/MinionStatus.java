package dev.grain.minion.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalLong;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What a minion does at a moment; events tell of an item only when it is over. Times are in seconds
 * since 1970, by the clock of the minion's machine.
 *
 * @param uid identifies the process, as in its events
 * @param nodename the name of the machine
 * @param pid the process there
 * @param batch the ids that batch systems have given to the minion, as in its events
 * @param start when the minion was started
 * @param time when this was true
 * @param state what it does
 * @param failure why it could not go on; null if it could
 * @param succeeded how many items were processed successfully
 * @param failed how many times an item failed
 * @param dead how many items became dead letters
 * @param returned how many items were given back
 * @param running how many items are in flight
 * @param items the items in flight, the oldest first, but only the first few
 * @param queue the queue, as this minion has last seen it
 * @param output the last lines that the programs or functions printed
 * @param errors the last lines that they printed on standard error, with the minion's own notes
 */
public record MinionStatus(
    String uid,
    String nodename,
    long pid,
    SequencedMap<String, String> batch,
    double start,
    double time,
    MinionState state,
    @Nullable String failure,
    long succeeded,
    long failed,
    long dead,
    long returned,
    int running,
    List<Item> items,
    Queue queue,
    List<String> output,
    List<String> errors) {
  /** Makes a status. */
  public MinionStatus {
    batch = new LinkedHashMap<>(batch);
    items = List.copyOf(items);
    output = List.copyOf(output);
    errors = List.copyOf(errors);
  }

  /**
   * An item in flight.
   *
   * @param generation its number within the minion, as in its event
   * @param start when the minion was ready for the item
   * @param param the item, as text, shortened
   */
  public record Item(long generation, double start, String param) {}

  /**
   * How many items a queue has. What the queue cannot tell is empty.
   *
   * @param address which queue, without what is secret
   * @param time when it was asked; 0 if it was not asked yet
   * @param ready the items that wait for a minion
   * @param inFlight those that minions have, or that wait for the end of a delay
   * @param done those that were acknowledged
   * @param dead those among the dead letters
   */
  public record Queue(
      String address,
      double time,
      OptionalLong ready,
      OptionalLong inFlight,
      OptionalLong done,
      OptionalLong dead) {
    /** Returns a queue that was not asked yet. */
    public static Queue unknown(String address) {
      return new Queue(
          address,
          0,
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty());
    }
  }
}
