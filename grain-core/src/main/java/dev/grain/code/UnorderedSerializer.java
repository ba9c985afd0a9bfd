package dev.grain.code;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;

/** Collections of the JDK whose order means nothing, in canonical form; see CanonicalForms. */
final class UnorderedSerializer extends Serializer<Object> {
  private final Engine engine;

  UnorderedSerializer(Engine engine) {
    this.engine = engine;
  }

  @Override
  public void write(Kryo kryo, Output output, Object object) {
    if (kryo.getDepth() > Engine.MAX_DEPTH) {
      throw EncodingRefusal.ofDepth(object.getClass());
    }
    engine.canonicalCall().writeUnordered(object, output);
  }

  @Override
  public Object read(Kryo kryo, Input input, Class<?> type) {
    throw new UnsupportedOperationException("A canonical form is not decoded");
  }
}
