package dev.grain.code;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import org.jspecify.annotations.Nullable;

/** Records: their components, and the canonical constructor on the other side. */
final class RecordSerializer extends Serializer<Object> {
  private final Engine engine;
  private final FieldAccess[] components;
  private final Constructor<?> constructor;

  private RecordSerializer(Engine engine, FieldAccess[] components, Constructor<?> constructor) {
    this.engine = engine;
    this.components = components;
    this.constructor = constructor;
  }

  static Serializer<?> of(Engine engine, Class<?> type) {
    RecordComponent[] declared = type.getRecordComponents();
    FieldAccess[] components = new FieldAccess[declared.length];
    Class<?>[] types = new Class<?>[declared.length];
    try {
      for (int i = 0; i < declared.length; i++) {
        Field field = type.getDeclaredField(declared[i].getName());
        if (!field.trySetAccessible()) {
          return new RefusingSerializer(Choice.closedPackage(type));
        }
        components[i] = FieldAccess.of(field);
        types[i] = declared[i].getType();
      }
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      return constructor.trySetAccessible()
          ? new RecordSerializer(engine, components, constructor)
          : new RefusingSerializer(Choice.closedPackage(type));
    } catch (NoSuchFieldException | NoSuchMethodException e) {
      return new RefusingSerializer("its class file is no proper record");
    }
  }

  @Override
  public void write(Kryo kryo, Output output, Object object) {
    if (kryo.getDepth() > Engine.MAX_DEPTH) {
      throw EncodingRefusal.ofDepth(object.getClass());
    }
    int id = engine.references().open();
    for (FieldAccess component : components) {
      try {
        component.write(kryo, output, object);
      } catch (RuntimeException e) {
        throw EncodingRefusal.at(object.getClass(), component.step(), e);
      }
    }
    engine.references().close(id);
  }

  @Override
  public Object read(Kryo kryo, Input input, Class<?> type) {
    @Nullable Object[] values = new Object[components.length];
    for (int i = 0; i < values.length; i++) {
      try {
        values[i] = components[i].read(kryo, input);
      } catch (RuntimeException e) {
        throw EncodingRefusal.at(type, components[i].step(), e);
      }
    }
    try {
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw EncodingRefusal.of(
          type, "its constructor threw " + EncodingRefusal.describe(cause), cause);
    } catch (ReflectiveOperationException e) {
      throw EncodingRefusal.of(type, "its constructor cannot be called", e);
    }
  }
}
