package dev.grain;

import dev.grain.text.Exceptions;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Values as JSON, by Jackson, where the program has it on its class path. */
final class Json {
  private static final String MISSING =
      "JSON needs Jackson 3, which is not on the class path. Add tools.jackson.core:jackson-databind"
          + " to the dependencies of the program.";

  private Json() {}

  /** Made when JSON is first wanted. */
  private static final class Jackson {
    private static final JsonMapper MAPPER = new JsonMapper();
  }

  /**
   * Returns a value as JSON in UTF-8.
   *
   * @throws EncodingException if it has none
   * @throws IllegalStateException if Jackson is missing
   */
  static byte[] write(Object value) {
    try {
      return Jackson.MAPPER.writeValueAsBytes(value);
    } catch (JacksonException e) {
      throw new EncodingException(
          "A %s cannot be written as JSON: %s"
              .formatted(value.getClass().getName(), Exceptions.brief(e)),
          e);
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(MISSING, e);
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
      return Jackson.MAPPER.readValue(json, type);
    } catch (JacksonException e) {
      throw new EncodingException(
          "The result cannot be read as JSON for a %s: %s"
              .formatted(type.getName(), Exceptions.brief(e)),
          e);
    } catch (NoClassDefFoundError e) {
      throw new IllegalStateException(MISSING, e);
    }
  }
}
