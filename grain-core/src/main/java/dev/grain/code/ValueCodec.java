package dev.grain.code;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import dev.grain.EncodingException;
import dev.grain.bytes.Bytes;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns values into bytes and back: values of a few simple types directly, all others as a graph of
 * objects by Kryo. Safe for all threads.
 */
final class ValueCodec {
  private static final byte PLAIN = 0;
  private static final byte GRAPH = 1;

  private static final String TOO_DEEP =
      "its objects are nested too deeply for the stack of the thread; flatten the structure, for"
          + " example into a list";

  static {
    // Kryo would print a warning about sun.misc.Unsafe; a choice of the user's stays
    if (System.getProperty("kryo.unsafe") == null) {
      System.setProperty("kryo.unsafe", "false");
    }
  }

  private final Pool<Engine> engines;

  /**
   * Makes a codec.
   *
   * @param classes finds every class that is decoded
   * @param lambdas encodes functions among the values
   */
  ValueCodec(ClassFinder classes, Lambdas lambdas) {
    this.engines = new Pool<>(() -> new Engine(classes, lambdas));
  }

  /** Names the values of a graph for the user. */
  @FunctionalInterface
  interface Names {
    String of(int index);
  }

  /**
   * Encodes values.
   *
   * @param limit how many bytes they may take
   * @param needs receives the classes in them; null for none
   * @throws EncodingException if something in them cannot be encoded, or if they take more than the
   *     limit
   */
  Bytes encode(
      @Nullable Object[] values, long limit, Names names, @Nullable Consumer<Class<?>> needs) {
    Bytes plain = encodePlain(values);
    if (plain != null) {
      if (plain.length() > limit) {
        throw new EncodingException(
            new Sink.LimitReached(limit, plain.length()).sentence(names.of(0)), null);
      }
      return plain;
    }
    try {
      return encodeGraph(values, limit, names, false, needs);
    } catch (CycleException e) {
      // objects inside others with Java serialization can form cycles only within its own stream
      try {
        return encodeGraph(values, limit, names, true, needs);
      } catch (CycleException again) {
        throw new EncodingException(e.sentence, null);
      }
    }
  }

  /** Encodes values of a few simple types; returns null if others are among them. */
  static @Nullable Bytes encodePlain(@Nullable Object[] values) {
    if (values.length > Byte.MAX_VALUE) {
      return null;
    }
    int size = 2;
    for (Object value : values) {
      int each = PlainValues.size(value);
      if (each < 0) {
        return null;
      }
      size += each;
    }
    byte[] bytes = new byte[size];
    bytes[0] = PLAIN;
    bytes[1] = (byte) values.length;
    int position = 2;
    for (Object value : values) {
      position = PlainValues.write(value, bytes, position);
    }
    return Bytes.of(bytes);
  }

  private Bytes encodeGraph(
      @Nullable Object[] values,
      long limit,
      Names names,
      boolean nested,
      @Nullable Consumer<Class<?>> needs) {
    Engine engine = engines.take();
    int index = 0;
    try {
      Output output = engine.write(limit, nested, needs);
      Kryo kryo = engine.kryo();
      output.writeByte(GRAPH);
      output.writeVarInt(values.length, true);
      for (; index < values.length; index++) {
        kryo.writeClassAndObject(output, values[index]);
      }
      Bytes bytes = engine.finish();
      engines.give(engine);
      return bytes;
    } catch (Sink.LimitReached e) {
      throw new EncodingException(e.sentence(names.of(Math.min(index, values.length - 1))), null);
    } catch (RuntimeException e) {
      Object root = values[index];
      Class<?> type = root == null ? Object.class : root.getClass();
      RuntimeException thrown = EncodingRefusal.of(type, e);
      String sentence =
          thrown instanceof EncodingRefusal refusal
              ? refusal.sentence(names.of(index), type, "encoded")
              : String.valueOf(thrown.getMessage());
      if (thrown instanceof EncodingRefusal refusal && refusal.isCycle()) {
        throw new CycleException(sentence);
      }
      throw new EncodingException(sentence, thrown.getCause());
    } catch (Error e) {
      throw refusal(names.of(index) + " cannot be encoded: ", e);
    }
  }

