package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What keeps commands of the embedded worker to their requests, without control groups. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the limits are those of Linux")
class EnforceTest {
  private static final String ONLY = "dev.grain.enforce.only";

  /** Takes 32 MiB, and computes until it is killed. */
  private static final Command EATER =
      Command.of(
          "awk",
          "BEGIN {{ s = \"x\"; while (length(s) < 30000000) s = s s; while (!enough) n++ }}");

  private static final RunOptions OPTIONS =
      RunOptions.defaults().local(cpu(1).and(memory("1GiB"))).progress(false).echo(false);

  @BeforeEach
  void imitateMachineWithoutControlGroups() {
    System.setProperty(ONLY, "samples");
  }

  @AfterEach
  void forget() {
    System.clearProperty(ONLY);
  }

  @Test
  void command_thatNeedsMoreMemoryThanRequested_runsOutOfMemory() {
    try (GrainExecutor grain = GrainExecutor.open(OPTIONS)) {
      assertThatExceptionOfType(JobOutOfMemoryException.class)
          .isThrownBy(() -> grain.exec(JobOptions.of(memory("8MiB")).named("large"), EATER))
          .withMessageMatching(
              "Job 1 \\(large\\) ran out of memory: on local, \"awk .*\" used .+iB of the 8 MiB that"
                  + " it requested \\(enforced by sampling\\); request more, for example"
                  + " memory\\(\"16MiB\"\\)")
          .satisfies(e -> {
            assertThat(e.cause()).isEqualTo(Cause.OUT_OF_MEMORY);
            assertThat(e.memoryLimit()).hasValue(8 << 20);
            assertThat(e.peakMemory().orElseThrow()).isGreaterThan(8 << 20);
          });
    }
  }

  @Test
  void outOfMemory_isRetriedAsAFailure() {
    try (GrainExecutor grain = GrainExecutor.open(OPTIONS)) {
      Job<CommandResult> job = grain.submit(JobOptions.of(memory("8MiB")).retries(1), EATER);
      assertThatExceptionOfType(JobOutOfMemoryException.class)
          .isThrownBy(job::result)
          .withMessageContaining("attempt 1 on local: ran out of memory after");
      assertThat(job.attempts())
          .hasSize(2)
          .allSatisfy(each -> assertThat(each.failure()).contains(Cause.OUT_OF_MEMORY));
    }
  }

  @Test
  void off_requestIsOnlyCounted() {
    Command large = Command.of("awk", "BEGIN {{ printf \"%30000000s\", 1; system(\"sleep 1\") }}");
    try (GrainExecutor grain = GrainExecutor.open(OPTIONS.enforce(Enforce.OFF))) {
      assertThat(grain.exec(memory("1MiB"), large).exitCode()).isZero();
    }
  }

  @Test
  void noMemoryRequested_isNotLimited() {
    Command large = Command.of("awk", "BEGIN {{ printf \"%30000000s\", 1; system(\"sleep 1\") }}");
    try (GrainExecutor grain = GrainExecutor.open(OPTIONS)) {
      assertThat(grain.exec(cpu(1), large).exitCode()).isZero();
    }
  }

  @Test
  void require_withoutControlGroups_isRefusedWithWhatToDo() {
    assertThatIllegalStateException()
        .isThrownBy(() -> GrainExecutor.open(OPTIONS.enforce(Enforce.REQUIRE)))
        .withMessageContaining("No control group limits cores (")
        .withMessageContaining("Delegate=yes");
  }
}
