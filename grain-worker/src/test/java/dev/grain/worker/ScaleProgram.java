package dev.grain.worker;

import static dev.grain.resource.Resources.capacity;
import static dev.grain.resource.Resources.cpu;

import dev.grain.Grain;
import dev.grain.RunOptions;
import dev.grain.WaitGroup;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A program that gives its workers much to do; prints a line for each part that ended right. */
final class ScaleProgram {
  private static final int SMALL = 100_000;
  private static final int BLOCKING = 300;
  private static final int GROUPS = 10_000;
  private static final int LARGE = 1 << 30;

  private ScaleProgram() {}

  private static int next(int number) {
    return number + 1;
  }

  /**
   * Runs all parts.
   *
   * @param arguments the file of the key, the port of a gate, the addresses of the workers
   */
  public static void main(String[] arguments) {
    int gate = Integer.parseInt(arguments[1]);
    List<String> workers = Stream.of(arguments).skip(2).toList();
    RunOptions options =
        RunOptions.defaults().key(Path.of(arguments[0])).workers(workers).progress(false);
    Grain.runCombine(
        () -> {
          part("small", ScaleProgram::small);
          part("blocking", () -> blocking(gate));
          part("groups", ScaleProgram::groups);
          part("large", ScaleProgram::large);
        },
        options);
  }

  private static void part(String name, Runnable part) {
    long start = System.nanoTime();
    part.run();
    System.out.println(name + " " + (System.nanoTime() - start) / 1_000_000 + " ms");
  }

  private static void ensure(boolean right, String what) {
    if (!right) {
      throw new IllegalStateException(what);
    }
  }

  private static void small() {
    WaitGroup group = Grain.openWaitGroup();
    try (group) {
      for (int number = 0; number < SMALL; number++) {
        group.submit(cpu(1), ScaleProgram::next, number);
      }
    }
    ensure(
        group.results(int.class).equals(IntStream.rangeClosed(1, SMALL).boxed().toList()),
        "the results of the small jobs");
  }

  /** All of them are at the gate at the same time. */
  private static void blocking(int gate) {
    try (WaitGroup group = Grain.openWaitGroup()) {
      for (int number = 0; number < BLOCKING; number++) {
        group.submit(capacity(1), Gate::enter, gate, "blocking");
      }
    }
  }

  private static void groups() {
    long sum = 0;
    for (int number = 0; number < GROUPS; number++) {
      WaitGroup group = Grain.openWaitGroup();
      try (group) {
        group.submit(cpu(1), ScaleProgram::next, number);
        group.submit(cpu(0.5), ScaleProgram::next, number);
      }
      sum += group.results(Integer.class).stream().mapToInt(each -> each).sum();
    }
    ensure(sum == (long) GROUPS * (GROUPS + 1), "the results of the groups: " + sum);
  }

  private static void large() {
    byte[] value = new byte[LARGE];
    Arrays.fill(value, (byte) 3);
    long sum = Grain.exec(cpu(1), ScaleProgram::sum, value);
    ensure(sum == 3L * value.length, "the sum of the large argument: " + sum);
  }

  private static long sum(byte[] value) {
    long sum = 0;
    for (byte each : value) {
      sum += each;
    }
    return sum;
  }
}
