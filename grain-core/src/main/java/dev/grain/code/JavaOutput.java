package dev.grain.code;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.io.OutputStream;
import java.io.Serializable;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Java serialization of one object that puts tokens in place of the objects inside. */
final class JavaOutput extends ObjectOutputStream {
  private final Engine engine;
  private final List<Object> parts = new ArrayList<>();
  private boolean begun;

  /**
   * Starts the stream.
   *
   * @param target where the bytes go
   * @param engine has the graph that it is part of
   */
  JavaOutput(OutputStream target, Engine engine) throws IOException {
    super(target);
    this.engine = engine;
    enableReplaceObject(true);
  }

  /** Returns the objects that tokens stand for. */
  List<Object> parts() {
    return parts;
  }

  @Override
  protected void annotateClass(Class<?> type) {
    engine.met(type);
  }

  @Override
  protected void annotateProxyClass(Class<?> type) {
    for (Class<?> each : type.getInterfaces()) {
      engine.met(each);
    }
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // whether it was replaced
  protected @Nullable Object replaceObject(@Nullable Object object) {
    if (!begun) {
      begun = true;
      return withMessage(object);
    }
    if (object == null) {
      return null;
    }
    Object elsewhere = engine.failure().replace(object);
    if (elsewhere != object) {
      return elsewhere;
    }
    if (stays(object)) {
      return withMessage(object);
    }
    parts.add(object);
    return new Token(parts.size() - 1);
  }

  /** Keeps the message of a null pointer, which the JVM makes from where that was. */
  private static @Nullable Object withMessage(@Nullable Object object) {
    if (object == null || object.getClass() != NullPointerException.class) {
      return object;
    }
    NullPointerException thrown = (NullPointerException) object;
    NullPointerException copy = new NullPointerException(thrown.getMessage());
    if (thrown.getCause() != null) {
      copy.initCause(thrown.getCause());
    }
    copy.setStackTrace(thrown.getStackTrace());
    Stream.of(thrown.getSuppressed()).forEach(copy::addSuppressed);
    return copy;
  }

  private boolean stays(Object object) {
    Class<?> type = object.getClass();
    if (object instanceof String
        || object instanceof Enum<?>
        || object instanceof Class<?>
        || object instanceof ObjectStreamClass
        || object instanceof SerializedLambda
        || (object instanceof Number && Choice.isJdk(type))
        || object instanceof Boolean
        || object instanceof Character) {
      return true;
    }
    if (type.isArray()) {
      Class<?> part = type.getComponentType();
      return part.isPrimitive() || (Choice.isJdk(part) && part != Object.class) || engine.nested();
    }
    if (!(object instanceof Serializable)) {
      return false;
    }
    if (engine.canonical() && Choice.isJdk(type) && JdkCollections.isUnordered(type)) {
      return false;
    }
    return engine.nested() || (Choice.isJdk(type) && !JdkCollections.isKnown(type));
  }

  /** Returns the step from an object to the part of it, as far as it is known. */
  static String segment(Object object, Object part) {
    for (Class<?> c = object.getClass(); c != null && !Choice.isJdk(c); c = c.getSuperclass()) {
      for (Field field : c.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())
            && !field.getType().isPrimitive()
            && field.trySetAccessible()
            && holds(field, object, part)) {
          return "." + field.getName();
        }
      }
    }
    return "";
  }

  @SuppressWarnings("ReferenceEquality") // this very object is looked for
  private static boolean holds(Field field, Object object, Object part) {
    try {
      return field.get(object) == part;
    } catch (IllegalAccessException e) {
      return false;
    }
  }

  /** Stands for the stack trace that is encoded elsewhere. */
  record Frames() implements Serializable {}

  /** Stands for a failure that is encoded elsewhere. */
  record Nested(int index) implements Serializable {}

  /** Stands for an object that is in the graph. */
  record Token(int index) implements Serializable {}
}
