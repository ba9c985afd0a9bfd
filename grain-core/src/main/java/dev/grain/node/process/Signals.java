package dev.grain.node.process;

import dev.grain.posix.Posix;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Signals to processes: by a call of the system where this process may make such calls, otherwise
 * by the program {@code kill}, as the JVM warns of calls that nobody has allowed.
 */
public final class Signals {
  static final int KILL = 9;
  static final int TERM = 15;

  /** Exit codes above this one stand for signals. */
  private static final int BASE = 128;

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(1, "SIGHUP"),
          Map.entry(2, "SIGINT"),
          Map.entry(3, "SIGQUIT"),
          Map.entry(4, "SIGILL"),
          Map.entry(5, "SIGTRAP"),
          Map.entry(6, "SIGABRT"),
          Map.entry(7, "SIGBUS"),
          Map.entry(8, "SIGFPE"),
          Map.entry(KILL, "SIGKILL"),
          Map.entry(10, "SIGUSR1"),
          Map.entry(11, "SIGSEGV"),
          Map.entry(12, "SIGUSR2"),
          Map.entry(13, "SIGPIPE"),
          Map.entry(14, "SIGALRM"),
          Map.entry(TERM, "SIGTERM"),
          Map.entry(24, "SIGXCPU"),
          Map.entry(25, "SIGXFSZ"),
          Map.entry(31, "SIGSYS"));

  private static final @Nullable MethodHandle CALL =
      Posix.function(
          "kill",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private Signals() {}

  /** Returns the name of the signal that an exit code stands for; null if it stands for none. */
  public static @Nullable String nameOf(int exitCode) {
    return exitCode > BASE ? NAMES.get(exitCode - BASE) : null;
  }

  /**
   * Sends a signal to a process group, or to the process alone that is to lead it but does not yet,
   * or never will where the system has no program for that.
   *
   * @param leader the id of the process and the group; not of one that has ended
   */
  static void sendToGroup(int signal, long leader) {
    if (!send(signal, -leader)) {
      send(signal, leader);
    }
  }

  /**
   * Sends a signal; one that is not there any more gets none.
   *
   * @param target the id of a process, or the negative id of a process group
   * @return whether the system has sent it
   */
  @SuppressWarnings("CatchThrowable") // what a method handle declares
  static boolean send(int signal, long target) {
    if (CALL != null) {
      try {
        return (int) CALL.invokeExact((int) target, signal) == 0;
      } catch (Throwable e) {
        throw new IllegalStateException("kill cannot be called", e);
      }
    } else {
      return sendByProgram(signal, target);
    }
  }

  private static boolean sendByProgram(int signal, long target) {
    try {
      Process kill =
          new ProcessBuilder("kill", "-" + signal, "--", String.valueOf(target))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return kill.waitFor() == 0;
    } catch (IOException e) {
      throw new IllegalStateException("The program kill cannot be run: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
