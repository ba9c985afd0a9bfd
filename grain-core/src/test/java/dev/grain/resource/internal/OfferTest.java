package dev.grain.resource.internal;

import static dev.grain.resource.Resources.capacity;
import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.memory;
import static dev.grain.resource.Resources.node;
import static dev.grain.resource.Resources.none;
import static dev.grain.resource.Resources.token;
import static dev.grain.resource.Resources.wallTime;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.bytes.Bytes;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OfferTest {
  private static final long GIB = 1L << 30;

  private static final Offer FULL =
      Offer.EMPTY
          .withCores(3, 0, 9, 200)
          .withGpus(List.of("GPU-b", "GPU-a"))
          .withMemory(12 * GIB)
          .withCapacity(8)
          .withHeadPlaces(2)
          .withCustom("SENSOR", 25_000)
          .withCustom("ARM", 10_000)
          .withToken("licence")
          .withToken("fast");

  @Test
  void of_moreThanDetected_goesOnWithTheNextFreeNumbers() {
    Offer detected = Offer.EMPTY.withCores(1, 3).withGpus(List.of("GPU-a", "1")).withMemory(GIB);

    Offer offer = Offer.of(cpu(5).and(gpu(4)).and(memory("8GiB")), detected);

    assertThat(offer.cores()).containsExactly(0, 1, 2, 3, 4);
    assertThat(offer.gpus()).containsExactly("GPU-a", "1", "0", "2");
    assertThat(offer.memory()).isEqualTo(8 * GIB);
  }

  @Test
  void of_fewerThanDetected_takesTheFirst() {
    Offer offer =
        Offer.of(cpu(2).and(gpu(1)), Offer.EMPTY.withCores(4, 5, 6).withGpus(List.of("b", "a")));

    assertThat(offer.cores()).containsExactly(4, 5);
    assertThat(offer.gpus()).containsExactly("b");
  }

  @Test
  void of_kindsNotDeclared_areNotOffered() {
    Offer offer = Offer.of(memory("1GiB"), FULL);

    assertThat(offer).isEqualTo(Offer.EMPTY.withMemory(GIB));
    assertThat(offer.capacity()).isEqualTo(Offer.UNLIMITED);
    assertThat(Offer.of(none(), FULL)).isEqualTo(Offer.EMPTY);
  }

  @Test
  void of_customTokenCapacity_areAsDeclared() {
    Offer offer =
        Offer.of(custom("SENSOR", 1.5).and(token("licence")).and(capacity(3)), Offer.EMPTY);

    assertThat(offer.customs()).containsOnly(Map.entry("SENSOR", 15_000L));
    assertThat(offer.tokens()).containsExactly("licence");
    assertThat(offer.capacity()).isEqualTo(3);
  }

  @Test
  void of_fractionOrWallTime_isRefused() {
    assertThatThrownBy(() -> Offer.of(cpu(2.5), Offer.EMPTY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cpu(2.5): a worker has whole cores; declare cpu(2) or cpu(3)");
    assertThatThrownBy(() -> Offer.of(gpu(0.5), Offer.EMPTY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("gpu(0.5): a worker has whole GPUs; declare gpu(1)");
    assertThatThrownBy(() -> FULL.bounded(cpu(1).and(wallTime(Duration.ofHours(1)))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith(
            "wallTime(1 h): a wall time belongs to a job; it cannot be declared for a worker");
  }

  @Test
  void bounded_namedKinds_areTheSmaller() {
    Offer bounded =
        FULL.bounded(
            node(2, "4GiB")
                .and(gpu(1))
                .and(capacity(100))
                .and(custom("SENSOR", 1))
                .and(custom("ABSENT", 1))
                .and(token("other")));

    assertThat(bounded)
        .isEqualTo(
            FULL.withCores(0, 3)
                .withMemory(4 * GIB)
                .withGpus(List.of("GPU-b"))
                .withCustom("SENSOR", 10_000));
  }

  @Test
  void bounded_kindsNotNamed_areUnchanged() {
    assertThat(FULL.bounded(none())).isEqualTo(FULL);
    assertThat(FULL.bounded(cpu(100).and(memory("1TiB")))).isEqualTo(FULL);
    assertThat(Offer.EMPTY.bounded(capacity(5)).capacity()).isEqualTo(5);
  }

  @Test
  void amount_anyKind_isInUnits() {
    assertThat(FULL.amount(Kind.CPU)).isEqualTo(40_000);
    assertThat(FULL.amount(Kind.GPU)).isEqualTo(20_000);
    assertThat(FULL.amount(Kind.MEMORY)).isEqualTo(12 * GIB);
    assertThat(FULL.amount(Kind.CAPACITY)).isEqualTo(8);
    assertThat(FULL.amount(Kind.HEAD)).isEqualTo(2);
    assertThat(FULL.amount(Kind.custom("SENSOR"))).isEqualTo(25_000);
    assertThat(FULL.amount(Kind.custom("licence"))).isZero();
    assertThat(FULL.amount(Kind.token("licence"))).isEqualTo(1);
    assertThat(FULL.amount(Kind.token("SENSOR"))).isZero();
  }

  @Test
  void kinds_areThoseItHasSomethingOf() {
    assertThat(FULL.kinds())
        .containsExactly(
            Kind.CPU,
            Kind.MEMORY,
            Kind.GPU,
            Kind.CAPACITY,
            Kind.HEAD,
            Kind.custom("ARM"),
            Kind.custom("SENSOR"),
            Kind.token("fast"),
            Kind.token("licence"));
    assertThat(Offer.EMPTY.kinds()).containsExactly(Kind.CAPACITY);
  }

  @Test
  void toString_readsForPeople() {
    assertThat(
            Offer.EMPTY
                .withCores(0, 1, 2, 3)
                .withMemory(12 * GIB)
                .withGpus(List.of("0"))
                .withToken("licence"))
        .hasToString("4 cores, 12 GiB, 1 GPU, licence");
    assertThat(FULL)
        .hasToString(
            "4 cores, 12 GiB, 2 GPUs, 8 job places, 2 head places, ARM 1, SENSOR 2.5, fast,"
                + " licence");
    assertThat(Offer.EMPTY).hasToString("nothing");
  }

  @Test
  void with_badIds_isRefused() {
    assertThatThrownBy(() -> Offer.EMPTY.withCores(1, 1))
        .hasMessage("[1, 1]: the ids of cores must be distinct, from 0 to 10000000");
    assertThatThrownBy(() -> Offer.EMPTY.withCores(-1))
        .hasMessage("[-1]: the ids of cores must be distinct, from 0 to 10000000");
    assertThatThrownBy(() -> Offer.EMPTY.withGpus(List.of("a", "a")))
        .hasMessage("[a, a]: the ids of GPUs must be distinct, of 1 to 200 characters");
    assertThatThrownBy(() -> Offer.EMPTY.withMemory(-1)).hasMessage("memory: -1 is negative");
    assertThatThrownBy(() -> Offer.EMPTY.withCustom("S", 0))
        .hasMessage("S: 0 units; offer more than none");
  }

  @Test
  void decode_encoded_isEqual() {
    for (Offer offer :
        List.of(
            FULL,
            Offer.EMPTY,
            FULL.withHeap(5 * GIB),
            FULL.withHeap(0),
            FULL.withEngine(true),
            FULL.withHeap(5 * GIB).withEngine(true),
            FULL.withEngine(true).withEngine(false),
            FULL.withCapacity(Offer.UNLIMITED),
            Offer.EMPTY.withCores(0, 10_000_000))) {
      assertThat(Offer.decode(offer.encode())).isEqualTo(offer).hasSameHashCodeAs(offer);
      assertThat(Offer.decode(offer.encode()).encode()).isEqualTo(offer.encode());
    }
  }

  @Test
  void decode_anyBytes_isRefusedOrTheOnlyFormOfItsOffer() {
    Random random = new Random(4);
    Offer offer = FULL.withHeap(5 * GIB);
    byte[] plain = Objects.requireNonNull(offer.encode().single());
    byte[] more = Objects.requireNonNull(offer.withEngine(true).encode().single());
    for (int i = 0; i < 50_000; i++) {
      byte[] good = i % 2 == 0 ? plain : more;
      byte[] damaged = Arrays.copyOf(good, random.nextInt(good.length) + 2);
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      Bytes bytes = Bytes.of(damaged);
      try {
        assertThat(Offer.decode(bytes).encode()).isEqualTo(bytes);
      } catch (IllegalArgumentException expected) {
        assertThat(expected).hasMessageNotContaining("null");
      }
    }
  }

  @Test
  void heap_byDefault_isAsMuchAsAnybodyAsksFor_andNoKind() {
    assertThat(FULL.heap()).isEqualTo(Offer.UNLIMITED);
    assertThat(FULL.amount(Kind.HEAP)).isEqualTo(Offer.UNLIMITED);
    assertThat(FULL.kinds()).doesNotContain(Kind.HEAP);
  }

  @Test
  void withHeap_isAKind_thatPeopleDoNotSee() {
    Offer offer = FULL.withHeap(3 * GIB);
    assertThat(offer.kinds()).hasSize(FULL.kinds().size() + 1).contains(Kind.HEAP);
    assertThat(offer.amount(Kind.HEAP)).isEqualTo(3 * GIB);
    assertThat(offer.withMemory(GIB).withCores(1).bounded(cpu(1)).heap()).isEqualTo(3 * GIB);
    assertThat(offer).isNotEqualTo(FULL).hasToString(FULL.toString());
  }

  @Test
  void withEngine_isAKind_thatPeopleDoNotSee() {
    Offer offer = FULL.withEngine(true);
    assertThat(offer.kinds()).hasSize(FULL.kinds().size() + 1).contains(Kind.ENGINE);
    assertThat(offer.amount(Kind.ENGINE)).isEqualTo(1);
    assertThat(FULL.amount(Kind.ENGINE)).isZero();
    assertThat(offer.withMemory(GIB).withCores(1).withToken("t").bounded(cpu(1)).hasEngine())
        .isTrue();
    assertThat(offer).isNotEqualTo(FULL).hasToString(FULL.toString());
  }

  @Test
  void withHeap_negative_isRefused() {
    assertThatThrownBy(() -> FULL.withHeap(-1)).hasMessage("heap: -1 is negative");
  }
}
