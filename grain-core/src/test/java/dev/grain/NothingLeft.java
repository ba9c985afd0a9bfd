package dev.grain;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Lets a test fail that leaves something behind: a platform thread, a virtual thread that runs
 * Grain's code, a replaced {@code System.out} or {@code System.err}, an interrupt flag.
 */
public final class NothingLeft implements BeforeEachCallback, AfterEachCallback {
  /** Shorter than idle threads of a pool live by themselves, so that they count as left. */
  private static final Duration LAST_STEPS = Duration.ofSeconds(2);

  /** How often the wait for a thread that is at work, not idle, starts anew: about two minutes. */
  private static final int STEPS = 60;

  private static final int DUMPS = 200;

  /** One virtual thread of a dump, up to the empty line after its frames. */
  private static final Pattern VIRTUAL =
      Pattern.compile("^#\\d+ \"[^\"]*\" virtual.*\\R(?:^ .*\\R)*", Pattern.MULTILINE);

  private Set<Thread> threads = Set.of();
  private PrintStream out = System.out;
  private PrintStream error = System.err;

  @Override
  public void beforeEach(ExtensionContext context) {
    threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    out = System.out;
    error = System.err;
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    assertThat(Thread.interrupted()).as("interrupt flag after the test").isFalse();
    assertThat(System.out).as("System.out after the test").isSameAs(out);
    assertThat(System.err).as("System.err after the test").isSameAs(error);
    assertNoThread();
    assertNoVirtualThread();
  }

  private void assertNoThread() throws InterruptedException {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (!threads.contains(thread) && !isTheJdks(thread)) {
        assertThat(ends(thread))
            .as("end of %s at %s", thread, List.of(thread.getStackTrace()))
            .isTrue();
      }
    }
  }

  /** On a busy machine the last work of a thread may take long; one that waits is idle. */
  private static boolean ends(Thread thread) throws InterruptedException {
    boolean ended = thread.join(LAST_STEPS);
    for (int step = 1; step < STEPS && !ended && isAtWork(thread); step++) {
      ended = thread.join(LAST_STEPS);
    }
    return ended;
  }

  private static boolean isAtWork(Thread thread) {
    return switch (thread.getState()) {
      case RUNNABLE, BLOCKED, TERMINATED -> true;
      case NEW, WAITING, TIMED_WAITING -> false;
    };
  }

  /** The JDK keeps these for a while, whoever caused them. */
  private static boolean isTheJdks(Thread thread) {
    String name = thread.getName();
    return name.startsWith("ForkJoinPool")
        || name.startsWith("VirtualThread-unblocker")
        || name.startsWith("VirtualThread-unparker")
        || name.startsWith("CompletableFutureDelayScheduler")
        || name.startsWith("junit-")
        || name.startsWith("process reaper");
  }

  /** A virtual thread may be at its last steps, so there is a number of looks at them. */
  private static void assertNoVirtualThread() throws IOException {
    List<String> left = virtualThreads();
    for (int dump = 0; dump < DUMPS && !left.isEmpty(); dump++) {
      left = virtualThreads();
    }
    assertThat(left).as("virtual threads that run Grain").isEmpty();
  }

  private static List<String> virtualThreads() throws IOException {
    Path folder = Files.createTempDirectory("threads");
    Path file = folder.resolve("dump.txt");
    try {
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
      try (Stream<String> found =
          VIRTUAL.matcher(Files.readString(file)).results().map(match -> match.group())) {
        return found.filter(text -> text.contains("dev.grain.")).toList();
      }
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
  }
}
