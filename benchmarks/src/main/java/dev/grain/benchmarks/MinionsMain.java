package dev.grain.benchmarks;

import dev.grain.benchmarks.Minions.Work;
import dev.grain.minion.Minion;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueProvider;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.Queues;
import dev.grain.minion.RunningMinion;
import dev.grain.minion.report.MinionEvent;
import dev.grain.minion.report.Reporter;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * A process that works on a queue: for each line that it is sent, it fills the queue with so many
 * items, processes them, and answers how long that took from the first one to the last.
 */
final class MinionsMain {
  // of the round that runs, reset between rounds
  private static final AtomicInteger LEFT = new AtomicInteger();
  private static volatile long first;
  private static volatile long last;
  private static volatile CountDownLatch done = new CountDownLatch(0);

  private MinionsMain() {}

  /**
   * Serves until its input ends.
   *
   * @param arguments {@code grain} or {@code by-hand}, what is done with an item, and the queue
   */
  static void main(String[] arguments) throws Exception {
    Work work = Work.of(arguments[1]);
    QueueAddress address = QueueAddress.parse(arguments[2]);
    QueueProvider provider = Queues.of(address);
    provider.create(address, QueueSettings.DEFAULTS);
    Round round =
        arguments[0].equals("grain")
            ? () -> byGrain(work, arguments[2])
            : () -> ByHand.of(address.scheme()).work(address, () -> process(work));
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      boolean timed = line.startsWith("timed ");
      int items = Integer.parseInt(timed ? line.substring("timed ".length()) : line);
      long began = System.nanoTime();
      provider.fill(
          address,
          QueueSettings.DEFAULTS,
          IntStream.range(0, items)
              .mapToObj(i -> String.valueOf(i).getBytes(StandardCharsets.UTF_8))
              .iterator());
      long filled = System.nanoTime() - began;
      begin(items);
      round.run();
      long took = last - first;
      System.out.println(timed ? "timed %s %s".formatted(filled, took) : "took " + took);
    }
  }

  private interface Round {
    /** Processes all items of the round. */
    void run() throws Exception;
  }

  private static void begin(int items) {
    LEFT.set(items);
    first = 0;
    done = new CountDownLatch(1);
  }

  /** An item is processed; returns whether further ones are to come. */
  private static boolean count() {
    int left = LEFT.decrementAndGet();
    if (first == 0) {
      first = System.nanoTime();
    }
    if (left == 0) {
      last = System.nanoTime();
      done.countDown();
    }
    return left > 0;
  }

  private static void byGrain(Work work, String address) throws Exception {
    Minion minion =
        switch (work) {
          case FUNCTION -> Minion.function(_ -> count());
          case COMMAND -> Minion.command(Commands.PROGRAM).reporter(new Counter());
        };
    RunningMinion running = minion.queue(address).follow().start();
    done.await();
    running.stop();
    running.await();
  }

  /** Counts commands when they have ended. */
  private static final class Counter implements Reporter {
    @Override
    public void fire(MinionEvent event) {
      count();
    }

    @Override
    public void close() {}
  }

  /** Does by hand what is to be done with an item; returns whether further ones are to come. */
  private static boolean process(Work work) throws IOException, InterruptedException {
    if (work == Work.COMMAND) {
      int code =
          new ProcessBuilder(Commands.PROGRAM, "x")
              .redirectInput(new File("/dev/null"))
              .inheritIO()
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor();
      if (code != 0) {
        throw new IllegalStateException("It failed");
      }
    }
    return count();
  }
}
