package dev.grain.code;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.NotSerializableException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Objects that only Java serialization can open: those of closed classes of the JDK, and those of
 * classes that define their own serialization.
 *
 * <p>The objects inside go back to the graph wherever that is possible, and a token stands for them
 * in the stream of Java serialization. So they may be of any class, and what is shared stays
 * shared.
 */
final class JavaSerializer extends Serializer<Object> {
  private final Engine engine;

  JavaSerializer(Engine engine) {
    this.engine = engine;
  }

  @Override
  public void write(Kryo kryo, Output output, Object object) {
    if (kryo.getDepth() > Engine.MAX_DEPTH) {
      throw EncodingRefusal.ofDepth(object.getClass());
    }
    int id = engine.references().open();
    var body = new Bytes.Builder(engine.sink().left(output));
    List<Object> parts;
    try (var stream = new JavaOutput(body, engine)) {
      stream.writeObject(object);
      stream.flush();
      parts = stream.parts();
    } catch (Bytes.LimitExceededException e) {
      throw new Sink.LimitReached(engine.sink().limit(), output.total() + body.length());
    } catch (NotSerializableException e) {
      throw EncodingRefusal.of(object.getClass(), reason(e), e);
    } catch (RuntimeException e) {
      throw EncodingRefusal.of(object.getClass(), e);
    } catch (IOException e) {
      throw EncodingRefusal.of(
          object.getClass(), "its own serialization threw " + EncodingRefusal.describe(e), e);
    }
    output.writeVarInt(parts.size(), true);
    for (Object part : parts) {
      try {
        kryo.writeClassAndObject(output, part);
      } catch (RuntimeException e) {
        throw EncodingRefusal.at(object.getClass(), JavaOutput.segment(object, part), e);
      }
    }
    copy(body.toBytes(), output);
    engine.references().close(id);
  }

  /**
   * Returns what it means; the JDK throws it with the name of a class, some classes with a text.
   */
  private static String reason(NotSerializableException e) {
    String message = String.valueOf(e.getMessage());
    return message.isEmpty() || message.contains(" ")
        ? "its own serialization threw " + EncodingRefusal.describe(e)
        : "inside it is an object of " + message + ", which is not Serializable";
  }

  private static void copy(Bytes body, Output output) {
    output.writeVarLong(body.length(), true);
    byte[] single = body.single();
    if (single != null) {
      output.writeBytes(single);
      return;
    }
    byte[] buffer = new byte[8 * 1024];
    try (InputStream in = body.stream()) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        output.writeBytes(buffer, 0, count);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public @Nullable Object read(Kryo kryo, Input input, Class<?> type) {
    @Nullable Object[] parts = new Object[input.readVarInt(true)];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = kryo.readClassAndObject(input);
    }
    var slice = new Slice(input, input.readVarLong(true));
    try (var stream = new JavaInput(slice, engine.classes(), parts, engine.rebuilding())) {
      Object object = stream.readObject();
      slice.skipRest();
      return object;
    } catch (IOException | ClassNotFoundException e) {
      throw EncodingRefusal.of(
          type, "its own serialization threw " + EncodingRefusal.describe(e), e);
    } catch (RuntimeException e) {
      throw EncodingRefusal.of(type, e);
    }
  }

  /** The next bytes of an input, and no more. */
  private static final class Slice extends InputStream {
    private final Input input;
    private long left;

    Slice(Input input, long length) {
      this.input = input;
      this.left = length;
    }

    @Override
    public int read() {
      if (left == 0) {
        return -1;
      }
      left--;
      return input.readByteUnsigned();
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (length == 0) {
        return 0;
      }
      if (left == 0) {
        return -1;
      }
      int count = (int) Math.min(left, length);
      input.readBytes(target, offset, count);
      left -= count;
      return count;
    }

    void skipRest() {
      for (; left > 0; left--) {
        input.readByte();
      }
    }
  }
}
