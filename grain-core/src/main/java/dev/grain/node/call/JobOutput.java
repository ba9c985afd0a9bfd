package dev.grain.node.call;

import dev.grain.bytes.Bytes;
import dev.grain.message.Order;
import dev.grain.node.JobRunner;
import java.util.Arrays;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** What one attempt prints, on its two streams, sent on line by line. */
final class JobOutput {
  private static final int LONGEST = 8 * 1024;

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

  /** Takes bytes of the job or of a thread it started. Returns false once the job has ended. */
  synchronized boolean write(boolean toError, byte[] bytes, int offset, int length) {
    if (closed) {
      return false;
    }
    stream(toError).write(bytes, offset, length);
    return true;
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

  synchronized boolean isClosed() {
    return closed;
  }

  /** Sends what is left and takes no more. */
  synchronized void close() {
    if (!closed) {
      if (out != null) {
        out.send();
      }
      if (error != null) {
        error.send();
      }
      closed = true;
      dispatcher.forget();
    }
  }

  /** Collects one stream up to the end of a line. */
  private final class Stream {
    private final boolean toError;
    private byte[] buffer = new byte[0];
    private int used;

    Stream(boolean toError) {
      this.toError = toError;
    }

    /** Takes the bytes in parts, so that what is sent at once stays small. */
    void write(byte[] bytes, int offset, int length) {
      for (int from = 0; from < length; from += LONGEST) {
        writePart(bytes, offset + from, Math.min(LONGEST, length - from));
      }
    }

    private void writePart(byte[] bytes, int offset, int length) {
      int lastEnd = -1;
      for (int index = 0; index < length; index++) {
        if (bytes[offset + index] == '\n') {
          lastEnd = index;
        }
      }
      append(bytes, offset, lastEnd + 1);
      if (lastEnd >= 0) {
        send();
      }
      append(bytes, offset + lastEnd + 1, length - lastEnd - 1);
      if (used >= LONGEST) {
        send();
      }
    }

    private void append(byte[] bytes, int offset, int length) {
      if (used + length > buffer.length) {
        buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, used + length));
      }
      System.arraycopy(bytes, offset, buffer, used, length);
      used += length;
    }

    void send() {
      if (used == 0) {
        return;
      }
      byte[] text = Arrays.copyOf(buffer, used);
      used = 0;
      if (buffer.length > LONGEST) {
        buffer = new byte[0];
      }
      try {
        events.printed(Bytes.of(dispatcher.toUtf8(text, toError)), toError);
      } catch (RejectedExecutionException e) {
        // the run is over, and nobody listens to a job that could not be stopped
      }
      if (echo) {
        dispatcher.echo(label(order.job(), order.spec().name()), text, toError);
      }
    }
  }
}
