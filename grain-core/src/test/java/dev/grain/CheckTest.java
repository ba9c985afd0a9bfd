package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.function.Act0;
import dev.grain.head.HeadProbe;
import dev.grain.schedule.PlantedInScheduler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Runs that check themselves. */
@ExtendWith(NothingLeft.class)
final class CheckTest {
  private static final RunOptions CHECKED = RunOptions.defaults().local(cpu(1)).check(true);

  @Test
  void check_whenTheBooksAreWrong_endsTheRunWithTheRule() throws InterruptedException {
    Run run = Run.open(CHECKED);
    try {
      Signal started = Signal.create();
      Signal never = Signal.create();
      Job<?> running =
          run.submitAlone(cpu(1), new JobBody.Called((Act0) () -> started.fireAndAwait(never)));
      started.await();
      run.head()
          .loop()
          .post(() -> PlantedInScheduler.miscount(HeadProbe.scheduler(run.head().head())));
      Job<?> next = run.submitAlone(cpu(1), new JobBody.Called((Act0) () -> {}));

      assertThatThrownBy(running::result)
          .isInstanceOf(JobLostException.class)
          .hasMessageContaining("an internal consistency check failed; this is a bug in Grain: ")
          .hasMessageContaining("jobs are queued, ");
      assertThatThrownBy(next::result).isInstanceOf(JobLostException.class);
      assertThatThrownBy(() -> run.exec(cpu(1), (Act0) () -> {}))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("The run has ended: an internal consistency check failed");
    } finally {
      run.close(true);
    }
  }

  @Test
  void error_onTheLoop_endsTheRun() throws InterruptedException {
    assertEnds(
        new IllegalArgumentException("for a test"),
        "an error in Grain itself: java.lang.IllegalArgumentException: for a test");
  }

  @Test
  void outOfMemory_onTheLoop_endsTheRun() throws InterruptedException {
    assertEnds(
        new OutOfMemoryError("for a test"), "the program is out of memory; give it a larger");
  }

  private static void assertEnds(Throwable error, String words) throws InterruptedException {
    Run run = Run.open(CHECKED);
    try {
      Signal started = Signal.create();
      Signal never = Signal.create();
      Job<?> running =
          run.submitAlone(cpu(1), new JobBody.Called((Act0) () -> started.fireAndAwait(never)));
      started.await();
      run.head().loop().post(() -> CheckTest.<RuntimeException>raise(error));

      assertThatThrownBy(running::result)
          .isInstanceOf(JobLostException.class)
          .hasMessageContaining(words);
      assertThatThrownBy(() -> run.exec(cpu(1), (Act0) () -> {}))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("The run has ended: " + words)
          .hasRootCause(error);
    } finally {
      run.close(true);
    }
  }

  /** Throws whatever it is, unchecked. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> void raise(Throwable error) throws E {
    throw (E) error;
  }

  @Test
  void check_isOnInTheTestsOfThisBuild() {
    assertThat(RunOptions.defaults().checks()).isTrue();
    assertThat(RunOptions.defaults().check(false).checks()).isFalse();
  }
}
