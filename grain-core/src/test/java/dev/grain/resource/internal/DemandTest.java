package dev.grain.resource.internal;

import static dev.grain.resource.Resources.capacity;
import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.memory;
import static dev.grain.resource.Resources.none;
import static dev.grain.resource.Resources.token;
import static dev.grain.resource.Resources.wallTime;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.Resource;
import dev.grain.bytes.Bytes;
import dev.grain.resource.internal.Demand.Part;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DemandTest {
  static Stream<Resource> requests() {
    return Stream.of(
        none(),
        cpu(3),
        cpu(0.0001),
        cpu(1_000_000),
        memory(1),
        memory(1L << 60),
        gpu(0.25).and(cpu(2)),
        capacity(1_000_000),
        token("licence").and(token("a")).and(custom("a", 1e9)).and(custom("b", 0.0001)),
        wallTime(Duration.ofNanos(1), Duration.ofDays(3650)),
        cpu(3).and(memory("8GiB")).and(wallTime(Duration.ofMinutes(5))));
  }

  @ParameterizedTest
  @MethodSource("requests")
  void decode_encoded_isEqual(Resource request) {
    Demand demand = Demand.of(request);
    Demand copy = Demand.decode(demand.encode());

    assertThat(copy).isEqualTo(demand).hasSameHashCodeAs(demand).hasToString(demand.toString());
    assertThat(copy.parts()).isEqualTo(demand.parts());
    assertThat(copy.encode()).isEqualTo(demand.encode());
  }

  @Test
  void encode_equalRequests_isTheSame() {
    assertThat(Demand.of(cpu(1).and(gpu(2))).encode())
        .isEqualTo(Demand.of(gpu(2).and(cpu(1))).encode());
  }

  @Test
  void encode_isStable() {
    assertThat(bytes(Demand.of(cpu(3).and(custom("S", 1)).and(token("t")))))
        .containsExactly(1, 3, 0, 0xb0, 0xea, 1, 5, 1, 'S', 0x90, 0x4e, 6, 1, 't', 0, 0);
    assertThat(bytes(Demand.NONE)).containsExactly(1, 0, 0, 0);
  }

  @Test
  void parts_anyRequest_areInTheOrderOfKinds() {
    assertThat(
            Demand.of(
                    token("b")
                        .and(token("a"))
                        .and(custom("z", 1))
                        .and(capacity(1))
                        .and(gpu(1))
                        .and(memory(1))
                        .and(cpu(1)))
                .parts())
        .extracting(Part::kind)
        .containsExactly(
            Kind.CPU,
            Kind.MEMORY,
            Kind.GPU,
            Kind.CAPACITY,
            Kind.custom("z"),
            Kind.token("a"),
            Kind.token("b"));
    assertThat(Demand.NONE.parts()).containsExactly(new Part(Kind.HEAD, 1));
  }

  @Test
  void amount_customAndTokenOfOneName_areDifferentKinds() {
    Demand demand = Demand.of(custom("a", 2).and(token("a")));

    assertThat(demand.amount(Kind.custom("a"))).isEqualTo(20_000);
    assertThat(demand.amount(Kind.token("a"))).isEqualTo(1);
    assertThat(demand.amount(Kind.custom("b"))).isZero();
    assertThat(demand.amount(Kind.CPU)).isZero();
  }

  @Test
  void decode_damaged_isRefused() {
    malformed("it ends too early");
    malformed("version 2", 2, 0, 0, 0);
    malformed("it ends too early", 1, 0, 0);
    malformed("something comes after the end", 1, 0, 0, 0, 0);
    malformed("no kind 8", 1, 1, 8, 1, 0, 0);
    malformed("nobody requests head", 1, 1, 4, 1, 0, 0);
    malformed("nobody requests heap", 1, 1, 7, 1, 0, 0);
    malformed("an amount of zero", 1, 1, 0, 0, 0, 0);
    malformed("the kinds are out of order", 1, 2, 1, 1, 0, 1, 0, 0);
    malformed("the kinds are out of order", 1, 2, 0, 1, 0, 1, 0, 0);
    malformed("a number is longer than needed", 1, 1, 0, 0x81, 0, 0, 0);
    malformed("a number is too long", 1, 1, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1);
    malformed("is more than", 1, 100, 0, 0);
    malformed("is more than", 1, 1, 3, 255, 255, 255, 1, 0, 0);
    malformed("the limits of the wall time", 1, 0, 2, 1);
    malformed("the limits of the wall time", 1, 0, 0, 1);
    malformed("not a text", 1, 1, 6, 1, 0xff, 0, 0);
    malformed("the name is reserved", 1, 1, 6, 3, 'c', 'p', 'u', 0, 0);
    assertThatThrownBy(() -> Demand.decode(Bytes.of(new byte[2_000_000])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("too many");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void decode_anyBytes_isRefusedOrTheOnlyFormOfItsRequest(long seed) {
    Random random = new Random(seed);
    byte[] good =
        Objects.requireNonNull(
            Demand.of(cpu(3).and(memory("8GiB")).and(custom("S", 1)).and(token("t")))
                .encode()
                .single());
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = Arrays.copyOf(good, random.nextInt(good.length) + 2);
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      Bytes bytes = Bytes.of(damaged);
      try {
        assertThat(Demand.decode(bytes).encode()).isEqualTo(bytes);
      } catch (IllegalArgumentException expected) {
        assertThat(expected).hasMessageNotContaining("null");
      }
    }
  }

  private static void malformed(String reason, int... octets) {
    byte[] bytes = new byte[octets.length];
    for (int i = 0; i < octets.length; i++) {
      bytes[i] = (byte) octets[i];
    }
    assertThatThrownBy(() -> Demand.decode(Bytes.of(bytes)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  private static int[] bytes(Demand demand) {
    byte[] encoded = Objects.requireNonNull(demand.encode().single());
    int[] octets = new int[encoded.length];
    Arrays.setAll(octets, i -> encoded[i] & 0xff);
    return octets;
  }

  @Test
  void inHeap_withMemory_alsoNeedsAsMuchHeap_whichNobodySees() {
    Demand request = Demand.of(cpu(2).and(memory("3GiB")).and(token("licence")));
    Demand function = request.inHeap();

    assertThat(function.amount(Kind.HEAP)).isEqualTo(3L << 30);
    assertThat(function.needs()).containsAll(request.needs()).hasSize(request.needs().size() + 1);
    assertThat(function.parts()).isEqualTo(request.parts());
    assertThat(function).isNotEqualTo(request).hasToString(request.toString());
    assertThat(Wording.of(function)).isEqualTo(Wording.of(request));
    assertThat(function.encode()).isEqualTo(request.encode());
    assertThat(request.amount(Kind.HEAP)).isZero();
  }

  @Test
  void inHeap_again_isTheSame() {
    Demand request = Demand.of(memory("3GiB"));
    assertThat(request.inHeap()).isSameAs(request.inHeap());
    assertThat(request.inHeap().inHeap()).isSameAs(request.inHeap());
    assertThat(Demand.of(memory("3GiB")).inHeap()).isEqualTo(request.inHeap());
  }

  @Test
  void inContainer_needsAnEngine_whichIsNoPartOfTheRequest() {
    Demand request = Demand.of(cpu(2).and(token("licence")));
    Demand contained = request.inContainer();

    assertThat(contained.amount(Kind.ENGINE)).isEqualTo(1);
    assertThat(contained.needsEngine()).isTrue();
    assertThat(contained.needs()).contains(new Demand.Part(Kind.ENGINE, 1)).hasSize(3);
    assertThat(contained.parts()).isEqualTo(request.parts());
    assertThat(contained).isNotEqualTo(request).hasToString(request.toString());
    assertThat(Wording.of(contained)).isEqualTo("2 cores and the token licence in a container");
    assertThat(contained.encode()).isEqualTo(request.encode());
    assertThat(request.needsEngine()).isFalse();
    assertThat(contained.inContainer()).isSameAs(request.inContainer());
    assertThat(Demand.of(cpu(2).and(token("licence"))).inContainer()).isEqualTo(contained);
  }

  @Test
  void inHeap_withoutMemory_needsNone() {
    Demand request = Demand.of(cpu(1));
    assertThat(request.inHeap()).isSameAs(request);
    assertThat(Demand.NONE.inHeap()).isSameAs(Demand.NONE);
  }
}
