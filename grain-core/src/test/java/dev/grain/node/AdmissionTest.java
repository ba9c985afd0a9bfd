package dev.grain.node;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Allocation;
import dev.grain.Resource;
import dev.grain.bytes.Bytes;
import dev.grain.loop.NettyLoop;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Order;
import dev.grain.message.Orders;
import dev.grain.node.prepare.Ready;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Kind;
import dev.grain.resource.internal.Offer;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What holds when many threads end jobs at the same time. */
final class AdmissionTest {
  private static final int JOBS = 30_000;
  private static final int AT_ONCE = 500;
  private static final int CORES = 4;
  private static final long MEMORY = 8 << 20;
  private static final List<Resource> REQUESTS =
      List.of(cpu(1), cpu(2), cpu(3).and(memory("1MiB")), memory("3MiB"), cpu(1));

  private final AtomicIntegerArray coreHolders = new AtomicIntegerArray(CORES);
  private final AtomicLong memoryHeld = new AtomicLong();
  private final Queue<String> findings = new ConcurrentLinkedQueue<>();
  private final CountDownLatch allEnded = new CountDownLatch(JOBS);
  // only accessed by the loop
  private final Random random = new Random(5);
  private int added;
  private int startsTold;

  @Test
  void ended_byManyThreadsAtOnce_handsNoSlotOutTwice() throws InterruptedException {
    try (NettyLoop loop = NettyLoop.withoutSockets("test")) {
      Offer offer = Offer.of(cpu(CORES).and(memory(MEMORY)), Offer.EMPTY);
      NodeEngine engine = new NodeEngine("node", offer, loop, new EngineLimits(20, 64));
      Threads source = new Threads(engine);
      loop.post(() -> {
        engine.attach(source);
        source.refill(AT_ONCE);
        engine.batchEnded();
      });
      assertThat(allEnded.await(30, TimeUnit.SECONDS)).isTrue();
      CountDownLatch checked = new CountDownLatch(1);
      loop.post(() -> {
        engine.checkInvariants();
        findings.addAll(engine.started().stream().map(NodeJob::toString).toList());
        checked.countDown();
      });
      assertThat(checked.await(30, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(findings).isEmpty();
    assertThat(startsTold).isEqualTo(JOBS);
  }

  /** Runs each job on a thread of its own, and gives another one for each that ends. */
  private final class Threads implements JobSource {
    private final NodeEngine engine;
    private final Intake intake;

    Threads(NodeEngine engine) {
      this.engine = engine;
      this.intake = NodeProbe.intake(engine, this, this::start);
    }

    void refill(int jobs) {
      for (int left = jobs; left > 0 && added < JOBS; left--) {
        Demand demand = Demand.of(REQUESTS.get(random.nextInt(REQUESTS.size())));
        engine.add(new NodeJob(Orders.of(added++, demand), intake));
      }
    }

    private JobRunner.Running start(
        Order order, Allocation allocation, Ready ready, JobRunner.Events events) {
      Thread.startVirtualThread(() -> {
        hold(order.spec().demand(), allocation);
        events.ended(new AttemptEnd.Value(Bytes.empty()));
      });
      return () -> {};
    }

    private void hold(Demand demand, Allocation allocation) {
      if (allocation.cores().size() != demand.amount(Kind.CPU) / Kind.WHOLE
          || allocation.memory() != demand.amount(Kind.MEMORY)) {
        findings.add(allocation + " is not " + demand);
      }
      if (memoryHeld.addAndGet(allocation.memory()) > MEMORY) {
        findings.add("memory is held twice");
      }
      for (int core : allocation.cores()) {
        if (coreHolders.incrementAndGet(core) > 1) {
          findings.add("core " + core + " is held twice");
        }
      }
      for (int turn = 0; turn < 50; turn++) {
        Thread.onSpinWait();
      }
      allocation.cores().forEach(coreHolders::decrementAndGet);
      memoryHeld.addAndGet(-allocation.memory());
    }

    @Override
    public boolean isCongested() {
      return false;
    }

    @Override
    public void onStarted(NodeJob job, Fractions fractions) {
      startsTold++;
    }

    @Override
    public void onEnded(NodeJob job, AttemptEnd end, long ran) {
      refill(1);
      allEnded.countDown();
    }

    @Override
    public void onReturned(NodeJob job) {
      findings.add(job + " was given back");
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
}
