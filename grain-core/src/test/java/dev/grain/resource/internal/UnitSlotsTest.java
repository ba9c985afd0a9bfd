package dev.grain.resource.internal;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static dev.grain.resource.Resources.customIds;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.gpuIds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.grain.Resource;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Units with ids: which ones a request gets, and what a copy of the slots knows of them. */
class UnitSlotsTest {
  private static final Kind PORT = Kind.custom("PORT");
  private static final Offer OFFER =
      Offer.EMPTY
          .withCores(0, 1)
          .withGpus(List.of("0", "1", "2"))
          .withCustom("SENSOR", 20_000)
          .withIds("PORT", Ids.parse("8000-8003"));

  private final Slots slots = new Slots(OFFER);

  @AfterEach
  void check() {
    slots.checkInvariants();
  }

  private Lease take(Resource request) {
    return Objects.requireNonNull(slots.take(Demand.of(request), false));
  }

  private boolean fits(Resource request) {
    return slots.fits(Demand.of(request), false);
  }

  private static List<String> ports(Lease lease) {
    return lease.toAllocation("here").ids("PORT");
  }

  private static Fractions at(Kind kind, Integer... positions) {
    return new Fractions(-1, -1, List.of(new Units(kind, List.of(positions))));
  }

  @Test
  void take_aNumber_getsTheLowestFreeIds() {
    Lease first = take(custom("PORT", 2));
    Lease second = take(custom("PORT", 1));
    first.close();
    Lease third = take(custom("PORT", 3));

    assertThat(ports(first)).containsExactly("8000", "8001");
    assertThat(ports(second)).containsExactly("8002");
    assertThat(ports(third)).containsExactly("8000", "8001", "8003");
    assertThat(slots.free(PORT)).isZero();
    assertThat(fits(custom("PORT", 1))).isFalse();
    second.close();
    third.close();
    assertThat(slots.free(PORT)).isEqualTo(40_000);
  }

  @Test
  void take_aFraction_takesAWholeUnit() {
    Lease half = take(custom("PORT", 1.5));
    assertThat(ports(half)).containsExactly("8000", "8001");
    assertThat(half.toAllocation("here").amount("PORT")).isEqualTo(2);
    assertThat(slots.level(PORT)).isEqualTo(20_000);
    assertThat(fits(custom("PORT", 2.5))).isFalse();
    half.close();
  }

  @Test
  void take_certainIds_getsTheseOrNothing() {
    Lease some = take(customIds("PORT", "8001,8003").and(gpuIds("2,")));
    assertThat(ports(some)).containsExactly("8001", "8003");
    assertThat(some.gpus()).containsExactly("2");
    assertThat(fits(customIds("PORT", "8003"))).isFalse();
    assertThat(fits(customIds("PORT", "8002-8003"))).isFalse();
    assertThat(fits(gpuIds("2"))).isFalse();
    Lease others = take(custom("PORT", 2).and(gpu(2)));
    assertThat(ports(others)).containsExactly("8000", "8002");
    assertThat(others.gpus()).containsExactly("0", "1");
    some.close();
    assertThat(fits(customIds("PORT", "8003"))).isTrue();
    others.close();
  }

  @Test
  void couldFit_idsThatAreNotOffered_isFalse() {
    assertThat(slots.couldFit(Demand.of(customIds("PORT", "8003")))).isTrue();
    assertThat(slots.couldFit(Demand.of(customIds("PORT", "8003,8004")))).isFalse();
    assertThat(slots.couldFit(Demand.of(customIds("SENSOR", "1")))).isFalse();
    assertThat(slots.couldFit(Demand.of(gpuIds("3")))).isFalse();
    assertThat(fits(customIds("SENSOR", "1"))).isFalse();
  }

  @Test
  void gpuIds_thatIsSharedByOthers_waits() {
    Lease part = take(gpu(0.5));
    assertThat(fits(gpuIds("0"))).isFalse();
    assertThat(fits(gpuIds("1"))).isTrue();
    part.close();
    assertThat(fits(gpuIds("0"))).isTrue();
  }

  @Test
  void takeAt_aPlaceThatAnyOtherCouldHave_movesThatOne() {
    Lease guessed = take(custom("PORT", 1));
    Demand one = Demand.of(custom("PORT", 1));
    assertThat(slots.fitsAt(one, false, at(PORT, 0))).isTrue();
    Lease reported = slots.takeAt(one, false, at(PORT, 0));

    assertThat(ports(reported)).containsExactly("8000");
    assertThat(ports(guessed)).containsExactly("8001");
    slots.checkInvariants();
    guessed.close();
    reported.close();
    assertThat(slots.idle()).isTrue();
  }

  @Test
  void takeAt_aPlaceThatWasAskedForOrIsKnown_doesNotFit() {
    Lease exact = take(customIds("PORT", "8000"));
    Lease known = take(custom("PORT", 1));
    known.know();
    Demand one = Demand.of(custom("PORT", 1));

    assertThat(slots.fitsAt(one, false, at(PORT, 0))).isFalse();
    assertThat(slots.fitsAt(one, false, at(PORT, 1))).isFalse();
    assertThat(slots.fitsAt(one, false, at(PORT, 2))).isTrue();
    assertThat(slots.fitsAt(one, false, at(PORT, 4))).isFalse();
    assertThat(slots.fitsAt(one, false, at(PORT, 2, 3))).isFalse();
    exact.close();
    known.close();
    assertThat(slots.fitsAt(one, false, at(PORT, 0))).isTrue();
  }

