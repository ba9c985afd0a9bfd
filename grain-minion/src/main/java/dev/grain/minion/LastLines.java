package dev.grain.minion;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Passes on what is printed, and remembers the last lines of it. For any thread. */
final class LastLines extends OutputStream {
  private static final int MOST_LINES = 50;

  /** What is longer is cut off. */
  private static final int MOST_BYTES = 1000;

  private final PrintStream to;

  // both guarded by this
  private final Deque<byte[]> lines = new ArrayDeque<>();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  LastLines(PrintStream to) {
    this.to = to;
  }

  /** Returns a stream that prints here, in the encoding of the one behind. */
  PrintStream stream() {
    return new PrintStream(this, false, to.charset());
  }

  @Override
  public void write(int octet) {
    write(new byte[] {(byte) octet}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) {
    to.write(bytes, from, length);
    remember(bytes, from, length);
  }

  @Override
  public void flush() {
    to.flush();
  }

  private synchronized void remember(byte[] bytes, int from, int length) {
    int end = from + length;
    int start = from;
    // of a lot, only the end is worth a look
    for (int seen = 0, i = end - 1; i >= from; i--) {
      if (bytes[i] == '\n' && ++seen > MOST_LINES) {
        start = i + 1;
        line.reset();
        break;
      }
    }
    for (int i = start; i < end; i++) {
      if (bytes[i] == '\n') {
        add(bytes, start, i);
        lines.addLast(line.toByteArray());
        line.reset();
        if (lines.size() > MOST_LINES) {
          lines.removeFirst();
        }
        start = i + 1;
      }
    }
    add(bytes, start, end);
  }

  private void add(byte[] bytes, int start, int end) {
    line.write(bytes, start, Math.clamp(MOST_BYTES - line.size(), 0, end - start));
  }

  /** Returns the last lines, with one that has not ended. */
  synchronized List<String> lines() {
    Charset charset = to.charset();
    List<String> texts = new ArrayList<>();
    lines.forEach(each -> texts.add(new String(each, charset)));
    if (line.size() > 0) {
      texts.add(line.toString(charset));
    }
    return texts;
  }
}
