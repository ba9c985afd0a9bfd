package dev.grain.node;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Resource;
import dev.grain.bytes.Bytes;
import dev.grain.loop.ManualLoop;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Order;
import dev.grain.message.Orders;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Offer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A source without a head, which takes work from a queue of its own when there is room for it. */
final class PullingSourceTest {
  private static final List<Resource> REQUESTS =
      List.of(cpu(1), cpu(2), cpu(1).and(memory("1GiB")), cpu(4), memory("3GiB"));

  private final ManualLoop loop = new ManualLoop();
  private final NodeEngine engine =
      new NodeEngine(
          "node", Offer.of(cpu(4).and(memory("8GiB")), Offer.EMPTY), loop, new EngineLimits(3, 8));
  private final SplittableRandom random = new SplittableRandom(7);
  private final List<NodeJob> running = new ArrayList<>();
  private long lastNumber;

  /** Counts what becomes of its jobs. */
  private class Source implements JobSource {
    final Intake intake = NodeProbe.intake(engine, this, (_, _, _, _) -> () -> {});

    int added;
    int started;
    int ended;

    void add(Demand demand) {
      Order order = Orders.of(++lastNumber, demand);
      added++;
      intake.take(new NodeJob(order, intake));
    }

    @Override
    public boolean isCongested() {
      return false;
    }

    @Override
    public void onStarted(NodeJob job, Fractions fractions) {
      started++;
      running.add(job);
    }

    @Override
    public void onEnded(NodeJob job, AttemptEnd end, long ran) {
      ended++;
    }

    @Override
    public void onReturned(NodeJob job) {
      throw new AssertionError(job + " was given back");
    }

    @Override
    public void onDraining() {}

    @Override
    public void onNotStopping(NodeJob job, boolean timedOut) {}

    @Override
    public void onOutput(NodeJob job, Bytes text, boolean error) {}

    @Override
    public void onOutputLeftOut(NodeJob job, long bytes, boolean error) {}

    @Override
    public void flush() {}
  }

  /** Adds work only when it starts at once. */
  private final class Puller extends Source {
    private final Deque<Demand> work = new ArrayDeque<>();

    void pull() {
      while (!work.isEmpty() && engine.hasRoom(work.element())) {
        add(work.remove());
      }
      if (!work.isEmpty()) {
        engine.awaitRoom(this);
      }
    }

    @Override
    public void onRoom() {
      pull();
    }

    void assertHoldsNoneThatWaits() {
      assertThat(started).isEqualTo(added);
    }
  }

  @Test
  void queueOfWork_isDoneAsFastAsItFits_andNothingOfItWaitsAtTheEngine() {
    Puller puller = new Puller();
    for (int left = 1_000; left > 0; left--) {
      puller.work.add(randomDemand());
    }
    puller.pull();
    engine.batchEnded();
    while (!running.isEmpty()) {
      puller.assertHoldsNoneThatWaits();
      assertThat(puller.work.isEmpty() || !engine.hasRoom(puller.work.element())).isTrue();
      endOne();
    }
    assertThat(puller.work).isEmpty();
    assertThat(puller.ended).isEqualTo(1_000);
    engine.checkInvariants();
  }

  @Test
  void queueOfWork_besideASourceThatPushes_isDoneToo() {
    Puller puller = new Puller();
    Source pusher = new Source();
    for (int left = 500; left > 0; left--) {
      puller.work.add(randomDemand());
    }
    puller.pull();
    engine.batchEnded();
    for (int round = 0; round < 3_000; round++) {
      if (pusher.added < 500 && random.nextInt(3) == 0) {
        pusher.add(randomDemand());
        engine.batchEnded();
      }
      endOne();
      puller.assertHoldsNoneThatWaits();
      engine.checkInvariants();
    }
    assertThat(puller.ended).isEqualTo(500);
    assertThat(pusher.ended).isEqualTo(500);
  }

  @Test
  void hasRoom_countsWhatHasComeBefore_andStartsNothing() {
    Source pusher = new Source();
    Demand half = Demand.of(cpu(2));
    assertThat(engine.hasRoom(half)).isTrue();
    pusher.add(half);
    assertThat(engine.hasRoom(half)).isTrue();
    pusher.add(half);
    assertThat(engine.hasRoom(half)).isFalse();
    assertThat(engine.hasRoom(Demand.of(memory("8GiB")))).isTrue();
    assertThat(pusher.started).isZero();
    engine.batchEnded();
    assertThat(pusher.started).isEqualTo(2);
    assertThat(engine.hasRoom(Demand.of(cpu(1)))).isFalse();
  }

  @Test
  void hasRoom_whereOneThatWaitsLetsNoOtherPass_isFalse() {
    Source pusher = new Source();
    pusher.add(Demand.of(cpu(3)));
    pusher.add(Demand.of(cpu(4)));
    engine.batchEnded();
    Demand small = Demand.of(memory("1MiB"));
    for (int passing = 0; passing < 3; passing++) {
      assertThat(engine.hasRoom(small)).isTrue();
      pusher.add(small);
      engine.batchEnded();
    }
    assertThat(engine.hasRoom(small)).isFalse();
  }

  @Test
  void onRoom_isCalledOnce_whenAJobHasEnded_andNotWhileDraining() {
    List<String> calls = new ArrayList<>();
    Source asking =
        new Source() {
          @Override
          public void onRoom() {
            calls.add("room");
          }
        };
    asking.add(Demand.of(cpu(2)));
    asking.add(Demand.of(cpu(2)));
    engine.batchEnded();
    engine.awaitRoom(asking);
    engine.batchEnded();
    assertThat(calls).isEmpty();
    endOne();
    endOne();
    assertThat(calls).containsExactly("room");
    engine.drain(() -> calls.add("idle"));
    assertThat(engine.hasRoom(Demand.of(cpu(1)))).isFalse();
    assertThat(calls).containsExactly("room", "idle");
  }

  private Demand randomDemand() {
    return Demand.of(REQUESTS.get(random.nextInt(REQUESTS.size())));
  }

  /** Ends one of the jobs that run, if any does. */
  private void endOne() {
    if (!running.isEmpty()) {
      running.remove(random.nextInt(running.size())).ended(new AttemptEnd.Value(Bytes.empty()));
      loop.pass(1);
    }
  }
}
