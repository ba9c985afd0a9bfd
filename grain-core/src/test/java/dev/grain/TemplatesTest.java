package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.wallTime;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.bytes.Bytes;
import dev.grain.message.Order;
import dev.grain.message.Work;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is sent to workers about the jobs of a program, and about its run. */
final class TemplatesTest {
  private static final Duration FOR_EVER = ChronoUnit.FOREVER.getDuration();
  private static final long A_LIFETIME = Duration.ofDays(70 * 365).toNanos();

  private Run run = Run.open(RunOptions.defaults().cancelGrace(Duration.ofMillis(3)));

  @AfterEach
  void close() {
    run.close(true);
  }

  private Order.Limits limits(Request request) {
    JobBody.Encoded body =
        new JobBody.Encoded(Work.Kind.CALL, Bytes.utf8("f"), Bytes.empty(), Bytes.empty());
    return new Templates(run).of(request, body).template().spec().limits();
  }

  @Test
  void limits_areThoseOfTheJobAndTheCancelGraceOfTheRun() {
    assertThat(limits(cpu(1))).isEqualTo(new Order.Limits(0, 3_000_000));
    assertThat(limits(JobOptions.of(cpu(1)).timeout(Duration.ofNanos(7))))
        .isEqualTo(new Order.Limits(7, 3_000_000));
    assertThat(limits(cpu(1).and(wallTime(Duration.ofSeconds(1), Duration.ofSeconds(2)))))
        .isEqualTo(new Order.Limits(2_000_000_000, 3_000_000));
  }

  @Test
  void limits_longerThanAnybodyWaits_areTakenAsSuch() {
    run.close(true);
    run = Run.open(RunOptions.defaults().cancelGrace(FOR_EVER).noWorkers(FOR_EVER));

    Order.Limits limits = limits(JobOptions.of(cpu(1)).timeout(FOR_EVER));

    assertThat(limits.time()).isGreaterThan(A_LIFETIME);
    assertThat(limits.cancelGrace()).isGreaterThan(A_LIFETIME);
  }

  @Test
  void groupTimeout_longerThanAnybodyWaits_isNoTimeout() {
    Group group = Group.open(run, GroupOptions.defaults().timeout(FOR_EVER));
    assertThat(group.nesting().isCancelled()).isFalse();
    group.close();
  }
}