  /**
   * Decodes values.
   *
   * @throws EncodingException if they cannot be decoded with the classes here
   */
  @Nullable Object[] decode(Bytes bytes, Names names) {
    byte[] single = bytes.single();
    if (single != null && single.length >= 2 && single[0] == PLAIN) {
      try {
        @Nullable Object[] values = new Object[single[1]];
        PlainValues.Reader reader = new PlainValues.Reader(single, 2);
        for (int i = 0; i < values.length; i++) {
          values[i] = reader.next();
        }
        return values;
      } catch (RuntimeException e) {
        throw new EncodingException(names.of(0) + " cannot be decoded: its bytes are damaged", e);
      }
    }
    return decodeGraph(bytes, names, FailureParts.Rebuilt.NONE);
  }

  /**
   * Returns the value if it is one array of bytes: then it begins as all of these do. Nothing else
   * is decoded.
   */
  Optional<byte[]> decodeBytes(Bytes value) {
    byte[] encoded = toArray(value);
    byte[] none =
        toArray(encode(new Object[] {new byte[0]}, Long.MAX_VALUE, _ -> "no bytes", null));
    // the last byte is the length of no bytes
    int start = none.length - 1;
    if (encoded.length < none.length || !Arrays.equals(encoded, 0, start, none, 0, start)) {
      return Optional.empty();
    }
    try (Input input = new Input(encoded, start, encoded.length - start)) {
      int length = input.readVarInt(true) - 1;
      int from = input.position();
      return length == encoded.length - from
          ? Optional.of(Arrays.copyOfRange(encoded, from, encoded.length))
          : Optional.empty();
    } catch (KryoException e) {
      return Optional.empty();
    }
  }

  private static byte[] toArray(Bytes bytes) {
    ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(bytes.length()));
    bytes.chunks().forEach(all::put);
    return all.array();
  }

  private @Nullable Object[] decodeGraph(Bytes bytes, Names names, FailureParts.Rebuilt rebuilt) {
    Engine engine = engines.take();
    int index = 0;
    try {
      engine.rebuilding(rebuilt);
      Input input = engine.read(bytes);
      Kryo kryo = engine.kryo();
      input.readByte();
      @Nullable Object[] values = new Object[input.readVarInt(true)];
      for (; index < values.length; index++) {
        values[index] = kryo.readClassAndObject(input);
      }
      engine.finishRead(bytes);
      engines.give(engine);
      return values;
    } catch (RuntimeException e) {
      EncodingRefusal refusal =
          e instanceof EncodingRefusal known
              ? known
              : (EncodingRefusal) EncodingRefusal.of(Object.class, e);
      throw new EncodingException(
          refusal.sentence(names.of(index), null, "decoded"), refusal.getCause());
    } catch (Error e) {
      throw refusal(names.of(index) + " cannot be decoded: ", e);
    }
  }

  /** Makes a refusal of what a class of the user may have thrown; a full heap is none. */
  private static EncodingException refusal(String sentence, Error e) {
    if (e instanceof OutOfMemoryError) {
      throw e;
    }
    return new EncodingException(sentence + describe(e), e);
  }

  /** Says what an error means for a value. */
  static String describe(Error e) {
    return e instanceof StackOverflowError ? TOO_DEEP : EncodingRefusal.describe(e);
  }

  /** Encodes an exception without the parts that are encoded elsewhere. */
  Bytes encodeWithout(FailureParts parts, Throwable failure, long limit) {
    Engine engine = engines.take();
    Output output = engine.write(limit, true, null);
    engine.failure(parts);
    output.writeByte(GRAPH);
    output.writeVarInt(1, true);
    engine.kryo().writeClassAndObject(output, failure);
    Bytes bytes = engine.finish();
    engines.give(engine);
    return bytes;
  }

  /** Decodes what {@link #encodeWithout} gave. */
  @Nullable Object decodeWith(FailureParts.Rebuilt parts, Bytes failure) {
    return decodeGraph(failure, _ -> "The exception", parts)[0];
  }

  /** An encoding that may succeed in another way. */
  private static final class CycleException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String sentence;

    CycleException(String sentence) {
      super(sentence, null, false, false);
      this.sentence = sentence;
    }
  }
}
