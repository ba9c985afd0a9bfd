package dev.grain.testing;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A thread that waits for the end of a test class, and ends the class when its time is over. */
final class Watch {
  private static final int HALTED = 3;

  private final String test;
  private final Duration limit;
  private final Duration grace;
  private final Thread tester = Thread.currentThread();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread thread;

  // what is wrong, empty if nothing is; completed by the watching thread
  private final CompletableFuture<String> complaint = new CompletableFuture<>();
  // set by the watching thread, read by that of the test
  private volatile boolean over;

  private Watch(Class<?> test, Duration limit, Duration grace) {
    this.test = test.getName();
    this.limit = limit;
    this.grace = grace;
    this.thread = Thread.ofPlatform().daemon().name("junit-limit").unstarted(this::watch);
  }

  /** Watches the class that the current thread tests. */
  static Watch start(Class<?> test, Duration limit, Duration grace) {
    Watch watch = new Watch(test, limit, grace);
    watch.thread.start();
    return watch;
  }

  boolean isOver() {
    return over;
  }

  private void watch() {
    try {
      if (!ended.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        giveUp();
      }
    } catch (InterruptedException e) {
      // only a test that interrupts strange threads: the class is watched no more
      Thread.currentThread().interrupt();
    } finally {
      complaint.complete("");
    }
  }

  private void giveUp() throws InterruptedException {
    over = true;
    String threads = threads();
    String report =
        "%s did not end within %s s: its processes were killed.\n\n%s\n%s"
            .formatted(test, limit.toSeconds(), ChildProcesses.kill(), threads);
    tester.interrupt();
    complaint.complete(report);
    if (!ended.await(grace.toMillis(), TimeUnit.MILLISECONDS)) {
      System.err.println(report);
      System.err.println(test + " does not end when interrupted either: this JVM is ended.");
      System.err.flush();
      Runtime.getRuntime().halt(HALTED);
    }
  }

  private static String threads() {
    try {
      Path folder = Files.createTempDirectory("threads");
      Path file = folder.resolve("dump.txt");
      try {
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
            .dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
        return "The threads of the test:\n" + Files.readString(file);
      } finally {
        Files.deleteIfExists(file);
        Files.delete(folder);
      }
    } catch (IOException e) {
      return "The threads of the test cannot be shown: " + e;
    }
  }

  /**
   * Ends the watching.
   *
   * @throws AssertionError if the time of the class was over
   */
  void end() {
    ended.countDown();
    String text = complaint.join();
    if (!text.isEmpty()) {
      Thread.interrupted();
      throw new AssertionError(text);
    }
  }
}
