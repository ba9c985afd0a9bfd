package dev.grain.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The rate and the time left, on a clock of the test. */
final class PaceTest {
  private final Pace pace = new Pace();

  private void see(double seconds, long ended, long open) {
    pace.see((long) (seconds * 1e9), ended, open);
  }

  @Test
  void rate_beforeAnythingEnded_isUnknown() {
    assertThat(pace.rate()).isZero();
    see(0, 0, 100);
    see(10, 0, 100);
    assertThat(pace.rate()).isZero();
    assertThat(pace.secondsLeft()).isZero();
  }

  @Test
  void rate_ofTooFewJobs_isUnknown() {
    see(0, 0, 100);
    see(1, 2, 98);
    assertThat(pace.rate()).isZero();
  }

  @Test
  void secondsLeft_atASteadyRate_isWhatIsOpenOverTheRate() {
    for (int second = 0; second <= 10; second++) {
      see(second, 10L * second, 200 - 10L * second);
    }
    assertThat(pace.rate()).isEqualTo(10, within(1e-9));
    assertThat(pace.secondsLeft()).isEqualTo(10, within(1e-9));
  }

  @Test
  void rate_afterAChange_followsTheLastSeconds() {
    see(0, 0, 10_000);
    see(1, 1000, 9000);
    for (int second = 2; second <= 60; second++) {
      see(second, 1000L + second, 9000L - second);
    }
    assertThat(pace.rate()).isEqualTo(1, within(1e-9));
  }

  @Test
  void rate_ofSlowJobs_isTheAverageOfAll() {
    for (int minute = 0; minute <= 10; minute++) {
      see(60.0 * minute, minute, 10 - minute);
    }
    assertThat(pace.rate()).isEqualTo(1 / 60.0, within(1e-9));
  }

  @Test
  void secondsLeft_whileJobsAreAdded_isUnknown() {
    for (int second = 0; second <= 20; second++) {
      see(second, 10L * second, 100);
    }
    assertThat(pace.rate()).isEqualTo(10, within(1e-9));
    assertThat(pace.secondsLeft()).isZero();

    see(21, 210, 90);
    see(24, 240, 60);
    assertThat(pace.secondsLeft()).isEqualTo(6, within(1e-9));
  }

  @Test
  void clear_forgetsWhatWas() {
    see(0, 0, 10);
    see(5, 5, 5);
    pace.clear();
    assertThat(pace.seen()).isZero();
    assertThat(pace.rate()).isZero();
    see(100, 5, 10);
    see(101, 5, 10);
    assertThat(pace.seen()).isEqualTo(Duration.ofSeconds(1).toNanos());
    assertThat(pace.rate()).isZero();
  }
}
