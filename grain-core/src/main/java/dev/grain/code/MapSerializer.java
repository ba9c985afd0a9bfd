package dev.grain.code;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.Comparator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Maps that are made empty and then filled. */
final class MapSerializer extends Serializer<Object> {
  /** The step to some key. */
  static final String KEY = "[a key]";

  private final boolean sorted;
  private final JdkCollections.Maker<Map<@Nullable Object, @Nullable Object>> maker;

  MapSerializer(
      boolean sorted, JdkCollections.Maker<Map<@Nullable Object, @Nullable Object>> maker) {
    this.sorted = sorted;
    this.maker = maker;
  }

  @Override
  public void write(Kryo kryo, Output output, Object object) {
    if (kryo.getDepth() > Engine.MAX_DEPTH) {
      throw EncodingRefusal.ofDepth(object.getClass());
    }
    if (sorted) {
      CollectionSerializer.writeComparator(kryo, output, object);
    }
    // a concurrent map may change meanwhile, so each entry is preceded by a flag
    for (Map.Entry<?, ?> entry : ((Map<?, ?>) object).entrySet()) {
      output.writeBoolean(true);
      Object key = entry.getKey();
      try {
        kryo.writeClassAndObject(output, key);
      } catch (RuntimeException e) {
        throw EncodingRefusal.at(object.getClass(), KEY, e);
      }
      try {
        kryo.writeClassAndObject(output, entry.getValue());
      } catch (RuntimeException e) {
        throw EncodingRefusal.at(object.getClass(), step(key), e);
      }
    }
    output.writeBoolean(false);
  }

  /** Returns the step to the value of a key. */
  static String step(@Nullable Object key) {
    return "[" + label(key) + "]";
  }

  private static String label(@Nullable Object key) {
    if (key instanceof String || key instanceof Number || key instanceof Enum<?>) {
      String text = key.toString();
      return text.length() <= 40 ? text : text.substring(0, 40) + "...";
    }
    return key == null ? "null" : "a " + EncodingRefusal.shortNameOf(key.getClass());
  }

  @Override
  public Object read(Kryo kryo, Input input, Class<?> type) {
    Comparator<@Nullable Object> comparator =
        sorted ? CollectionSerializer.readComparator(kryo, input) : null;
    Map<@Nullable Object, @Nullable Object> map = maker.make(comparator, 0);
    kryo.reference(map);
    while (input.readBoolean()) {
      @Nullable Object key = null;
      try {
        key = kryo.readClassAndObject(input);
        map.put(key, kryo.readClassAndObject(input));
      } catch (RuntimeException e) {
        throw EncodingRefusal.at(type, step(key), e);
      }
    }
    return map;
  }
}
