package dev.grain.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What has happened in a simulation: always as a hash, on demand as lines for people. */
final class Trace {
  /** What can happen. */
  enum What {
    JOINED(false),
    DRAINED(false),
    CUT(false),
    FROZEN(false),
    CRASHED(false),
    SUSPENDED(false),
    RESUMED(false),
    LEFT(false),
    SUBMITTED(true),
    CANCELLED(true),
    REFUSED(true),
    STARTED(true),
    INTERRUPTED(true),
    KILLED(true),
    STOPPED(true),
    PRINTED(true),
    ENDED(true);

    private final boolean ofJob;

    What(boolean ofJob) {
      this.ofJob = ofJob;
    }
  }

  private static final long PRIME = 0x100000001B3L;

  private final boolean recording;
  private final List<String> lines = new ArrayList<>();
  private long hash = 0xCBF29CE484222325L;

  Trace(boolean recording) {
    this.recording = recording;
  }

  /**
   * Adds an event.
   *
   * @param time in nanoseconds since the beginning
   * @param what what has happened
   * @param job the number of the job, or of the node if it is about none
   * @param detail a number with more detail
   * @param words the same for people
   */
  void add(long time, What what, long job, long detail, Object... words) {
    mix(time);
    mix(what.name().hashCode());
    mix(job);
    mix(detail);
    if (recording) {
      String text = Arrays.stream(words).map(String::valueOf).collect(Collectors.joining(" "));
      String subject = what.ofJob ? "job " + job : "";
      lines.add(String.format(Locale.ROOT, "%,15d  %-11s %s  %s", time, what, subject, text));
    }
  }

  private void mix(long value) {
    hash = (hash ^ value) * PRIME;
    hash ^= hash >>> 29;
  }

  long hash() {
    return hash;
  }

  List<String> lines() {
    return lines;
  }
}
