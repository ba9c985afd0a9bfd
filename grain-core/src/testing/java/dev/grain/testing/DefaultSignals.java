package dev.grain.testing;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Has the processes that tests start react to signals also where the tests run in the background: a
 * shell has what it starts there ignore SIGINT, {@code nohup} SIGHUP, and children inherit that. So
 * this process takes the default again for each signal that it ignores.
 */
public final class DefaultSignals implements LauncherSessionListener {
  // a JVM never ignores SIGQUIT
  private static final Map<String, Integer> SIGNALS = Map.of("HUP", 1, "INT", 2, "TERM", 15);

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    SIGNALS.forEach((name, number) -> {
      if (isIgnoredByChildren(name)) {
        restoreDefault(number);
      }
    });
  }

  /** A shell that survives its own signal has inherited that it is ignored. */
  private static boolean isIgnoredByChildren(String signal) {
    try {
      Process shell =
          new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " $$; exit 0")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try {
        return shell.waitFor(1, TimeUnit.MINUTES) && shell.exitValue() == 0;
      } finally {
        shell.destroyForcibly();
      }
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @SuppressWarnings("restricted")
  private static void restoreDefault(int signal) {
    Linker linker = Linker.nativeLinker();
    try {
      // SIG_DFL is 0
      MemorySegment before =
          (MemorySegment)
              linker
                  .downcallHandle(
                      linker.defaultLookup().findOrThrow("signal"),
                      FunctionDescriptor.of(
                          ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.ADDRESS))
                  .invokeExact(signal, MemorySegment.NULL);
      assert before.address() == 1 : "signal " + signal + " was not ignored";
    } catch (Throwable e) {
      throw new IllegalStateException("The signal " + signal + " cannot be reset", e);
    }
  }
}
