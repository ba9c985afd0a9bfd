package dev.grain.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class TasksTest {
  private static final long LONG_NANOS = TimeUnit.DAYS.toNanos(1);

  private final Tasks tasks = new Tasks();
  private final List<String> done = new ArrayList<>();

  private void add(String name, boolean isUrgent) {
    tasks.add(() -> done.add(name), isUrgent);
  }

  @Test
  void take_withoutTasks_returnsNone_whenItHasTakenTooLong() throws Exception {
    assertThat(tasks.take(1)).isEmpty();
  }

  @Test
  void take_ofTasksThatAreNotUrgent_returnsThemInOrder_soon() throws Exception {
    add("a", false);
    add("b", false);
    tasks.take(LONG_NANOS).forEach(Runnable::run);
    assertThat(done).containsExactly("a", "b");
    assertThat(tasks.take(0)).isEmpty();
  }

  @Test
  void take_whileNothingIsThere_returnsWhatIsUrgent() throws Exception {
    CompletableFuture<List<Runnable>> taken = new CompletableFuture<>();
    Thread taker =
        Thread.ofVirtual()
            .start(() -> {
              try {
                taken.complete(tasks.take(LONG_NANOS));
              } catch (InterruptedException e) {
                taken.completeExceptionally(e);
              }
            });
    add("a", true);
    taken.get().forEach(Runnable::run);
    assertThat(done).containsExactly("a");
    taker.join();
  }
}
