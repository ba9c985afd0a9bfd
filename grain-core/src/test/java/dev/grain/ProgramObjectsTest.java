package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Jobs that capture what belongs to the program: they are refused with what to do. */
@ExtendWith(NothingLeft.class)
final class ProgramObjectsTest {
  private static final String NO_FURTHER_JOBS =
      "A job cannot start further jobs. Return a description of the work from the job, and "
          + "submit it from the main or a subtask.";

  @Test
  void executorInAJob_isRefused() {
    try (var grain = GrainExecutor.open()) {
      assertThatThrownBy(() -> grain.exec(cpu(1), () -> grain.exec(cpu(1), () -> 1)))
          .isInstanceOf(EncodingException.class)
          .hasMessageContaining("(dev.grain.GrainExecutor) cannot be encoded: it belongs to the")
          .hasMessageEndingWith(NO_FURTHER_JOBS);
    }
  }

  @Test
  void waitGroupInAJob_isRefused() {
    Grain.runCombine(() ->
        Grain.waitGroup(group ->
            assertThatThrownBy(() -> group.submit(cpu(1), () -> group.submit(cpu(1), () -> 2)))
                .isInstanceOf(EncodingException.class)
                .hasMessageEndingWith(NO_FURTHER_JOBS)));
  }

  @Test
  void jobOrSubtaskInAJob_isRefused() {
    Grain.runCombine(() -> {
      try (var group = Grain.openWaitGroup()) {
        Job<Integer> job = group.submit(cpu(1), () -> 3);
        Subtask<Integer> subtask = group.start(() -> 4);
        assertThatThrownBy(() -> Grain.exec(cpu(1), () -> job.result() + 1))
            .isInstanceOf(EncodingException.class)
            .hasMessageEndingWith(": a job belongs to the program; pass its result");
        assertThatThrownBy(() -> Grain.exec(cpu(1), () -> subtask.result() + 1))
            .isInstanceOf(EncodingException.class)
            .hasMessageEndingWith(": a subtask belongs to the program; pass its result");
      }
    });
  }
}
