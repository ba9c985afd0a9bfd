package dev.grain.benchmarks;

import static dev.grain.resource.Resources.cpu;

import dev.grain.Command;
import dev.grain.GrainExecutor;
import dev.grain.RunOptions;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Starts programs in a JVM of its own: reads how many, and answers how long that took. */
final class CommandsMain {
  private CommandsMain() {}

  /** Takes {@code grain} or {@code builder}, and how many programs run at a time. */
  static void main(String[] arguments) throws IOException {
    int slots = Integer.parseInt(arguments[1]);
    switch (arguments[0]) {
      case "grain" -> {
        RunOptions options = RunOptions.defaults().local(cpu(slots)).progress(false).echo(false);
        try (GrainExecutor executor = GrainExecutor.open(options)) {
          serve(count -> byGrain(executor, count));
        }
      }
      case "builder" -> serve(count -> byHand(slots, count));
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private interface Way {
    void run(int count);
  }

  private static void serve(Way way) throws IOException {
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      long began = System.nanoTime();
      way.run(Integer.parseInt(line));
      System.out.println("took " + (System.nanoTime() - began));
    }
  }

  private static void byGrain(GrainExecutor executor, int count) {
    Command command = Command.template(Commands.PROGRAM, "{}");
    executor.map(cpu(1), command, IntStream.range(0, count).boxed().toList());
  }

  /** Has as many threads as may run at a time, each of which starts one program after another. */
  private static void byHand(int slots, int count) {
    AtomicInteger left = new AtomicInteger(count);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < slots; i++) {
      threads.add(Thread.ofPlatform().start(() -> startUntilNoneIsLeft(left)));
    }
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static void startUntilNoneIsLeft(AtomicInteger left) {
    ProcessBuilder builder =
        new ProcessBuilder(Commands.PROGRAM, "x")
            .redirectInput(new File("/dev/null"))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    try {
      while (left.getAndDecrement() > 0) {
        if (builder.start().waitFor() != 0) {
          throw new IllegalStateException("It failed");
        }
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
