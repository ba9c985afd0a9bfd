package dev.grain.code;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.Collection;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** Collections that are made empty and then filled. */
final class CollectionSerializer extends Serializer<Object> {
  private final boolean sorted;
  private final JdkCollections.Maker<Collection<@Nullable Object>> maker;

  CollectionSerializer(boolean sorted, JdkCollections.Maker<Collection<@Nullable Object>> maker) {
    this.sorted = sorted;
    this.maker = maker;
  }

  @Override
  public void write(Kryo kryo, Output output, Object object) {
    if (kryo.getDepth() > Engine.MAX_DEPTH) {
      throw EncodingRefusal.ofDepth(object.getClass());
    }
    if (sorted) {
      writeComparator(kryo, output, object);
    }
    Collection<?> collection = (Collection<?>) object;
    int size = collection.size();
    output.writeVarInt(size, true);
    int index = 0;
    for (Object element : collection) {
      if (index == size) {
        break;
      }
      try {
        kryo.writeClassAndObject(output, element);
      } catch (RuntimeException e) {
        throw EncodingRefusal.at(object.getClass(), "[" + index + "]", e);
      }
      index++;
    }
    if (index < size) {
      throw EncodingRefusal.of(object.getClass(), "it was changed while it was encoded");
    }
  }

  static void writeComparator(Kryo kryo, Output output, Object sorted) {
    try {
      kryo.writeClassAndObject(output, JdkCollections.comparatorOf(sorted));
    } catch (RuntimeException e) {
      throw EncodingRefusal.at(sorted.getClass(), ".comparator()", e);
    }
  }

  @Override
  public Object read(Kryo kryo, Input input, Class<?> type) {
    Comparator<@Nullable Object> comparator = sorted ? readComparator(kryo, input) : null;
    int size = input.readVarInt(true);
    Collection<@Nullable Object> collection = maker.make(comparator, size);
    kryo.reference(collection);
    for (int i = 0; i < size; i++) {
      try {
        collection.add(kryo.readClassAndObject(input));
      } catch (RuntimeException e) {
        throw EncodingRefusal.at(type, "[" + i + "]", e);
      }
    }
    return collection;
  }

  @SuppressWarnings("unchecked") // what writeComparator wrote
  static @Nullable Comparator<@Nullable Object> readComparator(Kryo kryo, Input input) {
    return (Comparator<@Nullable Object>) kryo.readClassAndObject(input);
  }
}
