package dev.grain.cli;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads the lines of a stream as bytes; for one thread. */
public final class LineReader {
  private static final int BUFFER = 1 << 16;

  private final InputStream in;
  private final byte delimiter;
  private final int most;
  private byte[] line = new byte[256];
  private int length;
  private boolean ended;

  /**
   * Makes a reader, which closes the stream at its end.
   *
   * @param delimiter the byte that ends a line
   * @param most how many bytes of a line are kept
   */
  public LineReader(InputStream in, byte delimiter, int most) {
    this.in = new BufferedInputStream(in, BUFFER);
    this.delimiter = delimiter;
    this.most = most;
  }

  /** Reads the next line, without its end; returns null at the end of the stream. */
  public byte @Nullable [] next() throws IOException {
    int one = ended ? -1 : in.read();
    if (one < 0) {
      if (!ended) {
        ended = true;
        in.close();
      }
      return null;
    }
    length = 0;
    for (; one >= 0 && (byte) one != delimiter; one = in.read()) {
      if (length < most) {
        if (length == line.length) {
          line = Arrays.copyOf(line, (int) Math.min(most, length * 2L));
        }
        line[length] = (byte) one;
      }
      length++;
    }
    return Arrays.copyOf(line, Math.min(length, most));
  }

  /** Returns how many bytes the last line had, of which not all may have been kept. */
  public int length() {
    return length;
  }
}
