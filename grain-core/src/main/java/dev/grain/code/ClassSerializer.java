package dev.grain.code;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;

/** Class objects, found by name on the other side. */
final class ClassSerializer extends Serializer<Object> {
  private final Serializer<Object> known;

  ClassSerializer(Serializer<Object> known) {
    this.known = known;
  }

  @Override
  public void write(Kryo kryo, Output output, Object object) {
    if (((Class<?>) object).isHidden()) {
      throw EncodingRefusal.of(
          Class.class, "the class " + object + " is hidden and cannot be found by name");
    }
    known.write(kryo, output, object);
  }

  @Override
  public Object read(Kryo kryo, Input input, Class<?> type) {
    return known.read(kryo, input, type);
  }
}
