package dev.grain.git;

import dev.grain.node.prepare.Progress;
import java.time.Duration;
import java.util.Locale;
import org.eclipse.jgit.lib.ProgressMonitor;

/** Reports what JGit does, and ends it when its thread is interrupted. Only for that thread. */
final class Reports implements ProgressMonitor {
  private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();

  private final Progress progress;
  private final String what;
  // only accessed by JGit's thread
  private String phase;
  private long done;
  private long total;
  private long reported;

  /**
   * Makes one.
   *
   * @param what what is done, as in "fetching https://example.org/x"
   */
  Reports(Progress progress, String what) {
    this.progress = progress;
    this.what = what;
    this.phase = what;
  }

  @Override
  public void start(int totalTasks) {
    progress.report(what, 0, 0);
  }

  @Override
  public void beginTask(String title, int totalWork) {
    phase = what + ": " + title.toLowerCase(Locale.ROOT).strip();
    done = 0;
    total = Math.max(0, totalWork);
    report();
  }

  @Override
  public void update(int completed) {
    done += completed;
    if (System.nanoTime() - reported >= PAUSE_NANOS) {
      report();
    }
  }

  private void report() {
    progress.report(phase, done, total);
    reported = System.nanoTime();
  }

  @Override
  public void endTask() {
    report();
  }

  @Override
  public boolean isCancelled() {
    return QuietSystem.isCancelled();
  }

  @Override
  public void showDuration(boolean enabled) {
    // people see how long a preparation takes elsewhere
  }
}
