package dev.grain.code;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * JSON to objects and back by the Jackson that the classes of a job know, so that their annotations
 * and modules have an effect. It may be Jackson 3 or 2, and that of the job's own code rather than
 * that of the worker. Safe for all threads.
 *
 * <p>Implementation note: the Jackson of a job is known by its loader alone, so it is called by
 * reflection. What is called here is the same in both versions.
 */
final class JsonBinding {
  private static final String[] VERSIONS = {
    "tools.jackson.databind", "com.fasterxml.jackson.databind"
  };

  /** What would otherwise change a value silently. */
  private static final Map<String, Boolean> STRICT =
      Map.of(
          "ACCEPT_FLOAT_AS_INT", false,
          "FAIL_ON_NULL_FOR_PRIMITIVES", true,
          "FAIL_ON_TRAILING_TOKENS", true,
          "FAIL_ON_UNKNOWN_PROPERTIES", true);

  private final Object mapper;
  private final Method constructType;
  private final Method readValue;
  private final Method writerFor;
  private final Method writeValueAsBytes;

  private JsonBinding(Object mapper, ClassLoader loader, String jackson)
      throws ReflectiveOperationException {
    Class<?> type = Class.forName(jackson + ".ObjectMapper", true, loader);
    Class<?> javaType = Class.forName(jackson + ".JavaType", true, loader);
    this.mapper = mapper;
    this.constructType = type.getMethod("constructType", Type.class);
    this.readValue = type.getMethod("readValue", byte[].class, javaType);
    this.writerFor = type.getMethod("writerFor", javaType);
    this.writeValueAsBytes =
        Class.forName(jackson + ".ObjectWriter", true, loader)
            .getMethod("writeValueAsBytes", Object.class);
  }

  /**
   * Returns the binding for the classes of a loader.
   *
   * @throws UncallableException if there is no Jackson, or it cannot be used
   */
  static JsonBinding of(ClassLoader loader) {
    String chosen = null;
    for (String each : VERSIONS) {
      ClassLoader definer = definer(each, loader);
      if (definer == loader) {
        chosen = each;
        break;
      }
      chosen = chosen == null && definer != null ? each : chosen;
    }
    if (chosen == null) {
      throw new UncallableException(
          "Its arguments and its result are JSON, which needs Jackson 3, and that is not there. Add tools.jackson.core:jackson-databind to the class path.",
          null);
    }
    try {
      return new JsonBinding(mapper(loader, chosen), loader, chosen);
    } catch (InvocationTargetException e) {
      throw unusable(chosen, e.getCause() == null ? e : e.getCause());
    } catch (ReflectiveOperationException | LinkageError e) {
      throw unusable(chosen, e);
    }
  }

  /** Returns the loader that has a version of Jackson; null if there is none. */
  private static @Nullable ClassLoader definer(String jackson, ClassLoader loader) {
    try {
      return Class.forName(jackson + ".json.JsonMapper", false, loader).getClassLoader();
    } catch (ClassNotFoundException | LinkageError e) {
      return null;
    }
  }

  private static Object mapper(ClassLoader loader, String jackson)
      throws ReflectiveOperationException {
    Object builder =
        Class.forName(jackson + ".json.JsonMapper", true, loader).getMethod("builder").invoke(null);
    Class<?> builders = builder.getClass();
    builders.getMethod("findAndAddModules").invoke(builder);
    Class<?> features = Class.forName(jackson + ".DeserializationFeature", true, loader);
    Method configure = builders.getMethod("configure", features, boolean.class);
    for (Object each : features.getEnumConstants()) {
      Boolean value = STRICT.get(((Enum<?>) each).name());
      if (value != null) {
        configure.invoke(builder, each, value);
      }
    }
    return builders.getMethod("build").invoke(builder);
  }

  private static UncallableException unusable(String jackson, Throwable cause) {
    return new UncallableException(
        "Its arguments and its result are JSON, but the Jackson in its code (%s) cannot be used: %s. Add a complete Jackson, or none."
            .formatted(jackson, EncodingRefusal.describe(cause)),
        cause);
  }

  /**
   * Returns the value of a type that JSON stands for.
   *
   * @throws Exception what Jackson, or code of the type, has thrown
   */
  @Nullable Object read(byte[] json, Type type) throws Exception {
    return call(readValue, mapper, json, call(constructType, mapper, type));
  }

  /**
   * Returns a value as JSON.
   *
   * @param type the type that it was declared with
   * @throws Exception what Jackson, or code of the value, has thrown
   */
  byte[] write(@Nullable Object value, Type type) throws Exception {
    Object writer = call(writerFor, mapper, call(constructType, mapper, type));
    return (byte[]) Objects.requireNonNull(call(writeValueAsBytes, writer, value));
  }

  private static @Nullable Object call(
      Method method, @Nullable Object target, @Nullable Object... arguments) throws Exception {
    return NamedFunction.invoke(method, target, arguments);
  }
}
