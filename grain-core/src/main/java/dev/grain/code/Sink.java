package dev.grain.code;

import com.esotericsoftware.kryo.io.Output;
import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Where an engine's output goes once its buffer is full: chunks up to a limit. Small values never
 * get here, they are copied out of the buffer in one piece.
 *
 * <p>Owned by the thread that has the engine.
 */
final class Sink extends OutputStream {
  private long limit;
  private Bytes.@Nullable Builder builder;

  void start(long newLimit) {
    limit = newLimit;
    builder = null;
  }

  @Override
  public void write(int next) {
    write(new byte[] {(byte) next}, 0, 1);
  }

  @Override
  public void write(byte[] source, int offset, int length) {
    Bytes.Builder target = builder;
    if (target == null) {
      target = new Bytes.Builder(limit);
      builder = target;
    }
    try {
      target.write(source, offset, length);
    } catch (IOException e) {
      throw new LimitReached(limit, target.length() + length);
    }
  }

  /** Returns what was written to the output, and forgets it. */
  Bytes finish(Output output) {
    Bytes.Builder target = builder;
    if (target == null) {
      if (output.position() > limit) {
        throw new LimitReached(limit, output.position());
      }
      return Bytes.of(output.toBytes());
    }
    output.flush();
    builder = null;
    return target.toBytes();
  }

  /** The limit, in bytes. */
  long limit() {
    return limit;
  }

  /** How many more bytes may be written beyond those in the output's buffer. */
  long left(Output output) {
    return Math.max(0, limit - output.total());
  }

  void forget() {
    builder = null;
  }

  /** The limit was passed; passes through the serializers unchanged. */
  static final class LimitReached extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final long limit;
    private final long size;

    LimitReached(long limit, long size) {
      super("More than " + limit + " bytes", null, false, false);
      this.limit = limit;
      this.size = size;
    }

    /** Returns a sentence for the user. */
    String sentence(String root) {
      return root
          + " cannot be encoded: it takes more than the limit of "
          + limit
          + " bytes (at least "
          + size
          + " bytes so far); send less, pass the name of a file, or give the program a larger heap";
    }
  }
}
