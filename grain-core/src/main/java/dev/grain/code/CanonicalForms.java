package dev.grain.code;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Output;
import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Encodes values to be compared: as they are encoded to be sent, but for sets and maps without an
 * order. Each of their entries is encoded by itself, and they are written in the order of these
 * bytes. Values such as texts and dates are written wherever they are, as it is unknown whether two
 * of them are one object. Safe for all threads.
 */
final class CanonicalForms {
  /** How much more than to be sent they may take: the same things are written again and again. */
  private static final int TIMES = 64;

  private static final long ROOM = 4L << 20;

  private final Pool<Engine> engines;

  CanonicalForms(ClassFinder classes, Lambdas lambdas) {
    this.engines = new Pool<>(() -> new Engine(classes, lambdas, true));
  }

  /**
   * Encodes values.
   *
   * @param sent how many bytes they take to be sent
   * @param needs receives the classes
   * @throws EncodingRefusal if they have no such form
   * @throws Sink.LimitReached if it is too large
   */
  Bytes encode(@Nullable Object[] values, long sent, @Nullable Consumer<Class<?>> needs) {
    CallForm call = new CallForm(TIMES * sent + ROOM, needs);
    Bytes form = call.encode(values);
    call.idle.forEach(engines::give);
    return form;
  }

  /** One call of it. Used by one thread. */
  final class CallForm {
    private final @Nullable Consumer<Class<?>> needs;
    // the sets and maps within which something is just being encoded
    private final Set<Object> open = Collections.newSetFromMap(new IdentityHashMap<>());
    // engines for sets within sets, of which the pool has not enough
    private final Deque<Engine> idle = new ArrayDeque<>();
    private final long limit;
    private long used;

    private CallForm(long limit, @Nullable Consumer<Class<?>> needs) {
      this.limit = limit;
      this.needs = needs;
    }

    private Bytes encode(@Nullable Object... values) {
      Engine engine = idle.isEmpty() ? engines.take() : idle.pop();
      engine.canonicalCall(this);
      Output output = engine.write(limit, false, needs);
      Kryo kryo = engine.kryo();
      for (Object each : values) {
        kryo.writeClassAndObject(output, each);
      }
      Bytes bytes = engine.finish();
      idle.push(engine);
      used += bytes.length();
      if (used > limit) {
        throw new Sink.LimitReached(limit, used);
      }
      return bytes;
    }

    /** Writes a set, a map or another collection whose order means nothing. */
    void writeUnordered(Object container, Output output) {
      if (!open.add(container)) {
        throw EncodingRefusal.ofCycle(container.getClass());
      }
      List<byte[]> entries = new ArrayList<>();
      try {
        if (container instanceof Map<?, ?> map) {
          map.forEach((key, value) -> entries.add(array(encode(key, value))));
        } else {
          ((Collection<?>) container).forEach(each -> entries.add(array(encode(each))));
        }
      } catch (RuntimeException e) {
        throw EncodingRefusal.at(container.getClass(), "[an entry]", e);
      }
      open.remove(container);
      entries.sort(Arrays::compareUnsigned);
      output.writeVarInt(entries.size(), true);
      for (byte[] each : entries) {
        output.writeVarInt(each.length, true);
        output.writeBytes(each);
      }
    }

    private static byte[] array(Bytes bytes) {
      byte[] single = bytes.single();
      if (single != null) {
        return single;
      }
      try {
        return bytes.stream().readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
