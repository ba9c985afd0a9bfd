package dev.grain.resource.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class KindTest {
  private static final Kind SENSOR = Kind.custom("SENSOR");
  private static final Kind LICENCE = Kind.token("licence");

  @Test
  void compareTo_isTheOrderInWhichRequestsListTheirParts() {
    assertThat(
            Stream.of(
                    Kind.ENGINE,
                    Kind.HEAP,
                    LICENCE,
                    Kind.token("fast"),
                    SENSOR,
                    Kind.custom("ARM"),
                    Kind.HEAD,
                    Kind.CAPACITY,
                    Kind.GPU,
                    Kind.MEMORY,
                    Kind.CPU)
                .sorted())
        .containsExactly(
            Kind.CPU,
            Kind.MEMORY,
            Kind.GPU,
            Kind.CAPACITY,
            Kind.HEAD,
            Kind.custom("ARM"),
            SENSOR,
            Kind.token("fast"),
            LICENCE,
            Kind.HEAP,
            Kind.ENGINE);
  }

  @Test
  void engine_isHidden_andNoTokenOfAUser() {
    assertThat(Kind.ENGINE.isHidden()).isTrue();
    assertThat(Names.isFree(Kind.ENGINE.name())).isFalse();
    assertThat(Kind.ENGINE).hasToString("container engine");
  }

  @Test
  void unit_isWhatOneOfItCounts() {
    assertThat(Stream.of(Kind.CPU, Kind.GPU, SENSOR)).allMatch(kind -> kind.unit() == 10_000);
    assertThat(Stream.of(Kind.MEMORY, Kind.CAPACITY, Kind.HEAD, Kind.HEAP, LICENCE))
        .allMatch(kind -> kind.unit() == 1);
  }

  @Test
  void isScarce_isForGpusAndCustomKinds() {
    assertThat(Stream.of(Kind.GPU, SENSOR)).allMatch(Kind::isScarce);
    assertThat(Stream.of(Kind.CPU, Kind.MEMORY, Kind.CAPACITY, Kind.HEAD, Kind.HEAP, LICENCE))
        .noneMatch(Kind::isScarce);
  }
}
