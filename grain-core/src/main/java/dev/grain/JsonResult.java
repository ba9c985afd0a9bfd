package dev.grain;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * How the result of a job is read that is JSON in UTF-8.
 *
 * @param <R> the type of the result
 * @param type what it is converted to; null for the JSON itself, as text
 */
record JsonResult<R extends @Nullable Object>(@Nullable Class<R> type) {
  /** The JSON itself. */
  static final JsonResult<String> TEXT = new JsonResult<>(null);

  /**
   * Returns the result.
   *
   * @throws EncodingException if it does not fit the type
   * @throws IllegalStateException if Jackson is missing
   */
  @Nullable Object read(@Nullable Object json) {
    if (!(json instanceof byte[] bytes)) {
      throw new EncodingException("The result is no JSON, but " + json, null);
    }
    return type == null ? new String(bytes, StandardCharsets.UTF_8) : Json.read(bytes, type);
  }
}
