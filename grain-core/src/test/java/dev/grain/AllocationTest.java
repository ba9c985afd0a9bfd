package dev.grain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AllocationTest {
  private static final long GIB = 1L << 30;

  @Test
  void toString_wholeCores_namesIdsMemoryAndNode() {
    assertThat(new Allocation(List.of(6, 7, 9), List.of(), 4 * GIB, Map.of("cpu", 3.0), "node1"))
        .hasToString("cores [6, 7, 9], 4 GiB on node1");
  }

  @Test
  void toString_fractions_saysHowMuchOfThem() {
    assertThat(
            new Allocation(
                List.of(0, 1, 2),
                List.of("GPU-8f6"),
                GIB + GIB / 4,
                Map.of("cpu", 2.5, "gpu", 0.25, "SENSOR", 2.0, "capacity", 1.0),
                "node2"))
        .hasToString(
            "2.5 of cores [0, 1, 2], 0.25 of GPU [GPU-8f6], 1.3 GiB, SENSOR 2, capacity 1 on"
                + " node2");
  }

  @Test
  void toString_nothing_saysSo() {
    assertThat(new Allocation(List.of(), List.of(), 0, Map.of(), "head"))
        .hasToString("nothing on head");
  }

  @Test
  void amount_anyKind_isWhatIsHeld() {
    Allocation allocation =
        new Allocation(
            List.of(0, 1, 2),
            List.of("0"),
            GIB,
            Map.of("cpu", 2.5, "gpu", 0.25, "SENSOR", 2.0),
            "node1");

    assertThat(allocation.amount("cpu")).isEqualTo(2.5);
    assertThat(allocation.amount("gpu")).isEqualTo(0.25);
    assertThat(allocation.amount("SENSOR")).isEqualTo(2);
    assertThat(allocation.amount("memory")).isEqualTo(GIB);
    assertThat(allocation.amount("absent")).isZero();
  }

  @Test
  void constructor_collections_areSortedAndCopied() {
    List<Integer> cores = new ArrayList<>(List.of(9, 6, 7));
    List<String> gpus = new ArrayList<>(List.of("1"));
    Map<String, Double> amounts = new HashMap<>(Map.of("cpu", 3.0));
    Allocation allocation = new Allocation(cores, gpus, 0, amounts, "node1");
    cores.clear();
    gpus.clear();
    amounts.clear();

    assertThat(allocation.cores()).containsExactly(6, 7, 9);
    assertThat(allocation.gpus()).containsExactly("1");
    assertThat(allocation.amount("cpu")).isEqualTo(3);
    assertThatThrownBy(() -> allocation.cores().add(1))
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
