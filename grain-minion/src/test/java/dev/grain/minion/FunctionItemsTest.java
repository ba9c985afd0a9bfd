package dev.grain.minion;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Items that a function is called for, many of them in one job. */
final class FunctionItemsTest {
  // functions of minions find the test by these, as what they capture is copied
  private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();
  private static volatile CountDownLatch begun = new CountDownLatch(1);
  private static volatile CountDownLatch release = new CountDownLatch(1);

  @TempDir private Path temporary;

  private final ByteArrayOutputStream noted = new ByteArrayOutputStream();
  private QueueAddress address = QueueAddress.parse("file:none");

  @BeforeEach
  void create() throws QueueException {
    SEEN.clear();
    begun = new CountDownLatch(1);
    release = new CountDownLatch(1);
    // so long that nothing comes to others by its end
    address = QueueAddress.parse("file:" + temporary.resolve("sweeps") + "?lease=1h");
    Queues.of(address).create(address, QueueSettings.DEFAULTS);
  }

  private void fill(String... items) throws QueueException {
    Queues.of(address)
        .fill(
            address,
            QueueSettings.DEFAULTS,
            Arrays.stream(items).map(item -> item.getBytes(UTF_8)).iterator());
  }

  private Minion minion(Minion minion) {
    return minion
        .queue(address.toString())
        .retryDelay(Duration.ZERO)
        .print(System.out, new PrintStream(noted, true, UTF_8));
  }

  private QueueStats stats() throws QueueException {
    return Queues.of(address).stat(address, QueueSettings.DEFAULTS);
  }

  private static String[] numbersAnd(String... others) {
    return Stream.concat(
            Arrays.stream(others), IntStream.range(0, 1000).mapToObj(Integer::toString))
        .toArray(String[]::new);
  }

  private static void handle(Parameter parameter) throws InterruptedException {
    switch (parameter.text()) {
      case "wait" -> {
        begun.countDown();
        release.await();
      }
      case "overflow" -> overflow(1);
      case "assert" -> throw new AssertionError("it is assert");
      default -> {}
    }
    SEEN.add(parameter.text());
    if (SEEN.size() == 1000) {
      release.countDown();
    }
  }

  private static int overflow(int depth) {
    return depth == 0 ? 0 : overflow(depth + 1) + depth;
  }

  @Test
  void longItem_holdsNoOther() throws Exception {
    // it is released by the last of the others
    fill(numbersAnd("wait"));
    MinionResult result = minion(Minion.function(FunctionItemsTest::handle)).parallel(2).run();
    assertThat(result.succeeded()).isEqualTo(1001);
    assertThat(SEEN).hasSize(1001);
  }

  @Test
  void itemsThatAMinionTookAhead_goToOthers_whenOneBeforeThemIsLong() throws Exception {
    List<String> items = new ArrayList<>(List.of(numbersAnd()));
    items.add(500, "wait");
    fill(items.toArray(String[]::new));
    // it has taken some behind the long item, which is released by the last of the others
    RunningMinion one = minion(Minion.function(FunctionItemsTest::handle)).start();
    begun.await();
    // what nobody has begun does not count as delivered
    MinionResult second = minion(Minion.function(FunctionItemsTest::handle)).maxDeliveries(1).run();
    MinionResult first = one.await();
    assertThat(SEEN).hasSize(1001);
    assertThat(first.succeeded() + second.succeeded()).isGreaterThanOrEqualTo(1001);
    assertThat(stats().dead()).hasValue(0);
  }

  @Test
  void errorOfAnItem_failsItAlone() throws Exception {
    fill(numbersAnd("overflow", "assert"));
    MinionResult result =
        minion(Minion.function(FunctionItemsTest::handle)).onFailure(OnFailure.DEAD).run();
    assertThat(result.succeeded()).isEqualTo(1000);
    assertThat(result.dead()).isEqualTo(2);
    assertThat(noted.toString(UTF_8))
        .contains("item overflow failed: java.lang.StackOverflowError")
        .contains("item assert failed: java.lang.AssertionError: it is assert");
  }

  @Test
  void stop_givesBackTheItemThatRuns_andThoseBehindIt() throws Exception {
    fill(numbersAnd("wait"));
    RunningMinion running =
        minion(Minion.function(FunctionItemsTest::handle)).grace(Duration.ZERO).start();
    begun.await();
    running.stop();
    MinionResult result = running.await();
    assertThat(result.killed()).isTrue();
    assertThat(result.returned()).isPositive();
    assertThat(SEEN).doesNotContain("wait");
    assertThat(stats().ready()).hasValue(1001 - SEEN.size());
    release.countDown();
    MinionResult rest = minion(Minion.function(FunctionItemsTest::handle)).run();
    assertThat(result.succeeded() + rest.succeeded()).isEqualTo(1001);
  }

  @Test
  void stop_givesBackAtOnceWhatHasNotBegun_whileAnItemRuns() throws Exception {
    List<String> items = new ArrayList<>(List.of(numbersAnd()));
    items.add(500, "wait");
    fill(items.toArray(String[]::new));
    RunningMinion one =
        minion(Minion.function(FunctionItemsTest::handle)).grace(Duration.ofHours(1)).start();
    begun.await();
    one.stop();
    // the item that runs is released by the last of the others
    MinionResult second = minion(Minion.function(FunctionItemsTest::handle)).maxDeliveries(1).run();
    MinionResult first = one.await();
    assertThat(first.killed()).isFalse();
    assertThat(first.succeeded() + second.succeeded()).isEqualTo(1001);
    assertThat(SEEN).hasSize(1001);
  }

  @Test
  void timeLimit_isThatOfOneItem() throws Exception {
    fill("wait", "0", "1");
    MinionResult result =
        minion(Minion.function(FunctionItemsTest::handle)).timeout(Duration.ofMillis(300)).run();
    assertThat(result.failed()).isPositive();
    assertThat(result.succeeded() + result.failed()).isEqualTo(3);
    assertThat(SEEN).doesNotContain("wait");
    assertThat(noted.toString(UTF_8)).contains("item wait failed: ").contains("timed out");
  }

  @Test
  void functionThatCannotBeCopied_endsTheMinion_andKeepsTheItems() throws Exception {
    fill(numbersAnd());
    Thread captured = Thread.currentThread();
    // more often than an item is delivered to minions that die
    for (int i = 0; i < 6; i++) {
      assertThatThrownBy(() ->
              minion(Minion.function(parameter -> SEEN.add(parameter + captured.getName()))).run())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("The minion has ended, as jobs cannot be started: ")
          .hasMessageContaining("Thread");
    }
    assertThat(stats().ready()).hasValue(1000);
    MinionResult result = minion(Minion.function(FunctionItemsTest::handle)).run();
    assertThat(result.succeeded()).isEqualTo(1000);
    assertThat(stats().dead()).hasValue(0);
  }
}
