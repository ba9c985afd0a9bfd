package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class HeapSizeTest {
  private static final long GIB = 1L << 30;
  private static final long LIMIT = 100 * GIB;

  private static long heap(String... arguments) {
    return HeapSize.of(arguments, LIMIT);
  }

  @Test
  void heap_withoutMemory_isATenthMoreThanFourFifthsOfTheLimit() {
    assertThat(heap("--port", "0")).isCloseTo(88 * GIB, within(1000L));
  }

  @Test
  void heap_withMemory_isATenthMore() {
    assertThat(heap("--memory", "10GiB")).isEqualTo(11 * GIB);
    assertThat(heap("--once", "--memory=10GiB", "--cpus", "2")).isEqualTo(11 * GIB);
  }

  @Test
  void heap_withMoreThanTheLimit_leavesATenthOfIt() {
    assertThat(heap("--memory", "95GiB")).isCloseTo(90 * GIB, within(1000L));
    assertThat(heap("--memory", "1TiB")).isCloseTo(90 * GIB, within(1000L));
  }

  @Test
  void heap_withLittleMemory_isEnoughForTheWorkerItself() {
    assertThat(heap("--memory", "1MiB")).isEqualTo(32L << 20);
    assertThat(HeapSize.of(new String[] {"--memory", "1MiB"}, 0)).isEqualTo(32L << 20);
  }

  @Test
  void heap_withWrongMemory_isThatWithoutIt() {
    assertThat(heap("--memory", "8")).isEqualTo(heap());
    assertThat(heap("--memory")).isEqualTo(heap());
    assertThat(heap("--memory=")).isEqualTo(heap());
  }

  @Test
  void heap_withUnknownLimit_followsMemoryOrIsLeftToTheJvm() {
    assertThat(HeapSize.of(new String[] {"--memory", "10GiB"}, 0)).isEqualTo(11 * GIB);
    assertThat(HeapSize.of(new String[0], 0)).isZero();
  }

  @Test
  void heap_ofWhatIsOfferedByItself_holdsIt() {
    assertThat(HeapSize.offeredWith(heap())).isGreaterThanOrEqualTo(HeapSize.offeredOf(LIMIT) - 10);
  }
}
