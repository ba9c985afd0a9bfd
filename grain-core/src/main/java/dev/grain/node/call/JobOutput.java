package dev.grain.node.call;

import dev.grain.bytes.Bytes;
import dev.grain.message.Order;
import dev.grain.node.JobRunner;
import dev.grain.node.OutputLines;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** What one attempt prints, on its two streams, sent on line by line. */
final class JobOutput {
  private final Order order;
  private final JobRunner.Events events;
  private final OutputDispatcher dispatcher;
  private final boolean echo;
  // all guarded by this; the streams from the first time the job prints
  private @Nullable Stream out;
  private @Nullable Stream error;
  private boolean closed;

  JobOutput(Order order, JobRunner.Events events, OutputDispatcher dispatcher, boolean echo) {
    this.order = order;
    this.events = events;
    this.dispatcher = dispatcher;
    this.echo = echo;
  }

  /**
   * Returns what the job, and threads it started, print on, in UTF-8 whatever the locale of this
   * process is; null once the job has ended.
   */
  synchronized @Nullable PrintStream printStream(boolean toError) {
    return closed ? null : stream(toError).printStream;
  }

  private Stream stream(boolean toError) {
    if (toError) {
      error = error == null ? new Stream(true) : error;
      return error;
    }
    out = out == null ? new Stream(false) : out;
    return out;
  }

  /**
   * Returns what stands in front of the lines of a job where they are mixed with those of others.
   */
  static String label(long job, String name) {
    return name.isEmpty() ? "job " + job : name;
  }

  /** Sends what is left and takes no more. */
  synchronized void close() {
    if (!closed) {
      if (out != null) {
        out.lines.flush();
      }
      if (error != null) {
        error.lines.flush();
      }
      closed = true;
      dispatcher.forget(this);
    }
  }

  /** One of its streams. Drops what comes after the end of the job. */
  private final class Stream extends OutputStream {
    private final PrintStream printStream = new PrintStream(this, false, StandardCharsets.UTF_8);
    // guarded by the output of the job
    private final OutputLines lines;

    Stream(boolean toError) {
      lines = new OutputLines(text -> send(text, toError));
    }

    @Override
    public void write(int next) {
      write(new byte[] {(byte) next}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      synchronized (JobOutput.this) {
        if (!closed) {
          lines.add(bytes, offset, length);
        }
      }
    }
  }

  private void send(byte[] text, boolean toError) {
    try {
      events.printed(Bytes.of(text), toError);
    } catch (RejectedExecutionException e) {
      // the run is over, and nobody listens to a job that could not be stopped
    }
    if (echo) {
      dispatcher.echo(label(order.job(), order.spec().name()), text, toError);
    }
  }
}
