package dev.grain.code;

import com.esotericsoftware.kryo.Serializer;
import java.io.Externalizable;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.BitSet;
import java.util.Collections;
import java.util.Currency;
import java.util.Date;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Chooses how objects of a class are encoded. Never fails: what cannot be encoded gets a serializer
 * that reports why.
 *
 * <p>Owned by the thread that has the engine.
 */
final class Choice {
  /** Classes of the JDK for which Kryo has a serializer that keeps everything. */
  private static final Set<Class<?>> KNOWN_TO_KRYO =
      Set.of(
          BigInteger.class,
          BigDecimal.class,
          Date.class,
          Currency.class,
          StringBuffer.class,
          StringBuilder.class,
          BitSet.class,
          Collections.EMPTY_LIST.getClass(),
          Collections.EMPTY_MAP.getClass(),
          Collections.EMPTY_SET.getClass(),
          Optional.class,
          OptionalInt.class,
          OptionalLong.class,
          OptionalDouble.class,
          Duration.class,
          Instant.class,
          LocalDate.class,
          LocalDateTime.class,
          LocalTime.class,
          MonthDay.class,
          OffsetDateTime.class,
          OffsetTime.class,
          Period.class,
          Year.class,
          YearMonth.class,
          ZoneOffset.class);

  private static final Set<Class<?>> VALUES =
      Set.of(
          String.class,
          BigInteger.class,
          BigDecimal.class,
          Currency.class,
          Locale.class,
          UUID.class,
          URI.class,
          Class.class);

  private final Engine engine;
  private final JavaSerializer java;
  private final LambdaSerializer lambdas;

  Choice(Engine engine, Lambdas table) {
    this.engine = engine;
    this.java = new JavaSerializer(engine);
    this.lambdas = new LambdaSerializer(engine, table, java);
  }

  JavaSerializer java() {
    return java;
  }

  LambdaSerializer lambdas() {
    return lambdas;
  }

  /**
   * Returns a serializer for class objects, which lambdas and other hidden classes have none of.
   */
  @SuppressWarnings("unchecked") // Kryo's serializer of Class
  Serializer<?> classes(Serializer<?> known) {
    return new ClassSerializer((Serializer<Object>) known);
  }

  /** Returns the serializer for the class, or null for that of Kryo. */
  @Nullable Serializer<?> serializerOf(Class<?> type) {
    try {
      return choose(type);
    } catch (LinkageError e) {
      return new RefusingSerializer(
          "its class refers to one that cannot be loaded (" + EncodingRefusal.describe(e) + ")");
    }
  }

  private @Nullable Serializer<?> choose(Class<?> type) {
    if (type.isPrimitive() || Enum.class.isAssignableFrom(type)) {
      return null;
    }
    if (type.isArray()) {
      Class<?> part = type.getComponentType();
      return part.isPrimitive() || part == String.class ? null : new ArraySerializer(type);
    }
    Serializer<?> refusing = Refused.serializerOf(type);
    if (refusing != null) {
      return refusing;
    }
    if (type.isHidden()) {
      return new RefusingSerializer("its class is hidden and has no name to find it by");
    }
    if (Path.class.isAssignableFrom(type)) {
      return new PathSerializer();
    }
    if (isJdk(type)) {
      return chooseForJdk(type);
    }
    if (Serializable.class.isAssignableFrom(type) && serializesItself(type)) {
      return java;
    }
    return type.isRecord() ? RecordSerializer.of(engine, type) : FieldsSerializer.of(type);
  }

  private @Nullable Serializer<?> chooseForJdk(Class<?> type) {
    if (engine.canonical() && JdkCollections.isUnordered(type)) {
      return new UnorderedSerializer(engine);
    }
    if (KNOWN_TO_KRYO.contains(type)
        || Charset.class.isAssignableFrom(type)
        || ZoneId.class.isAssignableFrom(type)) {
      return null;
    }
    if (type == Object.class) {
      return FieldsSerializer.of(type);
    }
    Serializer<?> known = JdkCollections.serializerOf(engine.references(), type);
    if (known == null) {
      known = JdkValues.serializerOf(engine.references(), type);
    }
    if (known != null) {
      return known;
    }
    if (Serializable.class.isAssignableFrom(type)) {
      return java;
    }
    Serializer<?> view = JdkCollections.viewSerializerOf(type);
    if (view != null) {
      return view;
    }
    return new RefusingSerializer("it is a class of the JDK that is not Serializable", Advice.MAKE);
  }

  /**
   * Returns whether objects of the class of the JDK are immutable and have no objects in them that
   * could refer back to them.
   */
  static boolean isValue(Class<?> type) {
    return VALUES.contains(type)
        || type.getPackageName().equals("java.time")
        || Path.class.isAssignableFrom(type)
        || Charset.class.isAssignableFrom(type);
  }

  /** Returns whether the class belongs to the JDK, so that its fields are closed to us. */
  static boolean isJdk(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    if (loader == null || loader.equals(ClassLoader.getPlatformClassLoader())) {
      return true;
    }
    String module = type.getModule().getName();
    return module != null
        && ModuleLayer.boot().equals(type.getModule().getLayer())
        && (module.startsWith("java.") || module.startsWith("jdk."));
  }

  /** Returns whether the class defines its own serialization. */
  static boolean serializesItself(Class<?> type) {
    if (Externalizable.class.isAssignableFrom(type)) {
      return true;
    }
    for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
      if (declares(c, "writeObject", ObjectOutputStream.class)
          || declares(c, "readObject", ObjectInputStream.class)
          || declares(c, "readObjectNoData")
          || declares(c, "writeReplace")
          || declares(c, "readResolve")
          || declaresPersistentFields(c)) {
        return true;
      }
    }
    return false;
  }

  private static boolean declares(Class<?> type, String method, Class<?>... parameters) {
    try {
      return !Modifier.isStatic(type.getDeclaredMethod(method, parameters).getModifiers());
    } catch (NoSuchMethodException e) {
      return false;
    }
  }

  private static boolean declaresPersistentFields(Class<?> type) {
    try {
      Field field = type.getDeclaredField("serialPersistentFields");
      return Modifier.isStatic(field.getModifiers());
    } catch (NoSuchFieldException e) {
      return false;
    }
  }

  /** Returns why nothing in the class's package can be read, and what to do about it. */
  static String closedPackage(Class<?> type) {
    Module own = Choice.class.getModule();
    String to = own.isNamed() ? " to " + own.getName() : "";
    return "module "
        + type.getModule().getName()
        + " does not open its package; add `opens "
        + type.getPackageName()
        + to
        + ";` to its module-info.java";
  }
}
