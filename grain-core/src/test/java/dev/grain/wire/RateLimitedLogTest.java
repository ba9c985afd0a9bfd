package dev.grain.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.wire.Connection.Down;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class RateLimitedLogTest {
  private final List<String> lines = new ArrayList<>();
  private long now = Long.MAX_VALUE - 10;
  private final RateLimitedLog log = new RateLimitedLog(() -> now, lines::add);

  @Test
  void log_ofManyWithinASecond_tellsTheFirstAndCountsTheOthers() {
    for (int i = 0; i < 5; i++) {
      log.log(new Down(Down.Kind.NOT_GRAIN, "number " + i));
    }
    now += TimeUnit.SECONDS.toNanos(1);
    log.log(new Down(Down.Kind.NOT_GRAIN, "later"));

    assertThat(lines)
        .containsExactly(
            "A connection was refused: number 0",
            "A connection was refused (and 4 more like this before): later");
  }

  @Test
  void log_ofOtherKind_isNotHeldBack() {
    log.log(new Down(Down.Kind.NOT_GRAIN, "garbage"));
    log.log(new Down(Down.Kind.WRONG_KEY, "key"));

    assertThat(lines).hasSize(2);
  }
}
