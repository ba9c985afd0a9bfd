package dev.grain.code;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Objects that can be built only when all their parts are there. */
final class BuiltLastSerializer extends Serializer<Object> {
  private final References references;
  private final Function<Object, @Nullable Object[]> parts;
  private final Function<@Nullable Object[], Object> builder;
  private final boolean map;

  BuiltLastSerializer(
      References references,
      Function<Object, @Nullable Object[]> parts,
      Function<@Nullable Object[], Object> builder,
      boolean map) {
    this.references = references;
    this.parts = parts;
    this.builder = builder;
    this.map = map;
  }

  @Override
  public void write(Kryo kryo, Output output, Object object) {
    if (kryo.getDepth() > Engine.MAX_DEPTH) {
      throw EncodingRefusal.ofDepth(object.getClass());
    }
    int id = references.open();
    @Nullable Object[] values = parts.apply(object);
    output.writeVarInt(values.length, true);
    for (int i = 0; i < values.length; i++) {
      try {
        kryo.writeClassAndObject(output, values[i]);
      } catch (RuntimeException e) {
        throw EncodingRefusal.at(object.getClass(), step(values, i), e);
      }
    }
    references.close(id);
  }

  private String step(@Nullable Object[] values, int index) {
    if (!map) {
      return "[" + index + "]";
    }
    return index % 2 == 0 ? MapSerializer.KEY : MapSerializer.step(values[index - 1]);
  }

  @Override
  public Object read(Kryo kryo, Input input, Class<?> type) {
    @Nullable Object[] values = new Object[input.readVarInt(true)];
    for (int i = 0; i < values.length; i++) {
      try {
        values[i] = kryo.readClassAndObject(input);
      } catch (RuntimeException e) {
        throw EncodingRefusal.at(type, step(values, i), e);
      }
    }
    return builder.apply(values);
  }
}
