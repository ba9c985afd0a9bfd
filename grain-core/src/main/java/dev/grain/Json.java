package dev.grain;

import dev.grain.text.Exceptions;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Values as JSON, by Jackson, where the program has it on its class path. */
final class Json {
  private static final String MISSING =
      "JSON needs Jackson 3, which is not on the class path. Add tools.jackson.core:jackson-databind"
          + " to the dependencies of the program.";

  private static final String PACKAGES = "tools/jackson/";

  private Json() {}

  /**
   * All that names Jackson: a class whose code catches an exception cannot be linked where that
   * exception is missing.
   */
  private static final class Jackson {
    private static final JsonMapper MAPPER = new JsonMapper();

    static byte[] write(@Nullable Object value) {
      try {
        return MAPPER.writeValueAsBytes(value);
      } catch (JacksonException e) {
        throw new EncodingException(
            "A %s cannot be written as JSON: %s"
                .formatted(
                    value == null ? "null" : value.getClass().getName(), Exceptions.brief(e)),
            e);
      }
    }

    static <T> T read(byte[] json, Class<T> type) {
      try {
        return MAPPER.readValue(json, type);
      } catch (JacksonException e) {
        throw new EncodingException(
            "The result cannot be read as JSON for a %s: %s"
                .formatted(type.getName(), Exceptions.brief(e)),
            e);
      }
    }
  }

  /**
   * Returns a value as JSON in UTF-8.
   *
   * @throws EncodingException if it has none
   * @throws IllegalStateException if Jackson is missing
   */
  static byte[] write(@Nullable Object value) {
    try {
      return Jackson.write(value);
    } catch (NoClassDefFoundError e) {
      throw ofMissing(e);
    }
  }

  /**
   * Returns the value that JSON stands for.
   *
   * @throws EncodingException if it is no JSON, or does not fit the type
   * @throws IllegalStateException if Jackson is missing
   */
  static <T> T read(byte[] json, Class<T> type) {
    try {
      return Jackson.read(json, type);
    } catch (NoClassDefFoundError e) {
      throw ofMissing(e);
    }
  }

  /** Returns the exception for a missing Jackson; throws the error if another class is missing. */
  private static IllegalStateException ofMissing(NoClassDefFoundError e) {
    if (!String.valueOf(e.getMessage()).contains(PACKAGES)) {
      throw e;
    }
    return new IllegalStateException(MISSING, e);
  }
}
