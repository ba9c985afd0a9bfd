package dev.grain.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What jobs are known and found by. */
final class JobSpecTest {
  private static final JobSpec JOB = JobSpec.of(WorkSpec.command("true"));

  @ParameterizedTest
  @ValueSource(strings = {"a", "7", "nightly-42", "a.b_c-D", "2026-11-28-a", "26-11-28"})
  void id_ofLettersAndDigits_isTaken(String id) {
    assertThat(JOB.withId(id).id()).isEqualTo(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "a b", "-a", ".", "..", "a/b", "a\n", "ä", "a%20b", "26-11-28-3-abc"})
  void id_ofOtherCharacters_orLikeThatOfAHead_isRefused(String id) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JOB.withId(id))
        .withMessageStartingWith("The id \"");
  }

  @Test
  void id_hasUpTo100Characters() {
    assertThatCode(() -> JOB.withId("a".repeat(100))).doesNotThrowAnyException();
    assertThatIllegalArgumentException().isThrownBy(() -> JOB.withId("a".repeat(101)));
  }

  @ParameterizedTest
  @ValueSource(strings = {" a", "a ", "a\nb", "a\tb", "\u001b[31m", "a\u202eb", "a\ud800"})
  void name_thatIsNoPlainLine_isRefused(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JOB.withName(name))
        .withMessageStartingWith("The name ");
  }

  @Test
  void name_has200Characters_whateverTheyTake() {
    String name = "😀".repeat(200);
    assertThat(JOB.withName(name).name()).isEqualTo(name);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JOB.withName(name + "a"))
        .withMessage("The name has 201 characters; at most 200 are allowed.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-a", "a-", "a b", "a/", "ä", "a=b"})
  void label_withAnOddKey_isRefused(String key) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JOB.withLabels(Map.of(key, "x")))
        .withMessageContaining("of a label is not 1 to 63");
  }

  @Test
  void labels_areAtMost64() {
    Map<String, String> labels = new LinkedHashMap<>();
    IntStream.range(0, 64).forEach(i -> labels.put("acme.com/k" + i, ""));
    assertThat(JOB.withLabels(labels).labels()).hasSize(64);
    labels.put("k64", "");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JOB.withLabels(labels))
        .withMessage("There are 65 labels; a job has at most 64.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JOB.withLabels(Map.of("k", "a\nb")))
        .withMessageStartingWith("The label k contains the character U+000A");
  }

  @Test
  void maps_areCopied_andKeepTheirOrder() {
    Map<String, String> env = new LinkedHashMap<>();
    env.put("B", "1");
    env.put("A", "2");
    JobSpec job = JOB.withEnv(env);
    env.clear();
    assertThat(job.env()).containsExactly(Map.entry("B", "1"), Map.entry("A", "2"));
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> job.env().put("C", "3"));
  }

  @Test
  void limits_areAboveZero() {
    assertThatIllegalArgumentException().isThrownBy(() -> JOB.withTimeLimit(Duration.ZERO));
    for (double wrong : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException().isThrownBy(() -> JOB.withPriority(wrong));
    }
  }
}
