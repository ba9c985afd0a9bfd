package dev.grain.code;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@link Arrays#asList} returns: a list of fixed size. */
final class AsListSerializer extends Serializer<Object> {
  @Override
  public void write(Kryo kryo, Output output, Object object) {
    if (kryo.getDepth() > Engine.MAX_DEPTH) {
      throw EncodingRefusal.ofDepth(object.getClass());
    }
    List<?> list = (List<?>) object;
    output.writeVarInt(list.size(), true);
    for (int i = 0; i < list.size(); i++) {
      try {
        kryo.writeClassAndObject(output, list.get(i));
      } catch (RuntimeException e) {
        throw EncodingRefusal.at(object.getClass(), "[" + i + "]", e);
      }
    }
  }

  @Override
  public Object read(Kryo kryo, Input input, Class<?> type) {
    List<@Nullable Object> list = Arrays.asList(new Object[input.readVarInt(true)]);
    kryo.reference(list);
    for (int i = 0; i < list.size(); i++) {
      try {
        list.set(i, kryo.readClassAndObject(input));
      } catch (RuntimeException e) {
        throw EncodingRefusal.at(type, "[" + i + "]", e);
      }
    }
    return list;
  }
}
