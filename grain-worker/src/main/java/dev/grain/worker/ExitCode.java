package dev.grain.worker;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the exit code of a worker says.
 *
 * <p>The launcher knows them too: with {@code --respawn} it starts a worker again after those where
 * {@link #startsAgain()}, and after a kill.
 */
enum ExitCode {
  ENDED(0, false, "ended as asked: drained after a signal, or the run of --once is over"),
  FAILED(1, true, "failed for another reason than those below; the message says which"),
  USAGE(2, false, "something on the command line is wrong"),
  /** The JVM's own, by {@code -XX:+ExitOnOutOfMemoryError}. */
  OUT_OF_MEMORY(3, true, "out of memory: the heap was too small for the jobs"),
  PORT(4, false, "the port is in use, or the address is not of this machine"),
  KEY(5, false, "the cluster key cannot be read, or others can read it"),
  CACHE(6, false, "the folder of the code cache cannot be used"),
  ENDED_BY_JOB(70, true, "a job called System.exit"),
  HURRIED(143, false, "ended at once by a second signal, while it drained");

  private final int number;
  private final boolean startsAgain;
  private final String meaning;

  ExitCode(int number, boolean startsAgain, String meaning) {
    this.number = number;
    this.startsAgain = startsAgain;
    this.meaning = meaning;
  }

  int number() {
    return number;
  }

  /** Tells whether a worker that ended so would do better when started again. */
  boolean startsAgain() {
    return startsAgain;
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
