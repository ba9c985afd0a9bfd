package dev.grain.code;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.objenesis.instantiator.ObjectInstantiator;
import org.objenesis.strategy.StdInstantiatorStrategy;

/**
 * Objects of the user's classes, field by field, those that the compiler added for captures
 * included. As with Java serialization no constructor runs when they are rebuilt, and transient
 * fields have their default values.
 */
final class FieldsSerializer extends Serializer<Object> {
  private static final StdInstantiatorStrategy INSTANTIATORS = new StdInstantiatorStrategy();

  private final FieldAccess[] fields;
  private final ObjectInstantiator<?> instantiator;

  private FieldsSerializer(FieldAccess[] fields, ObjectInstantiator<?> instantiator) {
    this.fields = fields;
    this.instantiator = instantiator;
  }

  static Serializer<?> of(Class<?> type) {
    if (type.isInterface() || Modifier.isAbstract(type.getModifiers())) {
      return new RefusingSerializer("objects of an abstract type do not exist");
    }
    List<FieldAccess> fields = new ArrayList<>();
    for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
      Field[] declared = c.getDeclaredFields();
      Arrays.sort(declared, Comparator.comparing(Field::getName));
      for (Field field : declared) {
        if (Modifier.isStatic(field.getModifiers()) || Modifier.isTransient(field.getModifiers())) {
          continue;
        }
        if (Choice.isJdk(c)) {
          return new RefusingSerializer(
              "it extends " + c.getName() + " of the JDK, whose fields cannot be read");
        }
        if (!field.trySetAccessible()) {
          return new RefusingSerializer(Choice.closedPackage(c));
        }
        fields.add(FieldAccess.of(field));
      }
    }
    return new FieldsSerializer(
        fields.toArray(FieldAccess[]::new), INSTANTIATORS.newInstantiatorOf(type));
  }

  @Override
  public void write(Kryo kryo, Output output, Object object) {
    if (kryo.getDepth() > Engine.MAX_DEPTH) {
      throw EncodingRefusal.ofDepth(object.getClass());
    }
    for (FieldAccess field : fields) {
      try {
        field.write(kryo, output, object);
      } catch (RuntimeException e) {
        throw EncodingRefusal.at(object.getClass(), field.step(), e);
      }
    }
  }

  @Override
  public Object read(Kryo kryo, Input input, Class<?> type) {
    Object object = instantiator.newInstance();
    kryo.reference(object);
    for (FieldAccess field : fields) {
      try {
        field.read(kryo, input, object);
      } catch (RuntimeException e) {
        throw EncodingRefusal.at(type, field.step(), e);
      }
    }
    return object;
  }
}
