package dev.grain.minion.lines;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.minion.QueueEngine.Delivery;
import java.io.ByteArrayInputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Lines that are read while items of them run. */
final class LineQueueTest {
  private static final Duration LONG = Duration.ofHours(1);

  private static Delivery next(LineQueue queue) throws Exception {
    return Objects.requireNonNull(queue.next(LONG));
  }

  @Test
  void next_whileNoLineComes_deliversWhatWasGivenBack_whenItIsDue() throws Exception {
    try (PipedOutputStream out = new PipedOutputStream();
        LineQueue queue = new LineQueue("lines", new PipedInputStream(out))) {
      out.write("a\n".getBytes(UTF_8));
      out.flush();
      next(queue).nack(Duration.ofMillis(20));
      Delivery again = next(queue);
      assertThat(again.value()).isEqualTo("a".getBytes(UTF_8));
      again.ack();
      assertThat(queue.isDrained()).as("further ones may come").isFalse();
    }
  }

  @Test
  void release_doesNotCountAsDelivery_butNackDoes() throws Exception {
    try (LineQueue queue =
        new LineQueue("lines", new ByteArrayInputStream("a\n".getBytes(UTF_8)))) {
      next(queue).release();
      Delivery second = next(queue);
      assertThat(second.count()).isEqualTo(1);
      second.nack(Duration.ZERO);
      Delivery third = next(queue);
      assertThat(third.count()).isEqualTo(2);
      third.ack();
      assertThat(queue.next(Duration.ofMillis(1))).isNull();
      assertThat(queue.isDrained()).isTrue();
    }
  }
}
