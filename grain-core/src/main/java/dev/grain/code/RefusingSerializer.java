package dev.grain.code;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;

/** Says why objects of a class cannot be encoded. */
final class RefusingSerializer extends Serializer<Object> {
  private final String reason;
  private final Advice advice;

  RefusingSerializer(String reason) {
    this(reason, Advice.NONE);
  }

  RefusingSerializer(String reason, Advice advice) {
    this.reason = reason;
    this.advice = advice;
  }

  @Override
  public void write(Kryo kryo, Output output, Object object) {
    throw EncodingRefusal.of(object.getClass(), reason, advice);
  }

  @Override
  public Object read(Kryo kryo, Input input, Class<?> type) {
    throw EncodingRefusal.of(type, reason, advice);
  }
}
