package dev.grain.code;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.lang.reflect.Field;
import org.jspecify.annotations.Nullable;

/** Moves one field of an object to the output, or from the input. */
final class FieldAccess {
  private final Field field;
  private final Kind kind;

  private FieldAccess(Field field, Kind kind) {
    this.field = field;
    this.kind = kind;
  }

  static FieldAccess of(Field field) {
    return new FieldAccess(field, Kind.of(field.getType()));
  }

  /** Returns the step to the field in a path, with the names that captures have in the source. */
  String step() {
    String name = field.getName();
    if (field.isSynthetic() && name.startsWith("val$")) {
      return "." + name.substring("val$".length());
    }
    return field.isSynthetic() && name.startsWith("this$") ? ".this" : "." + name;
  }

  void write(Kryo kryo, Output output, Object holder) {
    try {
      switch (kind) {
        case BOOLEAN -> output.writeBoolean(field.getBoolean(holder));
        case BYTE -> output.writeByte(field.getByte(holder));
        case SHORT -> output.writeShort(field.getShort(holder));
        case CHAR -> output.writeChar(field.getChar(holder));
        case INT -> output.writeVarInt(field.getInt(holder), false);
        case LONG -> output.writeVarLong(field.getLong(holder), false);
        case FLOAT -> output.writeFloat(field.getFloat(holder));
        case DOUBLE -> output.writeDouble(field.getDouble(holder));
        case STRING -> kryo.writeObjectOrNull(output, field.get(holder), String.class);
        case OBJECT -> kryo.writeClassAndObject(output, field.get(holder));
      }
    } catch (IllegalAccessException e) {
      throw EncodingRefusal.of(
          holder.getClass(), "its field " + field.getName() + " cannot be read", e);
    }
  }

  void read(Kryo kryo, Input input, Object holder) {
    try {
      switch (kind) {
        case BOOLEAN -> field.setBoolean(holder, input.readBoolean());
        case BYTE -> field.setByte(holder, input.readByte());
        case SHORT -> field.setShort(holder, input.readShort());
        case CHAR -> field.setChar(holder, input.readChar());
        case INT -> field.setInt(holder, input.readVarInt(false));
        case LONG -> field.setLong(holder, input.readVarLong(false));
        case FLOAT -> field.setFloat(holder, input.readFloat());
        case DOUBLE -> field.setDouble(holder, input.readDouble());
        case STRING, OBJECT -> field.set(holder, readObject(kryo, input));
      }
    } catch (IllegalAccessException e) {
      throw EncodingRefusal.of(
          holder.getClass(), "its field " + field.getName() + " cannot be set", e);
    }
  }

  /** Returns the value, boxed, for a constructor. */
  @Nullable Object read(Kryo kryo, Input input) {
    return switch (kind) {
      case BOOLEAN -> input.readBoolean();
      case BYTE -> input.readByte();
      case SHORT -> input.readShort();
      case CHAR -> input.readChar();
      case INT -> input.readVarInt(false);
      case LONG -> input.readVarLong(false);
      case FLOAT -> input.readFloat();
      case DOUBLE -> input.readDouble();
      case STRING, OBJECT -> readObject(kryo, input);
    };
  }

  private @Nullable Object readObject(Kryo kryo, Input input) {
    return kind == Kind.STRING
        ? kryo.readObjectOrNull(input, String.class)
        : kryo.readClassAndObject(input);
  }

  private enum Kind {
    BOOLEAN,
    BYTE,
    SHORT,
    CHAR,
    INT,
    LONG,
    FLOAT,
    DOUBLE,
    STRING,
    OBJECT;

    static Kind of(Class<?> type) {
      if (type == String.class) {
        return STRING;
      }
      return type.isPrimitive()
          ? valueOf(type.getName().toUpperCase(java.util.Locale.ROOT))
          : OBJECT;
    }
  }
}
