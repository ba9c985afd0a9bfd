package dev.grain.git;

import dev.grain.node.prepare.PreparationException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.DefaultTypedConfigGetter;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;
import org.jspecify.annotations.Nullable;

/**
 * Keeps JGit, as this package uses it, from the user's configuration of git and from the program
 * {@code git}, so that all nodes do the same, and from files of its own in the user's home. Other
 * uses of JGit in the process see what they did before.
 */
final class QuietSystem extends SystemReader.Delegate {
  private static final ScopedValue<Call> QUIET = ScopedValue.newInstance();

  /** JGit takes a file that has changed within this time for one that may have changed again. */
  private static final Duration TIME_STAMPS = Duration.ofSeconds(2);

  private static final Duration REMINDER = Duration.ofMillis(100);

  // set while the lock of this class is held, read by any thread
  private static volatile boolean priming;

  private QuietSystem(SystemReader usual) {
    super(usual);
  }

  /**
   * Runs something with JGit, in a thread of its own, as JGit hears of an interrupt only in virtual
   * threads. If the caller is interrupted, so is that thread, and this returns when it has ended.
   */
  static <T extends @Nullable Object> T call(Action<T> action)
      throws PreparationException, IOException, InterruptedException {
    install();
    Call call = new Call();
    FutureTask<T> task = new FutureTask<>(() -> ScopedValue.where(QUIET, call).call(action::run));
    // virtual, as an interrupt ends only what such a thread reads from a socket
    Thread thread = Thread.ofVirtual().name("grain-git").start(task);
    try {
      return task.get();
    } catch (InterruptedException e) {
      call.cancelled = true;
      end(thread);
      throw e;
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case PreparationException failure -> throw failure;
        case IOException failure -> throw failure;
        case InterruptedException failure -> throw failure;
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        case null, default -> throw new IllegalStateException(e.getCause());
      }
    }
  }

  /**
   * Returns whether the caller of this thread's action was interrupted: JGit interrupts its threads
   * itself when a server says nothing.
   */
  static boolean isCancelled() {
    return QUIET.isBound() && QUIET.get().cancelled;
  }

  /** Something to do with JGit. */
  @FunctionalInterface
  interface Action<T extends @Nullable Object> {
    T run() throws PreparationException, IOException, InterruptedException;
  }

  private static final class Call {
    // set by the caller, read by the thread of the action
    private volatile boolean cancelled;
  }

  /** Interrupts a thread until it ends: some of JGit's waiting goes on after an interrupt. */
  private static void end(Thread thread) {
    boolean ended = false;
    boolean interrupted = false;
    while (!ended) {
      thread.interrupt();
      try {
        ended = thread.join(REMINDER);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static synchronized void install() {
    SystemReader usual = SystemReader.getInstance();
    if (!(usual instanceof QuietSystem)) {
      SystemReader.setInstance(new QuietSystem(usual));
    }
  }

  /**
   * Tells JGit the resolution of a disk's time stamps: otherwise it measures it with files there,
   * and writes it to the user's home.
   */
  static synchronized void expectTimeStamps(Path existing) {
    priming = true;
    try {
      FS.getFileStoreAttributes(existing);
    } finally {
      priming = false;
    }
  }

  private static boolean isQuiet() {
    return QUIET.isBound() || priming;
  }

  @Override
  public StoredConfig getUserConfig()
      throws org.eclipse.jgit.errors.ConfigInvalidException, IOException {
    return isQuiet() ? new Nothing(null, FS.DETECTED) : super.getUserConfig();
  }

  @Override
  public StoredConfig getJGitConfig()
      throws org.eclipse.jgit.errors.ConfigInvalidException, IOException {
    return isQuiet() ? new Nothing(null, FS.DETECTED) : super.getJGitConfig();
  }

  @Override
  public StoredConfig getSystemConfig()
      throws org.eclipse.jgit.errors.ConfigInvalidException, IOException {
    return isQuiet() ? new Nothing(null, FS.DETECTED) : super.getSystemConfig();
  }

  @Override
  public FileBasedConfig openUserConfig(Config parent, FS fs) {
    return isQuiet() ? new Nothing(parent, fs) : super.openUserConfig(parent, fs);
  }

  @Override
  public FileBasedConfig openSystemConfig(Config parent, FS fs) {
    return isQuiet() ? new Nothing(parent, fs) : super.openSystemConfig(parent, fs);
  }

  @Override
  public FileBasedConfig openJGitConfig(Config parent, FS fs) {
    return isQuiet() ? new Nothing(parent, fs) : super.openJGitConfig(parent, fs);
  }

  @Override
  public @Nullable String getenv(String variable) {
    // GIT_DIR and the like are for the program git
    return isQuiet() && variable.startsWith("GIT_") ? null : super.getenv(variable);
  }

  /** A configuration without a file. */
  private static final class Nothing extends FileBasedConfig {
    Nothing(@Nullable Config parent, FS fs) {
      super(parent, null, fs);
      setTypedConfigGetter(
          new DefaultTypedConfigGetter() {
            @Override
            public @Nullable Long getTimeUnit(
                Config config,
                String section,
                @Nullable String subsection,
                String name,
                @Nullable Long usual,
                TimeUnit unit) {
              return "filesystem".equals(section)
                  ? unit.convert(TIME_STAMPS)
                  : super.getTimeUnit(config, section, subsection, name, usual, unit);
            }
          });
    }

    @Override
    public void load() {
      // there is nothing to load
    }

    @Override
    public void save() {
      // and nowhere to save to
    }

    @Override
    public boolean isOutdated() {
      return false;
    }
  }
}
