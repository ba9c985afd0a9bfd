package dev.grain.node.call;

import dev.grain.message.Order;
import dev.grain.node.JobRunner;
import dev.grain.terminal.LiveLine;
import dev.grain.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Sends what jobs print to the job that printed it, and all else where it went before. It stands in
 * for {@link System#out} and {@link System#err} while anybody uses it; the one thing that is shared
 * by all runs of a process.
 */
public final class OutputDispatcher {
  private static final InheritableThreadLocal<@Nullable JobOutput> CURRENT =
      new InheritableThreadLocal<>();
  private static final Object LOCK = new Object();

  // changed under LOCK, read by any thread
  private static volatile @Nullable Streams installed;
  // guarded by LOCK
  private static int users;

  private final boolean echo;
  private final boolean sharesProcess;
  private final Streams streams;

  /**
   * The streams as they were, what stands in for them, and the line on the terminal that both may
   * go to.
   *
   * @param shared knows whose the output of threads is that all jobs share
   */
  private record Streams(
      Console out,
      Console error,
      PrintStream ownOut,
      PrintStream ownError,
      @Nullable LiveLine line,
      SharedThreads shared) {
    static Streams install() {
      SharedThreads shared = new SharedThreads();
      LiveLine line = LiveLine.detect();
      Console out = new Console(System.out, Terminal.isTerminal(Terminal.OUT) ? line : null);
      Console error = new Console(System.err, line);
      PrintStream ownOut = standIn(out, false, shared);
      PrintStream ownError = standIn(error, true, shared);
      Streams streams = new Streams(out, error, ownOut, ownError, line, shared);
      System.setOut(streams.ownOut);
      System.setErr(streams.ownError);
      return streams;
    }

    private static PrintStream standIn(Console console, boolean error, SharedThreads shared) {
      PrintStream own = new PrintStream(new Passing(console), true, console.stream().charset());
      return new StandIn(() -> current(own, error, shared));
    }

    private static PrintStream current(PrintStream own, boolean error, SharedThreads shared) {
      JobOutput sink = sink(shared);
      PrintStream ofJob = sink == null ? null : sink.printStream(error);
      return ofJob == null ? own : ofJob;
    }
  }

  /**
   * A stream as it was.
   *
   * @param line the line on the same terminal; null if it does not go to one
   */
  private record Console(PrintStream stream, @Nullable LiveLine line) {
    void write(byte[] bytes, int offset, int length) {
      if (line == null) {
        stream.write(bytes, offset, length);
      } else {
        line.print(stream, bytes, offset, length);
      }
    }
  }

  private OutputDispatcher(boolean echo, boolean sharesProcess, Streams streams) {
    this.echo = echo;
    this.sharesProcess = sharesProcess;
    this.streams = streams;
  }

  /**
   * Takes over the streams of the process, until {@link #release}.
   *
   * @param echo whether what jobs print is also printed by this process
   * @param sharesProcess whether the program itself runs in this process
   */
  static OutputDispatcher acquire(boolean echo, boolean sharesProcess) {
    synchronized (LOCK) {
      Streams current = installed;
      if (current == null) {
        current = Streams.install();
        installed = current;
      }
      users++;
      if (sharesProcess) {
        current.shared().programJoins();
      }
      return new OutputDispatcher(echo, sharesProcess, current);
    }
  }

  /** Puts the streams back as they were, unless they are still used or were replaced since. */
  void release() {
    synchronized (LOCK) {
      users--;
      if (sharesProcess) {
        streams.shared().programLeaves();
      }
      if (users == 0) {
        if (System.out == streams.ownOut()) {
          System.setOut(streams.out().stream());
        }
        if (System.err == streams.ownError()) {
          System.setErr(streams.error().stream());
        }
        installed = null;
      }
    }
  }

  /** Returns the line on the terminal; null if there is none. */
  @Nullable LiveLine line() {
    return streams.line();
  }

  /** Lets what the current thread, and threads it starts, print belong to the job. */
  JobOutput open(Order order, JobRunner.Events events) {
    JobOutput sink = new JobOutput(order, events, this, echo);
    streams.shared().begin(sink);
    CURRENT.set(sink);
    return sink;
  }

  /** Lets what the current thread prints belong to a job that another thread has opened. */
  void share(JobOutput sink) {
    CURRENT.set(sink);
  }

  private static @Nullable JobOutput sink(SharedThreads shared) {
    JobOutput sink = CURRENT.get();
    return sink == null ? shared.current() : sink;
  }

  /** Returns whether what the current thread prints belongs to a job that runs. */
  public static boolean isUsedByJob() {
    Streams current = installed;
    JobOutput sink = current == null ? null : sink(current.shared());
    return sink != null && sink.printStream(true) != null;
  }

  /** The job has ended, and the current thread prints for none any more. */
  void forget(JobOutput sink) {
    CURRENT.remove();
    streams.shared().end(sink);
  }

  /**
   * Prints lines of a job, each with its label in front, on the streams as they were.
   *
   * @param text the lines, in UTF-8
   */
  void echo(String label, byte[] text, boolean toError) {
    Console sink = toError ? streams.error() : streams.out();
    byte[] prefix = ("[" + label + "] ").getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream lines = new ByteArrayOutputStream(text.length + prefix.length + 1);
    boolean atStart = true;
    for (byte next : text) {
      if (atStart) {
        lines.writeBytes(prefix);
      }
      lines.write(next);
      atStart = next == '\n';
    }
    if (!atStart) {
      lines.write('\n');
    }
    byte[] encoded = encode(lines.toByteArray(), sink.stream().charset());
    sink.write(encoded, 0, encoded.length);
    sink.stream().flush();
  }

  /** A stream of ASCII only means that there is no locale, so it gets all letters. */
  private static byte[] encode(byte[] utf8, Charset charset) {
    return charset.equals(StandardCharsets.UTF_8) || charset.equals(StandardCharsets.US_ASCII)
        ? utf8
        : new String(utf8, StandardCharsets.UTF_8).getBytes(charset);
  }

  /** Passes on to a stream as it was, past the line on the terminal. */
  private static final class Passing extends OutputStream {
    private final Console console;

    Passing(Console console) {
      this.console = console;
    }

    @Override
    public void write(int next) {
      write(new byte[] {(byte) next}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      console.write(bytes, offset, length);
    }

    @Override
    public void flush() {
      console.stream().flush();
    }
  }
}
