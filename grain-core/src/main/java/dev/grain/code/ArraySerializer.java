package dev.grain.code;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.lang.reflect.Array;

/** Arrays of objects and arrays of arrays. */
final class ArraySerializer extends Serializer<Object> {
  private final Class<?> component;

  ArraySerializer(Class<?> type) {
    this.component = type.getComponentType();
  }

  @Override
  public void write(Kryo kryo, Output output, Object object) {
    if (kryo.getDepth() > Engine.MAX_DEPTH) {
      throw EncodingRefusal.ofDepth(object.getClass());
    }
    Object[] array = (Object[]) object;
    output.writeVarInt(array.length, true);
    for (int i = 0; i < array.length; i++) {
      try {
        kryo.writeClassAndObject(output, array[i]);
      } catch (RuntimeException e) {
        throw EncodingRefusal.at(object.getClass(), "[" + i + "]", e);
      }
    }
  }

  @Override
  public Object read(Kryo kryo, Input input, Class<?> type) {
    Object[] array = (Object[]) Array.newInstance(component, input.readVarInt(true));
    kryo.reference(array);
    for (int i = 0; i < array.length; i++) {
      try {
        array[i] = kryo.readClassAndObject(input);
      } catch (RuntimeException e) {
        throw EncodingRefusal.at(type, "[" + i + "]", e);
      }
    }
    return array;
  }
}
