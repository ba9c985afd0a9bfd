package dev.grain.node.process;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Processes that the JDK starts, with a session each where there is the program {@code setsid}. */
final class JdkChildren implements Children {
  /** How the JDK reports E2BIG, whose number is the same on every system. */
  private static final Pattern TOO_LONG = Pattern.compile("error[=:] ?7\\b");

  private final Semaphore wakes = new Semaphore(0);
  // set by any thread
  private volatile boolean closed;

  private record Started(Process process, long startedTick) implements Child {
    @Override
    public long pid() {
      return process.pid();
    }

    @Override
    public boolean isAlive() {
      return process.isAlive();
    }

    @Override
    public int exitCode() {
      return process.exitValue();
    }

    @Override
    public long cpuTime() {
      return -1;
    }
  }

  @Override
  public Child start(Launch launch) throws IOException, NotPossible {
    ProcessBuilder builder = new ProcessBuilder(Session.command(launch.words()));
    putAll(launch.environment(), builder.environment());
    builder.directory(launch.folder().toFile());
    builder.redirectInput(launch.stdin().toFile());
    builder.redirectOutput(redirect(launch.stdout()));
    builder.redirectError(redirect(launch.stderr()));
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      if (TOO_LONG.matcher(String.valueOf(e.getMessage())).find()) {
        throw NotPossible.tooLong();
      }
      throw e;
    }
    return new Started(process, ProcessTable.started(process.pid()));
  }

  /** Leaves what is inherited as it is, as it may have bytes that no text stands for. */
  private static void putAll(Map<String, String> wanted, Map<String, String> inherited) {
    inherited.keySet().retainAll(wanted.keySet());
    wanted.forEach((name, value) -> {
      if (!value.equals(inherited.get(name))) {
        inherited.put(name, value);
      }
    });
  }

  private static Redirect redirect(Launch.Output output) {
    return output.append()
        ? Redirect.appendTo(output.path().toFile())
        : Redirect.to(output.path().toFile());
  }

  @Override
  public void watch(Child child) {
    var _ = ((Started) child).process().onExit().thenRun(this::wake);
  }

  @Override
  public boolean await(long nanos) {
    try {
      if (!closed && wakes.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
        wakes.drainPermits();
      }
    } catch (InterruptedException e) {
      // nobody interrupts the thread that waits
      Thread.currentThread().interrupt();
    }
    return !closed;
  }

  @Override
  public void wake() {
    wakes.release();
  }

  @Override
  public void close() {
    closed = true;
    wake();
  }
}
