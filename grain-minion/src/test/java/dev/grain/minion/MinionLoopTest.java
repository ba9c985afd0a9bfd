package dev.grain.minion;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Command;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a minion has a queue write down what that has collected. */
final class MinionLoopTest {
  // functions of minions find the test by these, as what they capture is copied
  private static final Set<String> UNCOUNTED = ConcurrentHashMap.newKeySet();
  private static volatile Collecting queue = new Collecting();
  private static volatile @Nullable MinionLoop loop;
  private static volatile CountDownLatch written = new CountDownLatch(1);

  private final Minion.Settings settings = new Minion.Settings();

  /** A queue that keeps what it is told in its memory until it is to be written. */
  private static final class Collecting implements QueueEngine {
    // all only accessed by the thread of the loop
    private final List<String> items;
    private final List<String> collected = new ArrayList<>();
    private final List<String> late = new ArrayList<>();
    private int delivered;
    private int open;
    private int most;
    private long pauseNanos;

    // read by functions
    private final Set<String> safe = ConcurrentHashMap.newKeySet();

    Collecting(String... items) {
      this.items = List.of(items);
    }

    private void collect(String line) {
      collected.add(line);
      most = Math.max(most, collected.size());
    }

    @Override
    public @Nullable Delivery next(Duration patience) {
      if (!patience.isZero()) {
        late.addAll(collected);
        stopLoop();
      }
      if (delivered == items.size()) {
        return null;
      }
      long from = System.nanoTime();
      for (long left = pauseNanos; left > 0; left = from + pauseNanos - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      String item = items.get(delivered);
      delivered++;
      open++;
      collect("delivered " + item);
      return new Item(item);
    }

    @Override
    public void flush() {
      safe.addAll(collected);
      collected.clear();
      if (safe.stream().filter(line -> line.startsWith("done ")).count() == items.size() - 1) {
        written.countDown();
      }
    }

    @Override
    public boolean isDrained() {
      return delivered == items.size() && open == 0;
    }

    @Override
    public QueueStats stats() {
      return QueueStats.UNKNOWN;
    }

    @Override
    public void close() {
      late.addAll(collected);
    }

    private final class Item extends DeliveredItem {
      Item(String text) {
        super(text, text.getBytes(UTF_8), 1, Duration.ofHours(1));
      }

      private void leave(String how) {
        end();
        open--;
        collect(how + " " + id());
      }

      @Override
      public void extend() {}

      @Override
      public void ack() {
        leave("done");
      }

      @Override
      public void nack(Duration delay) {
        leave("back");
      }

      @Override
      public void dead(String reason) {
        leave("dead");
      }
    }
  }

  @BeforeEach
  void forget() {
    UNCOUNTED.clear();
    written = new CountDownLatch(1);
    settings.err = new PrintStream(new ByteArrayOutputStream(), true, UTF_8);
    settings.out = settings.err;
  }

  private MinionResult run(MinionWork work, String... items) throws Exception {
    queue = new Collecting(items);
    return run(work);
  }

  private MinionResult run(MinionWork work) throws Exception {
    MinionLoop made = new MinionLoop(work, settings, Room.of(settings), queue);
    loop = made;
    return made.run();
  }

  private static void stopLoop() {
    MinionLoop running = loop;
    if (running != null) {
      running.stop();
    }
  }

  private static String[] numbersAnd(String last) {
    List<String> items = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      items.add(Integer.toString(i));
    }
    items.add(last);
    return items.toArray(String[]::new);
  }

  private static void begin(Parameter parameter) {
    if (!queue.safe.contains("delivered " + parameter.text())) {
      UNCOUNTED.add(parameter.text());
    }
  }

  private static void handle(Parameter parameter) throws InterruptedException {
    begin(parameter);
    switch (parameter.text()) {
      case "wait" -> written.await();
      case "stop" -> stopLoop();
      default -> {}
    }
  }

  @Test
  void items_begin_whenTheirDeliveriesAreWritten() throws Exception {
    settings.parallel = 2;
    MinionResult result = run(new MinionWork.OfFunction(MinionLoopTest::handle), numbersAnd("end"));
    assertThat(result.succeeded()).isEqualTo(301);
    assertThat(UNCOUNTED).isEmpty();
    assertThat(queue.late).isEmpty();
  }

  @Test
  void hooks_begin_whenTheDeliveriesOfTheirItemsAreWritten() throws Exception {
    settings.setup = MinionLoopTest::begin;
    var _ = run(new MinionWork.OfFunction(MinionLoopTest::handle), numbersAnd("end"));
    assertThat(UNCOUNTED).isEmpty();
  }

  @Test
  void itemsThatWereTaken_begin_whileTheQueueTakesLongToGiveOthers() throws Exception {
    settings.parallel = 64;
    queue = new Collecting(Arrays.copyOf(numbersAnd("end"), 20));
    // such as a broker that is far away, or that has to be connected to again
    queue.pauseNanos = 10_000_000;
    var _ = run(new MinionWork.OfFunction(MinionLoopTest::handle));
    assertThat(queue.most).isLessThan(10);
  }

  @Test
  void itemsThatAreDone_areWritten_whileAnotherRuns() throws Exception {
    settings.parallel = 2;
    // it ends when that is so
    MinionResult result =
        run(new MinionWork.OfFunction(MinionLoopTest::handle), numbersAnd("wait"));
    assertThat(result.succeeded()).isEqualTo(301);
  }

  @Test
  void itemsThatAreDone_areWritten_beforeTheMinionWaitsForOthers() throws Exception {
    settings.follow = true;
    // the queue stops it when it is to wait
    MinionResult result = run(new MinionWork.OfFunction(MinionLoopTest::handle), "0", "1");
    assertThat(result.succeeded()).isEqualTo(2);
    assertThat(queue.late).isEmpty();
  }

  @Test
  void itemThatIsDoneWhileTheMinionStops_isWritten_beforeItsJobsAreWaitedFor() throws Exception {
    MinionResult result =
        run(new MinionWork.OfFunction(MinionLoopTest::handle), numbersAnd("stop"));
    assertThat(result.stopped()).isTrue();
    assertThat(result.succeeded() + result.returned()).isEqualTo(301);
    // the queue is closed after that
    assertThat(queue.late).isEmpty();
  }

  @Test
  void dryRun_writesEachDelivery_beforeCodeMakesTheCommand() throws Exception {
    settings.dryRun = true;
    MinionResult result =
        run(
            new MinionWork.OfCommand(parameter -> {
              begin(parameter);
              return Command.of("echo", parameter.text());
            }),
            numbersAnd("end"));
    assertThat(result.succeeded()).isEqualTo(301);
    assertThat(UNCOUNTED).isEmpty();
    assertThat(queue.most).isLessThan(10);
  }
}
