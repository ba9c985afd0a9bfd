package dev.grain.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Waits that an interrupt does not end, and the flag afterwards. */
final class UninterruptiblyTest {
  private static final long HOUR = TimeUnit.HOURS.toNanos(1);

  @AfterEach
  void clearFlag() {
    Thread.interrupted();
  }

  @Test
  void await_uninterrupted_leavesTheFlagAlone() {
    Uninterruptibly.await(() -> {});
    assertThat(Uninterruptibly.await(HOUR, _ -> true)).isTrue();
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void await_interrupted_waitsForTheEndAndSetsTheFlag() throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    Thread opener = Thread.ofVirtual().unstarted(latch::countDown);
    AtomicInteger waits = new AtomicInteger();
    Thread.currentThread().interrupt();
    Uninterruptibly.await(() -> {
      if (waits.incrementAndGet() == 2) {
        opener.start();
      }
      latch.await();
    });
    assertThat(waits).hasValue(2);
    assertThat(Thread.interrupted()).isTrue();
    opener.join();
  }

  @Test
  void await_interruptedAgainAndAgain_waitsForWhatIsLeft() {
    List<Long> left = new ArrayList<>();
    boolean come =
        Uninterruptibly.await(
            HOUR,
            nanos -> {
              left.add(nanos);
              if (left.size() < 4) {
                throw new InterruptedException();
              }
              return true;
            });
    assertThat(come).isTrue();
    assertThat(left).hasSize(4).allMatch(nanos -> nanos > 0 && nanos <= HOUR);
    assertThat(left).isSortedAccordingTo((a, b) -> Long.compare(b, a));
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void await_interruptedWithoutTime_tellsWhetherItHasCome() {
    Semaphore permits = new Semaphore(1);
    for (boolean free : new boolean[] {true, false}) {
      Thread.currentThread().interrupt();
      assertThat(Uninterruptibly.await(0, left -> permits.tryAcquire(left, TimeUnit.NANOSECONDS)))
          .isEqualTo(free);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void await_endedByAnException_setsTheFlagAllTheSame() {
    AtomicInteger waits = new AtomicInteger();
    assertThatThrownBy(() ->
            Uninterruptibly.await(() -> {
              if (waits.incrementAndGet() == 1) {
                throw new InterruptedException();
              }
              throw new IllegalStateException("gone");
            }))
        .hasMessage("gone");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void park_interrupted_goesOnUntilTheConditionHolds() {
    AtomicInteger asked = new AtomicInteger();
    Thread.currentThread().interrupt();
    // the first park ends by the interrupt, each of the others by a permit
    boolean holds =
        Uninterruptibly.park(
            this,
            HOUR,
            () -> {
              LockSupport.unpark(Thread.currentThread());
              return asked.incrementAndGet() == 5;
            });
    assertThat(holds).isTrue();
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void park_withoutTime_asksOnce() {
    AtomicInteger asked = new AtomicInteger();
    assertThat(Uninterruptibly.park(this, 0, () -> asked.incrementAndGet() > 1)).isFalse();
    assertThat(asked).hasValue(1);
    assertThat(Uninterruptibly.park(this, -1, () -> true)).isTrue();
    assertThat(Thread.interrupted()).isFalse();
  }
}
