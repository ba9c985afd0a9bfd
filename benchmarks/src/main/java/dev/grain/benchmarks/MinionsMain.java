package dev.grain.benchmarks;

import dev.grain.benchmarks.Minions.Work;
import dev.grain.minion.Minion;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueProvider;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.Queues;
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
 * A process that works on a queue all the time: for each line that it is sent, it fills the queue
 * with so many items, and answers how long they took from the first one to the last. Functions wait
 * in the first one until the queue is filled.
 */
final class MinionsMain {
  // of the round that runs, reset between rounds
  private static final AtomicInteger LEFT = new AtomicInteger();
  private static volatile long first;
  private static volatile CountDownLatch filled = new CountDownLatch(0);
  private static volatile CountDownLatch done = new CountDownLatch(0);
  private static volatile long last;

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
    Thread.ofPlatform().daemon().start(() -> work(arguments[0], work, arguments[2]));
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      boolean timed = line.startsWith("timed ");
      int items = Integer.parseInt(timed ? line.substring("timed ".length()) : line);
      begin(items);
      long began = System.nanoTime();
      provider.fill(
          address,
          QueueSettings.DEFAULTS,
          IntStream.range(0, items)
              .mapToObj(i -> String.valueOf(i).getBytes(StandardCharsets.UTF_8))
              .iterator());
      long took = System.nanoTime() - began;
      filled.countDown();
      done.await();
      System.out.println(
          timed ? "timed %s %s".formatted(took, last - first) : "took " + (last - first));
    }
    // clients have threads that keep a JVM alive
    System.exit(0);
  }

  private static void work(String system, Work work, String queue) {
    try {
      if (system.equals("grain")) {
        Minion minion =
            switch (work) {
              case FUNCTION -> Minion.function(_ -> process(work));
              case COMMAND -> Minion.command(Commands.PROGRAM).reporter(new Counter());
            };
        var _ = minion.queue(queue).follow().run();
      } else {
        QueueAddress address = QueueAddress.parse(queue);
        ByHand.of(address.scheme()).work(address, _ -> process(work));
      }
    } catch (Throwable e) {
      e.printStackTrace();
      System.exit(1);
    }
  }

  private static void begin(int items) {
    first = 0;
    LEFT.set(items);
    filled = new CountDownLatch(1);
    done = new CountDownLatch(1);
  }

  /** An item is processed. */
  private static void count() {
    if (first == 0) {
      first = System.nanoTime();
    }
    if (LEFT.decrementAndGet() == 0) {
      last = System.nanoTime();
      done.countDown();
    }
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

  /** Does what is to be done with an item. */
  private static void process(Work work) throws IOException, InterruptedException {
    switch (work) {
      case FUNCTION -> {
        if (first == 0) {
          filled.await();
        }
      }
      case COMMAND -> {
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
    }
    count();
  }
}
