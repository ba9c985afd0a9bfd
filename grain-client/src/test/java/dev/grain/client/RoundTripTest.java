package dev.grain.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.grain.spec.JobSpec;
import dev.grain.spec.WorkSpec;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Specs that are written and read again. */
final class RoundTripTest {
  private static final int SPECS = 20;

  static LongStream seeds() {
    return LongStream.range(0, 100);
  }

  private static List<JobSpec> specs(long seed) {
    RandomSpecs random = new RandomSpecs(seed);
    return LongStream.range(0, SPECS).mapToObj(_ -> random.next()).toList();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void spec_asJson_isReadAsTheSame(long seed) {
    for (JobSpec spec : specs(seed)) {
      String json = JobSpecs.toJson(spec);
      assertThat(JobSpecs.readOne(json)).as(json).isEqualTo(spec);
      assertThat(JobSpecs.toJson(JobSpecs.readOne(json))).isEqualTo(json);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void spec_asYaml_isReadAsTheSame(long seed) {
    for (JobSpec spec : specs(seed)) {
      String yaml = JobSpecs.toYaml(spec);
      assertThat(JobSpecs.readYaml(yaml)).as(yaml).containsExactly(spec);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void json_isYaml(long seed) {
    for (JobSpec spec : specs(seed)) {
      // what YAML 1.1 takes for the end of a line has to be escaped in YAML
      String json = JobSpecs.toJson(spec).replace("\u0085", "\\u0085");
      assertThat(JobSpecs.readYaml(json)).as(json).containsExactly(spec);
    }
  }

  @Test
  void list_isReadAsTheSame() {
    List<JobSpec> specs = specs(7).stream().map(each -> each.withId(null)).toList();
    assertThat(JobSpecs.readJson(JobSpecs.toJson(specs))).isEqualTo(specs);
    assertThat(JobSpecs.readYaml(JobSpecs.toYaml(specs))).isEqualTo(specs);
  }

  @Test
  void usualValues_areNotWritten() {
    JobSpec spec = JobSpec.of(WorkSpec.command("echo", "a b"));
    assertThat(JobSpecs.toJson(spec)).isEqualTo("{\"command\":[\"echo\",\"a b\"]}");
    assertThat(JobSpecs.toYaml(spec)).isEqualTo("command:\n- echo\n- a b\n");
  }

  @Test
  void argument_thatIsNoJson_isRefused() {
    JobSpec spec = JobSpec.of(WorkSpec.function("A::b", "{"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JobSpecs.toJson(spec))
        .withMessageContaining("\"{\" is not JSON");
  }
}
