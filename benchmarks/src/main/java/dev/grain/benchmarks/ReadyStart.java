package dev.grain.benchmarks;

import java.io.BufferedReader;
import java.util.List;

/**
 * From the start of a process, seen by its parent, to the line that reports that it is ready: the
 * launcher of a worker with all that it does, and what a JVM and Netty take at least.
 */
final class ReadyStart {
  private static final String HELLO = "java, hello";
  private static final String BIND = "java, Netty binds a port";
  private static final String CACHED = "grain-worker, with its cache";
  private static final String PLAIN = "grain-worker, without";

  private final Unpacked plain;
  private final Unpacked cached;

  ReadyStart(Unpacked plain, Unpacked cached) {
    this.plain = plain;
    this.cached = cached;
  }

  void answer(int rounds, Report report) throws Exception {
    List<String> hello = plain.program("PlainHello", List.of());
    List<String> bind = plain.program("BindOnly", List.of());
    Interleaved starts =
        new Interleaved()
            .add(HELLO, () -> untilLine(plain, hello, "hello"))
            .add(BIND, () -> untilLine(plain, bind, "ready"))
            .add(CACHED, () -> untilLine(cached, cached.worker("w"), "grain-worker w ready"))
            .add(PLAIN, () -> untilLine(plain, plain.worker("w"), "grain-worker w ready"))
            .run(rounds);
    report.table(starts.table("From exec to ready, by the clock of the parent"));
    report.figure("ready-cached", starts.of(CACHED).median() / 1e3);
    report.figure("ready", starts.of(PLAIN).median() / 1e3);
    double least = starts.of(HELLO).median();
    report.ratio("grain-worker", "hello", "start", starts.of(CACHED).median() / least);
    report.ratio("grain-worker without cache", "hello", "start", starts.of(PLAIN).median() / least);
    report.ratio(
        "grain-worker", "netty", "start", starts.of(CACHED).median() / starts.of(BIND).median());
  }

  private static double untilLine(Unpacked grain, List<String> command, String word)
      throws Exception {
    long begin = System.nanoTime();
    Process process = grain.start(command);
    try (BufferedReader output = process.inputReader()) {
      Unpacked.await(output, word);
      return (System.nanoTime() - begin) / 1e6;
    } finally {
      process.destroyForcibly().waitFor();
    }
  }
}
