package dev.grain.worker;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The exit codes of a worker. The launcher knows them too: after some of them it starts a worker of
 * {@code --respawn} again.
 */
enum ExitCode {
  ENDED(
      0,
      "ended as requested: drained after a signal or for --until, or the run of --once has "
          + "ended"),
  FAILED(1, "failed for another reason; see the message"),
  USAGE(2, "the command line is wrong"),
  /** As the JVM's own, by {@code -XX:+ExitOnOutOfMemoryError}. */
  OUT_OF_MEMORY(
      3, "drained because a job ran out of memory, or ended at once because the worker itself did"),
  PORT(4, "the port is in use, or the address does not belong to this machine"),
  KEY(5, "the cluster key cannot be read, or others can read it"),
  CACHE(6, "the directory of the code cache cannot be used"),
  ENFORCEMENT(7, "the limits of jobs cannot be enforced as required"),
  ENDED_BY_JOB(70, "a job called System.exit"),
  HURRIED(143, "ended at once by a second signal while it drained");

  private final int number;
  private final String meaning;

  ExitCode(int number, String meaning) {
    this.number = number;
    this.meaning = meaning;
  }

  int number() {
    return number;
  }

  /** Returns number and meaning of each, for the help. */
  static Map<String, String> meanings() {
    Map<String, String> meanings = new LinkedHashMap<>();
    for (ExitCode code : values()) {
      meanings.put(Integer.toString(code.number), code.meaning);
    }
    return meanings;
  }
}