  @Test
  void claim_whatJobsOfOthersHold_leavesTheOtherIds() {
    Slots node = new Slots(OFFER);
    Demand demand = Demand.of(customIds("PORT", "8001,8002").and(gpuIds("1")).and(cpu(1)));
    Lease there = Objects.requireNonNull(node.take(demand, false));
    HoldingsSum sum = new HoldingsSum(OFFER);
    sum.add(demand, false, there.fractions());
    Holdings holdings = Holdings.decode(sum.without(new HoldingsSum(OFFER)).encode());
    Lease guessed = take(custom("PORT", 2));

    Claim claim = slots.claim(holdings);

    assertThat(claim.isComplete()).isTrue();
    assertThat(claim.amount(PORT)).isEqualTo(20_000);
    assertThat(ports(guessed)).containsExactly("8000", "8003");
    assertThat(fits(gpuIds("1"))).isFalse();
    assertThat(fits(gpuIds("0,2"))).isTrue();
    slots.checkInvariants();
    claim.close();
    guessed.close();
    sum.remove(demand, false, there.fractions());
    assertThat(sum.isEmpty()).isTrue();
  }

  @Test
  void claim_ofAUnitThatAnotherJobAskedFor_isNotComplete() {
    Lease exact = take(customIds("PORT", "8000"));
    Holdings holdings =
        new Holdings(
            1,
            false,
            Demand.of(custom("PORT", 1)).parts(),
            List.of(),
            List.of(),
            List.of(new Units(PORT, List.of(0))));

    Claim before = slots.claim(holdings);
    assertThat(before.isComplete()).isFalse();
    before.close();
    exact.know();
    // the report is older than what is known of that job
    Claim after = slots.claim(holdings);
    assertThat(after.isComplete()).isTrue();
    assertThat(after.amount(PORT)).isEqualTo(10_000);
    after.close();
    exact.close();
  }

  @Test
  void offer_encodeAndDecode_givesTheSame() {
    assertThat(Offer.decode(OFFER.encode())).isEqualTo(OFFER);
    assertThat(OFFER.toString()).contains("PORT 8000-8003", "SENSOR 2");
    assertThat(OFFER).isNotEqualTo(OFFER.withCustom("PORT", 40_000));
  }

  @Test
  void request_encodeAndDecode_givesTheSame() {
    Demand demand = Demand.of(gpuIds("0,GPU-8f6").and(customIds("PORT", "7-9,a")).and(cpu(1)));
    assertThat(Demand.decode(demand.encode())).isEqualTo(demand);
    assertThat(demand.toString())
        .isEqualTo("cpu(1) and gpuIds(\"0,GPU-8f6\") and customIds(\"PORT\", \"7-9,a\")");
    assertThat(demand)
        .isNotEqualTo(Demand.of(gpu(2).and(custom("PORT", 4)).and(cpu(1))))
        .isEqualTo(Demand.of(customIds("PORT", "a,9,8,7").and(cpu(1)).and(gpuIds("GPU-8f6,0"))));
  }

  @Test
  void request_forOneKindTwice_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> custom("PORT", 1).and(customIds("PORT", "1,2")))
        .withMessage(
            "custom(\"PORT\", 1) and customIds(\"PORT\", \"1,2\"): both request PORT; name each"
                + " kind once, with the sum of both amounts");
  }

  @Test
  void request_withTooManyIds_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> customIds("PORT", "1-1001"))
        .withMessage("customIds(\"PORT\", \"1-1001\"): 1001 ids; a request may list 1000");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> customIds("cpu", "1"))
        .withMessageContaining("the name is reserved");
  }

  @Test
  void of_declaredIds_offersThese() {
    Offer offer = Offer.of(customIds("PORT", "8000-8001").and(gpuIds("1,3")).and(cpu(2)), OFFER);
    assertThat(offer.ids().get("PORT").list()).containsExactly("8000", "8001");
    assertThat(offer.gpus()).containsExactly("1", "3");
    assertThat(offer.amount(PORT)).isEqualTo(20_000);
  }

  @Test
  void bounded_byANumberOrById_hasTheSmaller() {
    assertThat(OFFER.bounded(custom("PORT", 2)).ids().get("PORT").list())
        .containsExactly("8000", "8001");
    assertThat(OFFER.bounded(custom("PORT", 9))).isEqualTo(OFFER);
    assertThat(OFFER.bounded(customIds("PORT", "7999-8000")).ids().get("PORT").list())
        .containsExactly("8000");
    assertThat(OFFER.bounded(customIds("PORT", "1")).amount(PORT)).isZero();
    assertThat(OFFER.bounded(gpuIds("1,7")).gpus()).containsExactly("1");
  }
}
