package dev.grain.benchmarks.pieces;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static dev.grain.resource.Resources.memory;
import static dev.grain.resource.Resources.node;

import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Lease;
import dev.grain.resource.internal.Offer;
import dev.grain.resource.internal.Slots;
import java.util.Objects;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What it costs to give a job its slots and to take them back, on a node with 64 cores. */
@State(Scope.Thread)
public class SlotsBenchmark {
  private static final int HELD = 32;

  private final Demand core = Demand.of(cpu(1));
  private final Demand several = Demand.of(cpu(2.5).and(memory("1GiB")).and(custom("PROBE", 0.5)));
  private final Slots slots = halfTaken();

  private Slots halfTaken() {
    Slots taken = new Slots(Offer.of(node(64, "256GiB").and(custom("PROBE", 100)), Offer.EMPTY));
    for (int i = 0; i < HELD; i++) {
      Objects.requireNonNull(taken.take(core, false));
    }
    return taken;
  }

  /** One core. */
  @Benchmark
  public void oneSlotGrain() {
    takeAndRelease(core);
  }

  /** Two and a half cores, memory, and a kind of one's own. */
  @Benchmark
  public void severalSlotsGrain() {
    takeAndRelease(several);
  }

  private void takeAndRelease(Demand demand) {
    Lease lease = Objects.requireNonNull(slots.take(demand, false));
    lease.close();
  }
}
