package dev.grain.benchmarks;

import static dev.grain.resource.Resources.cpu;

import dev.grain.Grain;
import dev.grain.RunOptions;
import dev.grain.WaitGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A head in a JVM of its own that writes a journal, or looks at what it keeps of the one that
 * another life has written.
 */
final class JournalMain {
  // counts the jobs that run in this JVM
  private static final AtomicInteger RAN = new AtomicInteger();

  private JournalMain() {}

  /** Takes {@code write} or {@code read}, the journal, and the number of jobs. */
  static void main(String[] arguments) throws IOException {
    Tether.endWithInput();
    Path file = Path.of(arguments[1]);
    int jobs = Integer.parseInt(arguments[2]);
    switch (arguments[0]) {
      case "write" -> write(file, jobs);
      case "read" -> read(file, jobs);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static RunOptions options(Path file) {
    return RunOptions.defaults().local(cpu(2)).progress(false).journal(file);
  }

  private static void write(Path file, int jobs) throws IOException {
    System.out.println("sum " + Grain.runCombine(() -> sum(jobs), options(file)));
    System.out.println("file " + (double) Files.size(file) / jobs);
  }

  private static void read(Path file, int jobs) {
    Path empty = file.resolveSibling("empty.journal");
    long before = Grain.runCombine(QueueMain::liveHeap, options(empty));
    long began = System.nanoTime();
    Grain.runCombine(
        () -> {
          long nanos = System.nanoTime() - began;
          System.out.println("millis " + (double) nanos / TimeUnit.MILLISECONDS.toNanos(1));
          System.out.println("heap " + (double) (QueueMain.liveHeap() - before) / jobs);
          sum(jobs);
        },
        options(file));
    System.out.println("ran " + RAN.get());
  }

  static int count(int number) {
    RAN.incrementAndGet();
    return Jobs.increment(number);
  }

  private static long sum(int jobs) {
    WaitGroup group = Grain.openWaitGroup();
    try (group) {
      for (int i = 0; i < jobs; i++) {
        group.submit(cpu(1), JournalMain::count, i);
      }
    }
    long sum = 0;
    List<Integer> results = group.results(Integer.class);
    for (int result : results) {
      sum += result;
    }
    return sum;
  }
}
