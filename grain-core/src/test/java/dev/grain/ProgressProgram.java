package dev.grain;

import static dev.grain.resource.Resources.cpu;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** What {@link ProgressTest} starts: a program of two seconds that prints, or one without end. */
public final class ProgressProgram {
  private ProgressProgram() {}

  /** Runs what the first argument names, and prints whether the thread of the line is left. */
  public static void main(String[] arguments) {
    RunOptions options = RunOptions.defaults().local(cpu(1)).summary(true);
    switch (arguments[0]) {
      case "prints" -> print(options);
      case "hides" -> print(options.progress(false));
      case "waits" -> wait(options);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.equals("grain-progress"))
        .forEach(name -> System.out.println("left: " + name));
  }

  private static void print(RunOptions options) {
    try (GrainExecutor grain = GrainExecutor.open(options);
        GrainExecutor second = GrainExecutor.open(options.summary(false))) {
      second.submit(cpu(1), ProgressProgram::spin, 1500);
      grain.map(cpu(1), ProgressProgram::step, IntStream.range(0, 100).boxed().toList());
      System.out.print("no end of ");
      System.out.println("line");
    }
  }

  private static int step(int number) {
    spin(20);
    if (number % 10 == 0) {
      System.out.println("out " + number);
      System.err.println("error " + number);
    }
    return number;
  }

  private static void spin(int milliseconds) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  private static void wait(RunOptions options) {
    Grain.runCombine(() -> Grain.exec(cpu(1), () -> new CountDownLatch(1).await()), options);
  }
}
