package dev.grain.benchmarks;

import java.io.BufferedReader;
import java.util.List;

/** A whole program in a JVM without flags, from its start to its end. */
final class ProgramStart {
  private static final String HELLO = "java, hello";
  private static final String WORKER = "java Hello, one job on a running worker";
  private static final String EMBEDDED = "java Hello, one job in the program";

  private final Unpacked grain;

  ProgramStart(Unpacked grain) {
    this.grain = grain;
  }

  void answer(int rounds, Report report) throws Exception {
    try (RunningWorker worker = RunningWorker.start(grain, grain.scratch().resolve("code"))) {
      List<String> hello = grain.program("PlainHello", List.of());
      List<String> remote = grain.program("Hello", List.of(), worker.address());
      List<String> embedded = grain.program("Hello", List.of());
      Interleaved programs =
          new Interleaved()
              .add(HELLO, () -> toItsEnd(hello, "hello", report))
              .add(WORKER, () -> toItsEnd(remote, "hello world", report))
              .add(EMBEDDED, () -> toItsEnd(embedded, "hello world", report))
              .run(rounds);
      report.table(programs.table("A whole program"));
      report.figure("hello", programs.of(WORKER).median() / 1e3);
      double least = programs.of(HELLO).median();
      report.ratio("java Hello", "hello", "program", programs.of(WORKER).median() / least);
      report.ratio(
          "java Hello embedded", "hello", "program", programs.of(EMBEDDED).median() / least);
    }
  }

  private double toItsEnd(List<String> command, String expected, Report report) throws Exception {
    long begin = System.nanoTime();
    Process process = grain.start(command);
    try (BufferedReader output = process.inputReader()) {
      String line = output.readLine();
      int code = process.waitFor();
      double millis = (System.nanoTime() - begin) / 1e6;
      report.require(
          code == 0 && expected.equals(line),
          "A program ended with code %s and printed '%s', not '%s'."
              .formatted(code, line, expected));
      return millis;
    }
  }
}
