package dev.grain.scope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.NothingLeft;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The adaptor does what the class behind it does. */
@ExtendWith(NothingLeft.class)
final class TaskScopeTest {
  private static final ScopedValue<String> NAME = ScopedValue.newInstance();

  @Test
  void join_waitsForAllTasks() throws InterruptedException {
    AtomicInteger ended = new AtomicInteger();
    try (TaskScope scope = TaskScope.open(() -> false)) {
      for (int task = 0; task < 100; task++) {
        scope.fork(ended::incrementAndGet);
      }
      scope.join();
      assertThat(ended).hasValue(100);
    }
  }

  @Test
  void fork_inheritsScopedValues() throws InterruptedException {
    AtomicReference<String> seen = new AtomicReference<>();
    ScopedValue.where(NAME, "bound")
        .call(() -> {
          try (TaskScope scope = TaskScope.open(() -> false)) {
            scope.fork(() -> {
              seen.set(NAME.get());
              return null;
            });
            scope.join();
          }
          return null;
        });

    assertThat(seen).hasValue("bound");
  }

  @Test
  void condition_thatHoldsWhenATaskEnds_interruptsTheOthers() throws InterruptedException {
    AtomicBoolean cancelled = new AtomicBoolean();
    CountDownLatch interrupted = new CountDownLatch(1);
    CountDownLatch started = new CountDownLatch(1);
    try (TaskScope scope = TaskScope.open(cancelled::get)) {
      scope.fork(() -> {
        started.countDown();
        try {
          new CountDownLatch(1).await();
        } catch (InterruptedException e) {
          interrupted.countDown();
        }
        return null;
      });
      started.await();
      scope.fork(() -> {
        cancelled.set(true);
        return null;
      });
      scope.join();
    }
    assertThat(interrupted.getCount()).isZero();
  }

  @Test
  void taskThatThrows_doesNotFailTheJoin() throws InterruptedException {
    try (TaskScope scope = TaskScope.open(() -> false)) {
      scope.fork(() -> {
        throw new IllegalStateException("the caller records this itself");
      });
      scope.join();
    }
  }

  @Test
  void join_interrupted_saysSo() throws InterruptedException {
    CountDownLatch release = new CountDownLatch(1);
    try (TaskScope scope = TaskScope.open(() -> false)) {
      scope.fork(() -> {
        release.await();
        return null;
      });
      Thread.currentThread().interrupt();
      assertThatThrownBy(scope::join).isInstanceOf(InterruptedException.class);
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
  }

  @Test
  void fork_byAnotherThread_isRefused() throws InterruptedException {
    AtomicBoolean refused = new AtomicBoolean();
    try (TaskScope scope = TaskScope.open(() -> false)) {
      Thread.ofVirtual()
          .start(() -> {
            try {
              scope.fork(() -> null);
            } catch (WrongThreadException e) {
              refused.set(true);
            }
          })
          .join();
      scope.join();
    }
    assertThat(refused).isTrue();
  }
}
