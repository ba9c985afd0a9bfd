package dev.grain.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.Supplier;

/** What doing something allocates on this thread. */
public final class Allocation {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocation() {}

  /**
   * Does it, and fails if that allocates more than these bytes. It does it again before it fails,
   * as the JVM itself allocates when something is done for the first time.
   */
  public static <T> T assertAtMost(long bytes, Supplier<T> action) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    T result = action.get();
    if (THREADS.getCurrentThreadAllocatedBytes() - before > bytes) {
      before = THREADS.getCurrentThreadAllocatedBytes();
      result = action.get();
      assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThanOrEqualTo(bytes);
    }
    return result;
  }
}
