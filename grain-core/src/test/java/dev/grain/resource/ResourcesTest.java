package dev.grain.resource;

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

import dev.grain.Resource;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Kind;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResourcesTest {
  private static final String SIZES =
      "; write a number and one of the units B, kB, KiB, MB, MiB, GB, GiB, TB, TiB, for example"
          + " \"8GiB\"";

  @ParameterizedTest
  @CsvSource({
    "3, 30000",
    "0.5, 5000",
    "0.0001, 1",
    "2.5, 25000",
    "0.3, 3000",
    "1000000, 10000000000"
  })
  void cpu_upToFourDecimals_isCountedExactly(double cores, long units) {
    assertThat(amount(cpu(cores), Kind.CPU)).isEqualTo(units);
    assertThat(amount(gpu(cores), Kind.GPU)).isEqualTo(units);
    assertThat(amount(custom("SENSOR", cores), Kind.custom("SENSOR"))).isEqualTo(units);
  }

  @ParameterizedTest
  @CsvSource({
    "1B, 1",
    "1kB, 1000",
    "1KB, 1000",
    "1MB, 1000000",
    "1GB, 1000000000",
    "1TB, 1000000000000",
    "1KiB, 1024",
    "1MiB, 1048576",
    "1GiB, 1073741824",
    "1TiB, 1099511627776",
    "1.5GiB, 1610612736",
    "0.1GiB, 107374182",
    "' 8  GiB ', 8589934592",
    "1048576TiB, 1152921504606846976"
  })
  void memory_text_meansBytes(String size, long bytes) {
    assertThat(amount(memory(size), Kind.MEMORY)).isEqualTo(bytes);
    assertThat(memory(size)).isEqualTo(memory(bytes));
  }

  @Test
  void cpu_outOfRange_saysWhatWouldBeRight() {
    refused(() -> cpu(0), "cpu(0): zero; for a job that needs no core, request none()");
    refused(() -> cpu(-1), "cpu(-1): negative; use a number above 0, up to 1000000");
    refused(() -> cpu(Double.NaN), "cpu(NaN): not a finite number; use one above 0, up to 1000000");
    refused(
        () -> cpu(Double.POSITIVE_INFINITY),
        "cpu(Infinity): not a finite number; use one above 0, up to 1000000");
    refused(() -> cpu(1_000_001), "cpu(1000001): too much; use a number above 0, up to 1000000");
    refused(
        () -> cpu(0.1 + 0.2),
        "cpu(0.30000000000000004): more than 4 decimals; round it, for example to 0.3");
    refused(
        () -> cpu(0.00001), "cpu(0.00001): more than 4 decimals; round it, for example to 0.0001");
  }

  @Test
  void gpu_outOfRange_saysWhatWouldBeRight() {
    refused(() -> gpu(0), "gpu(0): zero; leave gpu out if the job needs no GPU");
    refused(() -> gpu(-0.5), "gpu(-0.5): negative; use a number above 0, up to 1000000");
    refused(() -> gpu(2e6), "gpu(2000000): too much; use a number above 0, up to 1000000");
  }

  @Test
  void custom_outOfRange_saysWhatWouldBeRight() {
    refused(
        () -> custom("SENSOR", 0),
        "custom(\"SENSOR\", 0): zero; leave SENSOR out if the job needs none of it");
    refused(
        () -> custom("SENSOR", 1_000_000_001),
        "custom(\"SENSOR\", 1000000001): too much; use a number above 0, up to 1000000000");
    refused(
        () -> custom("SENSOR", 1.00005),
        "custom(\"SENSOR\", 1.00005): more than 4 decimals; round it, for example to 1.0001");
    assertThat(amount(custom("SENSOR", 1e9), Kind.custom("SENSOR"))).isEqualTo(10_000_000_000_000L);
  }

  @Test
  void custom_badName_saysWhichNamesAreGood() {
    refused(
        () -> custom("", 1),
        "custom(\"\"): the name is empty; name the kind, for example \"TEMPERATURE_SENSOR\"");
    refused(
        () -> custom("a b", 1),
        "custom(\"a b\"): the name has ' ' in it; use ASCII letters, digits, '_', '-' and '.'");
    refused(
        () -> token("größe"),
        "token(\"größe\"): the name has 'ö' in it; use ASCII letters, digits, '_', '-' and '.'");
    refused(
        () -> custom("CPU", 1),
        "custom(\"CPU\"): the name is reserved; use cpu(...), or choose another name");
    refused(
        () -> token("memory"),
        "token(\"memory\"): the name is reserved; use memory(...), or choose another name");
    refused(
        () -> custom("x".repeat(101), 1),
        "custom(\"xxxxxxxxxxxxxxxxxxxx...\"): the name has 101 characters; use at most 100");
    assertThat(custom("A-z_0.9", 1)).hasToString("custom(\"A-z_0.9\", 1)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cpu",
        "cpus",
        "core",
        "cores",
        "memory",
        "gpu",
        "gpus",
        "capacity",
        "head",
        "none",
        "node",
        "token",
        "custom",
        "wallTime"
      })
  void custom_reservedName_isRefused(String name) {
    assertThatThrownBy(() -> custom(name, 1)).hasMessageContaining("the name is reserved");
    assertThatThrownBy(() -> token(name)).hasMessageContaining("the name is reserved");
  }

  @Test
  void memory_unknownUnit_guessesTheUnitAndListsAll() {
    refused(
        () -> memory("8GiBs"),
        "memory(\"8GiBs\"): unknown unit \"GiBs\", did you mean 8GiB?" + SIZES);
    refused(
        () -> memory("8 GiBs"),
        "memory(\"8 GiBs\"): unknown unit \"GiBs\", did you mean 8GiB?" + SIZES);
    refused(() -> memory("8g"), "memory(\"8g\"): unknown unit \"g\", did you mean 8GiB?" + SIZES);
    refused(() -> memory("8gb"), "memory(\"8gb\"): unknown unit \"gb\", did you mean 8GB?" + SIZES);
    refused(
        () -> memory("1.5Mi"),
        "memory(\"1.5Mi\"): unknown unit \"Mi\", did you mean 1.5MiB?" + SIZES);
    refused(
        () -> memory("8 potatoes"), "memory(\"8 potatoes\"): unknown unit \"potatoes\"" + SIZES);
    refused(() -> memory("8"), "memory(\"8\"): the unit is missing" + SIZES);
  }

  @Test
  void memory_noSize_saysHowToWriteOne() {
    refused(() -> memory(""), "memory(\"\"): not a size" + SIZES);
    refused(() -> memory("GiB"), "memory(\"GiB\"): not a size" + SIZES);
    refused(() -> memory("-1GiB"), "memory(\"-1GiB\"): negative" + SIZES);
    refused(() -> memory("+1GiB"), "memory(\"+1GiB\"): not a size" + SIZES);
    refused(() -> memory("1.GiB"), "memory(\"1.GiB\"): not a size" + SIZES);
    refused(() -> memory(".5GiB"), "memory(\".5GiB\"): not a size" + SIZES);
    refused(() -> memory("1.2.3GiB"), "memory(\"1.2.3GiB\"): not a size" + SIZES);
    refused(() -> memory("1,5GiB"), "memory(\"1,5GiB\"): not a size" + SIZES);
    refused(
        () -> memory("9".repeat(100) + "B"),
        "memory(\"" + "9".repeat(60) + "...\"): not a size" + SIZES);
  }

  @Test
  void memory_outOfRange_saysTheLimit() {
    refused(
        () -> memory("0GiB"),
        "memory(\"0GiB\"): less than 1 byte; leave it out if the job needs none");
    refused(() -> memory(0), "memory(0): less than 1 byte; leave it out if the job needs none");
    refused(
        () -> memory("0.5B"),
        "memory(\"0.5B\"): less than 1 byte; leave it out if the job needs none");
    refused(() -> memory(-1), "memory(-1): negative; request at least 1 byte");
    refused(() -> memory("1048577TiB"), "memory(\"1048577TiB\"): more than 1 EiB, the maximum");
    refused(
        () -> memory(Long.MAX_VALUE), "memory(9223372036854775807): more than 1 EiB, the maximum");
  }

  @Test
  void capacity_outOfRange_saysTheLimit() {
    refused(() -> capacity(0), "capacity(0): request at least 1 job place, or leave capacity out");
    refused(
        () -> capacity(-3), "capacity(-3): request at least 1 job place, or leave capacity out");
    refused(() -> capacity(1_000_001), "capacity(1000001): request at most 1000000 job places");
    assertThat(amount(capacity(7), Kind.CAPACITY)).isEqualTo(7);
  }

  @Test
  void wallTime_outOfRange_saysTheLimit() {
    refused(() -> wallTime(Duration.ZERO), "wallTime(0 s): a limit must be above zero");
    refused(() -> wallTime(Duration.ofSeconds(-5)), "wallTime(-5 s): a limit must be above zero");
    refused(
        () -> wallTime(Duration.ofMinutes(2), Duration.ofMinutes(1)),
        "wallTime(2 min, 1 min): the soft limit is above the hard one; give the shorter one"
            + " first");
    refused(
        () -> wallTime(Duration.ofDays(3651)),
        "wallTime(3651 d): more than 3650 days; leave wallTime out if there is no limit");
  }

  @Test
  void wallTime_oneLimit_isSoftAndHard() {
    Demand demand = Demand.of(wallTime(Duration.ofHours(2)));

    assertThat(demand.softWallTime()).isEqualTo(Duration.ofHours(2));
    assertThat(demand.hardWallTime()).isEqualTo(Duration.ofHours(2));
    assertThat(Demand.of(cpu(1)).softWallTime()).isNull();
    assertThat(Demand.of(cpu(1)).hardWallTime()).isNull();
  }

  @Test
  void node_isCoresAndMemory() {
    assertThat(node(8, "32GiB")).isEqualTo(cpu(8).and(memory("32GiB")));
    refused(() -> node(0, "1GiB"), "cpu(0): zero; for a job that needs no core, request none()");
  }

  @Test
  void and_sameKindTwice_namesBoth() {
    refused(
        () -> cpu(3).and(memory("1GiB")).and(cpu(2.5)),
        "cpu(3) and cpu(2.5): both request cpu; name each kind once, with the sum of both "
            + "amounts");
    refused(
        () -> token("licence").and(token("licence")),
        "token(\"licence\") and token(\"licence\"): both request token licence; name each "
            + "kind once, with the sum of both amounts");
    refused(
        () -> custom("S", 1).and(custom("S", 2)),
        "custom(\"S\", 1) and custom(\"S\", 2): both request S; name each kind once, with "
            + "the sum of both amounts");
    refused(
        () -> wallTime(Duration.ofHours(1)).and(cpu(1).and(wallTime(Duration.ofSeconds(90)))),
        "wallTime(1 h) and wallTime(1 min 30 s): both request wall time; name each kind "
            + "once, with the sum of both amounts");
  }

  @Test
  void and_differentOrder_isEqual() {
    Resource one = cpu(1).and(memory("1GiB")).and(token("a")).and(custom("a", 1));
    Resource other = custom("a", 1).and(token("a")).and(memory("1GiB").and(cpu(1)));

    assertThat(one).isEqualTo(other).hasSameHashCodeAs(other).hasToString(other.toString());
    assertThat(one).isNotEqualTo(one.and(gpu(1))).isNotEqualTo("cpu(1)");
  }

  @Test
  void and_leavesBothUnchanged() {
    Resource cores = cpu(2);
    Resource gpus = gpu(1);

    assertThat(cores.and(gpus)).hasToString("cpu(2) and gpu(1)");
    assertThat(cores).hasToString("cpu(2)");
    assertThat(gpus).hasToString("gpu(1)");
  }

  @Test
  void none_joinedWithAnother_isTheOther() {
    assertThat(none().and(cpu(1))).isEqualTo(cpu(1));
    assertThat(cpu(1).and(none())).isEqualTo(cpu(1));
    assertThat(none().and(none())).isEqualTo(none());
    assertThat(amount(none(), Kind.HEAD)).isEqualTo(1);
    assertThat(amount(none().and(cpu(1)), Kind.HEAD)).isZero();
  }

  @Test
  void none_withWallTime_keepsIt() {
    Demand demand = Demand.of(wallTime(Duration.ofSeconds(1)).and(none()));

    assertThat(demand.amount(Kind.HEAD)).isEqualTo(1);
    assertThat(demand.hardWallTime()).isEqualTo(Duration.ofSeconds(1));
    assertThat(demand.and(cpu(1))).isEqualTo(cpu(1).and(wallTime(Duration.ofSeconds(1))));
  }

  @Test
  void and_implementationOfSomebodyElse_isRefused() {
    final class Mine implements Resource {
      @Override
      public Resource and(Resource other) {
        return other;
      }
    }

    assertThatThrownBy(() -> cpu(1).and(new Mine()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Mine implements Resource itself")
        .hasMessageContaining("use the factory methods of Resources");
  }

  @Test
  void toString_readsLikeTheSource() {
    assertThat(cpu(3).and(memory("8GiB"))).hasToString("cpu(3) and memory(8GiB)");
    assertThat(
            wallTime(Duration.ofMinutes(5), Duration.ofMinutes(90))
                .and(token("licence"))
                .and(custom("SENSOR", 0.5))
                .and(capacity(2))
                .and(gpu(0.25)))
        .hasToString(
            "gpu(0.25) and capacity(2) and custom(\"SENSOR\", 0.5) and token(\"licence\") and"
                + " wallTime(5 min, 1 h 30 min)");
    assertThat(none()).hasToString("none()");
    assertThat(wallTime(Duration.ofMillis(1500))).hasToString("wallTime(1.5 s)");
    assertThat(wallTime(Duration.ofDays(2))).hasToString("wallTime(2 d)");
    assertThat(memory("1.5GB")).hasToString("memory(1.5GB)");
    assertThat(memory(1000)).hasToString("memory(1kB)");
    assertThat(memory(12345)).hasToString("memory(12.345kB)");
    assertThat(memory(1234567)).hasToString("memory(1234.567kB)");
    assertThat(memory(1)).hasToString("memory(1B)");
  }

  private static long amount(Resource resource, Kind kind) {
    return Demand.of(resource).amount(kind);
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}
