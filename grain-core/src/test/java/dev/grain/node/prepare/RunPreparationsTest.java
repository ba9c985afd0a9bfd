package dev.grain.node.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.bytes.Bytes;
import dev.grain.loop.NettyLoop;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.message.Isolation;
import dev.grain.message.Needs;
import dev.grain.message.Order;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is made ready for the jobs of a run, and who lets go of it. */
final class RunPreparationsTest {
  private static final Order.Setting SETTING =
      new Order.Setting(
          CodeRef.OWN,
          Isolation.NONE,
          new Needs(new Needs.Folders(List.of("/code")), Bytes.empty()).encode());

  private final CountDownLatch mayBeRemoved = new CountDownLatch(1);
  private final AtomicReference<String> removedBy = new AtomicReference<>("");
  private final NettyLoop loop = NettyLoop.withoutSockets("test-loop");
  private final NodePreparer node = new NodePreparer(loop, SlowToRemove::new, false);
  private final Preparations preparations = node.forRun(Logins.NONE);

  /** Makes something ready that takes long to remove. */
  private final class SlowToRemove implements Preparer {
    @Override
    public Ready prepare(Order.Setting setting, Logins logins, Progress progress) {
      return new Ready(
          List.of(), null, List.of(), List.of(), Map.of(), Set.of(), "", List.of(this::remove));
    }

    private void remove() {
      try {
        mayBeRemoved.await();
        removedBy.set(Thread.currentThread().getName());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() {}
  }

  @AfterEach
  void close() {
    mayBeRemoved.countDown();
    node.close();
    loop.close();
  }

  private void prepare() throws Exception {
    CompletableFuture<Optional<AttemptEnd>> done = new CompletableFuture<>();
    loop.post(() ->
        preparations.prepare(SETTING, _ -> {}, end -> done.complete(Optional.ofNullable(end))));
    assertThat(done.get()).isEmpty();
  }

  private void closePreparations() throws Exception {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    loop.post(() -> {
      preparations.close();
      closed.complete(null);
    });
    closed.get();
  }

  @Test
  void close_doesNotBlockTheLoop_andTheNodeWaitsForTheRest() throws Exception {
    prepare();
    closePreparations();
    assertThat(removedBy).hasValue("");

    mayBeRemoved.countDown();
    node.close();
    assertThat(removedBy).hasValue("grain-let-go");
  }

  @Test
  void close_afterThatOfTheNode_letsGoAtOnce() throws Exception {
    prepare();
    node.close();

    mayBeRemoved.countDown();
    closePreparations();
    assertThat(removedBy).hasValue("test-loop");
  }
}
