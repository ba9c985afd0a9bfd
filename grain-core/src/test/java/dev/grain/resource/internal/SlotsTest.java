package dev.grain.resource.internal;

import static dev.grain.resource.Resources.capacity;
import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.memory;
import static dev.grain.resource.Resources.none;
import static dev.grain.resource.Resources.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.Allocation;
import dev.grain.Resource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SlotsTest {
  private static final long GIB = 1L << 30;

  private static final Offer OFFER =
      Offer.EMPTY
          .withCores(2, 3, 5, 7)
          .withGpus(List.of("GPU-b", "GPU-a"))
          .withMemory(8 * GIB)
          .withCustom("SENSOR", 20_000)
          .withToken("licence");

  private final Slots slots = new Slots(OFFER);

  @Test
  void take_wholeCores_areTheLowestFree() {
    Lease first = take(cpu(2));
    Lease second = take(cpu(1));
    first.close();
    Lease third = take(cpu(3));

    assertThat(first.cores()).containsExactly(2, 3);
    assertThat(second.cores()).containsExactly(5);
    assertThat(third.cores()).containsExactly(2, 3, 7);
    assertThat(tryTake(cpu(1))).isNull();
    closeAll(second, third);
  }

  @Test
  void take_moreThan64Cores_areDistinct() {
    Slots wide =
        new Slots(Offer.EMPTY.withCores(IntStream.range(0, 200).map(i -> 3 * i).toArray()));
    Lease low = Objects.requireNonNull(wide.take(Demand.of(cpu(70)), false));
    Lease high = Objects.requireNonNull(wide.take(Demand.of(cpu(129.5)), false));

    assertThat(low.cores()).hasSize(70).startsWith(0).endsWith(207);
    assertThat(high.cores()).hasSize(130).startsWith(210).endsWith(597).doesNotHaveDuplicates();
    assertThat(wide.free(Kind.CPU)).isEqualTo(5_000);
    wide.checkInvariants();
    low.close();
    high.close();
    wide.checkInvariants();
    assertThat(wide.idle()).isTrue();
  }

  @Test
  void take_fraction_comesFromOneIndex() {
    Lease a = take(cpu(0.6));
    Lease b = take(cpu(0.6));
    Lease c = take(cpu(0.4));
    Lease d = take(cpu(0.3));

    assertThat(a.cores()).containsExactly(2);
    assertThat(b.cores()).containsExactly(3);
    assertThat(c.cores()).containsExactly(2);
    assertThat(d.cores()).containsExactly(3);
    assertThat(slots.free(Kind.CPU)).isEqualTo(21_000);
    assertThat(slots.fits(Demand.of(cpu(2.1)), false)).isTrue();
    assertThat(slots.fits(Demand.of(cpu(2.2)), false)).isFalse();
    closeAll(a, b, c, d);
  }

  @Test
  void take_fraction_prefersTheFullestIndexThatStillHasIt() {
    Lease a = take(cpu(0.5));
    Lease b = take(cpu(0.7));
    Lease c = take(cpu(0.9));
    Lease d = take(cpu(0.3));

    assertThat(d.cores()).isEqualTo(b.cores());
    assertThat(take(cpu(0.1)).cores()).isEqualTo(c.cores());
    assertThat(take(cpu(0.5)).cores()).isEqualTo(a.cores());
  }

  @Test
  void take_wholeAndFraction_holdsBoth() {
    Lease lease = take(cpu(2.5).and(gpu(0.25)));

    assertThat(lease.cores()).containsExactly(2, 3, 5);
    assertThat(lease.gpus()).containsExactly("GPU-b");
    assertThat(lease.fractions()).isEqualTo(new Fractions(2, 0));
    assertThat(lease).hasToString("cpu(2.5) and gpu(0.25) on cores [2, 3, 5] on GPUs [GPU-b]");
    assertThat(slots.free(Kind.CPU)).isEqualTo(15_000);
    assertThat(slots.free(Kind.GPU)).isEqualTo(17_500);
    closeAll(lease);
    assertThat(lease.toString()).endsWith(", closed");
  }

  @Test
  void take_partOfItMissing_takesNothing() {
    assertThat(tryTake(cpu(1).and(memory("9GiB")))).isNull();
    assertThat(tryTake(cpu(5).and(memory("1GiB")))).isNull();
    assertThat(tryTake(cpu(1).and(gpu(2.5)))).isNull();
    assertThat(tryTake(cpu(1).and(custom("SENSOR", 2.1)))).isNull();
    assertThat(tryTake(cpu(1).and(custom("ABSENT", 1)))).isNull();
    assertThat(tryTake(cpu(1).and(token("absent")))).isNull();
    assertThat(tryTake(none())).isNull();
    assertThat(slots.idle()).isTrue();
    assertThat(slots.free(Kind.CPU)).isEqualTo(slots.total(Kind.CPU));
  }

  @Test
  void take_counted_isSubtracted() {
    Lease lease = take(memory("6GiB").and(custom("SENSOR", 1.5)).and(capacity(1_000_000)));

    assertThat(slots.free(Kind.MEMORY)).isEqualTo(2 * GIB);
    assertThat(slots.free(Kind.custom("SENSOR"))).isEqualTo(5_000);
    assertThat(tryTake(memory("3GiB"))).isNull();
    assertThat(tryTake(custom("SENSOR", 1))).isNull();
    Lease rest = take(memory("2GiB").and(custom("SENSOR", 0.5)));
    closeAll(lease, rest);
  }

  @Test
  void take_token_isNotUsedUp() {
    Lease first = take(token("licence"));
    Lease second = take(token("licence").and(cpu(1)));

    assertThat(slots.free(Kind.token("licence"))).isEqualTo(1);
    closeAll(first, second);
  }

  @Test
  void take_limitedCapacity_boundsTheNumberOfJobs() {
    Slots two = new Slots(Offer.EMPTY.withCapacity(2).withMemory(GIB));
    Lease both = Objects.requireNonNull(two.take(Demand.of(capacity(2)), false));

    assertThat(two.take(Demand.of(capacity(1)), false)).isNull();
    assertThat(two.fits(Demand.of(memory(1)), false)).isTrue();
    assertThat(two.couldFit(Demand.of(capacity(3)))).isFalse();
    both.close();
    two.checkInvariants();
  }

  @Test
  void take_none_needsHeadPlaces() {
    Slots head = new Slots(Offer.EMPTY.withHeadPlaces(1));
    Lease lease = Objects.requireNonNull(head.take(Demand.NONE, false));

    assertThat(head.take(Demand.NONE, false)).isNull();
    assertThat(head.free(Kind.HEAD)).isZero();
    assertThat(lease.toAllocation("head")).hasToString("nothing on head");
    lease.close();
    assertThat(head.couldFit(Demand.NONE)).isTrue();
    assertThat(slots.couldFit(Demand.NONE)).isFalse();
  }

  @Test
  void take_alone_excludesAllOthers() {
    Lease other = take(memory(1));
    assertThat(slots.fits(Demand.of(cpu(1)), true)).isFalse();
    assertThat(slots.take(Demand.of(cpu(1)), true)).isNull();
    other.close();

    Lease alone = Objects.requireNonNull(slots.take(Demand.of(cpu(1)), true));
    slots.checkInvariants();
    assertThat(slots.heldAlone()).isTrue();
    assertThat(slots.fits(Demand.of(cpu(1)), false)).isFalse();
    assertThat(tryTake(token("licence"))).isNull();
    assertThat(slots.take(Demand.of(cpu(1)), true)).isNull();
    assertThatThrownBy(() -> slots.takeAt(Demand.of(cpu(1)), false, Fractions.NONE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith("1 leases held, alone");
    alone.close();

    assertThat(slots.heldAlone()).isFalse();
    closeAll(take(cpu(1)));
  }

  @Test
  void close_twice_isRefused() {
    Lease lease = take(cpu(1));
    lease.close();

    assertThatThrownBy(lease::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("The lease of cpu(1) was closed before");
    assertThat(slots.free(Kind.CPU)).isEqualTo(40_000);
    slots.checkInvariants();
  }

  @Test
  void couldFit_busyNode_looksAtTheIdleOne() {
    Lease all = take(cpu(4).and(memory("8GiB")));

    assertThat(slots.couldFit(Demand.of(cpu(4).and(memory("8GiB"))))).isTrue();
    assertThat(slots.couldFit(Demand.of(cpu(4.5)))).isFalse();
    assertThat(slots.couldFit(Demand.of(cpu(1_000_000)))).isFalse();
    assertThat(slots.couldFit(Demand.of(memory("9GiB")))).isFalse();
    assertThat(slots.couldFit(Demand.of(token("licence").and(custom("SENSOR", 2))))).isTrue();
    assertThat(slots.couldFit(Demand.of(token("other")))).isFalse();
    assertThat(slots.couldFit(Demand.of(custom("SENSOR", 2.0001)))).isFalse();
    assertThat(slots.couldFit(Demand.of(capacity(1_000_000)))).isTrue();
    closeAll(all);
  }

  @Test
  void level_sharedIds_countsOnlyTheBestOfThem() {
    Lease a = take(cpu(0.6));
    Lease b = take(cpu(0.7));
    Lease c = take(gpu(2));

    assertThat(slots.free(Kind.CPU)).isEqualTo(27_000);
    assertThat(slots.level(Kind.CPU)).isEqualTo(24_000);
    assertThat(slots.fits(Demand.of(cpu(2.4)), false)).isTrue();
    assertThat(slots.fits(Demand.of(cpu(2.4001)), false)).isFalse();
    assertThat(slots.level(Kind.GPU)).isZero();
    assertThat(slots.level(Kind.MEMORY)).isEqualTo(slots.free(Kind.MEMORY));
    closeAll(a, b, c);
    assertThat(slots.level(Kind.CPU)).isEqualTo(40_000);
  }

  @Test
  void takeAt_namedIndex_takesTheFractionThere() {
    Lease lease = slots.takeAt(Demand.of(cpu(1.5).and(gpu(0.5))), false, new Fractions(3, 1));

    assertThat(lease.cores()).containsExactly(2, 7);
    assertThat(lease.gpus()).containsExactly("GPU-a");
    assertThat(lease.fractions()).isEqualTo(new Fractions(3, 1));
    Lease second = slots.takeAt(Demand.of(cpu(0.5)), false, new Fractions(3, -1));
    assertThat(second.cores()).containsExactly(7);
    closeAll(lease, second);
  }

  @Test
  void takeAt_nothingNamed_choosesAsTakeDoes() {
    Lease lease = slots.takeAt(Demand.of(cpu(1.5)), false, Fractions.NONE);

    assertThat(lease.cores()).containsExactly(2, 3);
    closeAll(lease);
  }

  @Test
  void takeAt_wholeIdInTheWay_movesItsHolder() {
    Lease whole = take(cpu(2));
    Lease lease = slots.takeAt(Demand.of(cpu(1.5)), false, new Fractions(0, -1));

    assertThat(lease.fractions().core()).isZero();
    assertThat(whole.cores()).hasSize(2).doesNotContain(2);
    assertThat(lease.cores()).hasSize(2).contains(2).doesNotContainAnyElementsOf(whole.cores());
    closeAll(lease, whole);
  }

  @Test
  void takeAt_indexNotFree_isRefusedAndTakesNothing() {
    Lease shared = slots.takeAt(Demand.of(cpu(0.7)), false, new Fractions(1, -1));

    refusedAt(cpu(0.5), new Fractions(1, -1));
    refusedAt(cpu(0.5), new Fractions(4, -1));
    refusedAt(gpu(1.5), new Fractions(-1, 2));
    refusedAt(cpu(4.1), new Fractions(1, -1));
    refusedAt(cpu(3.5), new Fractions(0, -1));
    refusedAt(memory("9GiB"), Fractions.NONE);
    assertThat(slots.free(Kind.CPU)).isEqualTo(33_000);
    assertThat(slots.free(Kind.MEMORY)).isEqualTo(8 * GIB);
    closeAll(shared);
  }

  @Test
  void toAllocation_saysWhatTheJobHolds() {
    Lease lease =
        take(
            cpu(2.5)
                .and(gpu(0.25))
                .and(memory("4GiB"))
                .and(custom("SENSOR", 2))
                .and(capacity(1))
                .and(token("licence")));

    assertThat(lease.toAllocation("node1"))
        .isEqualTo(
            new Allocation(
                List.of(2, 3, 5),
                List.of("GPU-b"),
                4 * GIB,
                Map.of("cpu", 2.5, "gpu", 0.25, "SENSOR", 2.0, "capacity", 1.0),
                "node1"));
    closeAll(lease);
  }

  private void refusedAt(Resource resource, Fractions fractions) {
    assertThat(slots.fitsAt(Demand.of(resource), false, fractions)).isFalse();
    assertThatThrownBy(() -> slots.takeAt(Demand.of(resource), false, fractions))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith(resource + " does not fit with " + fractions);
    slots.checkInvariants();
  }

  private @Nullable Lease tryTake(Resource resource) {
    Demand demand = Demand.of(resource);
    boolean fits = slots.fits(demand, false);
    Lease lease = slots.take(demand, false);
    assertThat(lease != null).isEqualTo(fits);
    slots.checkInvariants();
    return lease;
  }

  private Lease take(Resource resource) {
    return Objects.requireNonNull(tryTake(resource));
  }

  private void closeAll(Lease... leases) {
    for (Lease lease : leases) {
      lease.close();
      slots.checkInvariants();
    }
    assertThat(slots.idle()).isTrue();
    for (Kind kind :
        List.of(Kind.CPU, Kind.MEMORY, Kind.GPU, Kind.CAPACITY, Kind.custom("SENSOR"))) {
      assertThat(slots.free(kind)).isEqualTo(slots.total(kind));
    }
  }

  @Test
  void take_functions_holdNoMoreThanTheHeap_andOthersTheRestOfTheMemory() {
    Slots small = new Slots(OFFER.withHeap(4 * GIB));
    Demand function = Demand.of(memory("3GiB")).inHeap();
    Lease first = Objects.requireNonNull(small.take(function, false));

    assertThat(small.couldFit(function)).isTrue();
    assertThat(small.fits(function, false)).isFalse();
    assertThat(small.free(Kind.HEAP)).isEqualTo(GIB);
    Lease command = Objects.requireNonNull(small.take(Demand.of(memory("5GiB")), false));
    assertThat(small.free(Kind.MEMORY)).isZero();
    assertThat(small.free(Kind.HEAP)).isEqualTo(GIB);
    small.checkInvariants();
    command.close();
    first.close();
    small.checkInvariants();
    assertThat(small.couldFit(Demand.of(memory("5GiB")).inHeap())).isFalse();
    assertThat(small.free(Kind.HEAP)).isEqualTo(4 * GIB);
  }

  @Test
  void take_functionsWithoutALimitOfTheHeap_holdAllOfTheMemory() {
    Lease lease = Objects.requireNonNull(slots.take(Demand.of(memory("8GiB")).inHeap(), false));
    assertThat(lease.toAllocation("n1").memory()).isEqualTo(8 * GIB);
    assertThat(slots.free(Kind.MEMORY)).isZero();
    closeAll(lease);
  }

  @Test
  void take_inAContainer_needsAnEngine_andDoesNotUseItUp() {
    Demand contained = Demand.of(memory("1GiB")).inContainer();
    assertThat(new Slots(OFFER).couldFit(contained)).isFalse();
    assertThat(new Slots(OFFER).fits(contained, false)).isFalse();

    Slots able = new Slots(OFFER.withEngine(true));
    Lease first = Objects.requireNonNull(able.take(contained, false));
    Lease second = Objects.requireNonNull(able.take(contained, false));
    assertThat(able.couldFit(contained)).isTrue();
    assertThat(able.free(Kind.ENGINE)).isEqualTo(1);
    assertThat(first.toAllocation("n1").amounts()).isEmpty();
    first.close();
    second.close();
    able.checkInvariants();
  }

  @Test
  void toAllocation_ofAFunction_doesNotNameTheHeap() {
    Slots small = new Slots(OFFER.withHeap(4 * GIB));
    Demand function = Demand.of(cpu(1).and(memory("3GiB"))).inHeap();
    try (Lease lease = Objects.requireNonNull(small.take(function, false))) {
      assertThat(lease.toAllocation("n1"))
          .isEqualTo(
              new Allocation(List.of(2), List.of(), 3 * GIB, Map.of("cpu", 1.0), Map.of(), "n1"));
    }
  }

  @Test
  void claim_ofWhatOthersHold_takesTheHeapOfTheirFunctions() {
    Offer offer = OFFER.withHeap(4 * GIB);
    Slots node = new Slots(offer);
    Demand function = Demand.of(memory("3GiB")).inHeap();
    HoldingsSum sum = new HoldingsSum(offer);
    sum.add(function, false, Fractions.NONE);
    sum.add(Demand.of(memory("1GiB")), false, Fractions.NONE);
    Holdings holdings = Holdings.decode(sum.without(new HoldingsSum(offer)).encode());

    Claim claim = node.claim(holdings);

    assertThat(claim.isComplete()).isTrue();
    assertThat(claim.amount(Kind.MEMORY)).isEqualTo(4 * GIB);
    assertThat(claim.amount(Kind.HEAP)).isEqualTo(3 * GIB);
    assertThat(node.free(Kind.HEAP)).isEqualTo(GIB);
    assertThat(node.fits(Demand.of(memory("2GiB")).inHeap(), false)).isFalse();
    claim.close();
    node.checkInvariants();
  }

  @Test
  void holdings_withoutALimitOfTheHeap_doNotNameIt() {
    HoldingsSum sum = new HoldingsSum(OFFER);
    sum.add(Demand.of(memory("3GiB")).inHeap(), false, Fractions.NONE);
    assertThat(sum.without(new HoldingsSum(OFFER)).parts())
        .isEqualTo(Demand.of(memory("3GiB")).parts());
  }
}
