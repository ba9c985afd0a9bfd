package dev.grain.service.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.bytes.Bytes;
import dev.grain.service.log.LogQueue.Entry;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What waits for a disk that is slow. */
final class LogQueueTest {
  private static final LogLimits LIMITS = new LogLimits(1 << 20, 1 << 12, 2, 10_000, 4_000, 0);

  private final LogQueue queue = new LogQueue(LIMITS);

  private static Entry.Printed printed(long job, int bytes) {
    return new Entry.Printed(job, 1, LogStream.OUT, Bytes.of(new byte[bytes]));
  }

  private LogQueue.Batch take() throws InterruptedException {
    LogQueue.Batch batch = queue.take(0);
    assertThat(batch).isNotNull();
    return Objects.requireNonNull(batch);
  }

  @Test
  void print_beyondTheBound_isLeftOut_andCountedBehindWhatWasNot() throws Exception {
    Entry.Printed first = printed(1, 3_000);
    Entry.Printed other = printed(2, 3_000);
    queue.print(first);
    queue.print(printed(1, 3_000));
    // it would fit, but what was before it is missing
    queue.print(printed(1, 1));
    queue.print(other);
    queue.print(printed(3, 3_000));
    queue.print(printed(4, 3_000));
    LogQueue.Batch batch = take();
    assertThat(batch.entries())
        .startsWith(first, other)
        .endsWith(
            new Entry.LeftOut(1, 1, new Lengths(3_001, 0)),
            new Entry.LeftOut(4, 1, new Lengths(3_000, 0)))
        .hasSize(5);

    // as long as the batch is in memory, there is no room for others
    queue.print(printed(5, 3_000));
    assertThat(take().entries()).isEqualTo(List.of(new Entry.LeftOut(5, 1, new Lengths(3_000, 0))));
    queue.onWritten(batch);
    queue.print(printed(5, 3_000));
    assertThat(take().entries()).hasOnlyElementsOfType(Entry.Printed.class);
  }

  @Test
  void take_ofAClosedQueue_returnsWhatIsThere_andThenNothing() throws Exception {
    queue.print(printed(1, 10));
    queue.close();
    assertThat(queue.add(new Entry.Ended(1))).isFalse();
    assertThat(take().entries()).hasSize(1);
    assertThat(queue.take(0)).isNull();
  }

  @Test
  void take_withALimit_returnsNothing_whenItIsOver() throws Exception {
    assertThat(Objects.requireNonNull(queue.take(1)).entries()).isEmpty();
  }
}
