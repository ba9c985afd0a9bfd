package dev.grain;

/**
 * What a job needs in order to run: an immutable request, made by the factories of {@code
 * Resources} and joined by {@link #and}.
 *
 * <p>Two requests for the same resources are equal, in whatever order they were joined.
 */
public interface Resource extends Request {
  /**
   * Returns the request for both.
   *
   * <p>Each kind may be named once. {@code Resources.none()} joined with anything else is that
   * other request.
   *
   * @throws IllegalArgumentException if a kind is named by both, or {@code other} does not come
   *     from {@code Resources}
   */
  Resource and(Resource other);
}
