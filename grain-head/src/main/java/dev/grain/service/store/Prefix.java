package dev.grain.service.store;

import java.util.Optional;

/** Texts that begin alike, as a range in the order of their code points. */
final class Prefix {
  private Prefix() {}

  /** Returns the first text that comes after all that begin so; empty if there is none. */
  static Optional<String> after(String prefix) {
    int[] points = prefix.codePoints().toArray();
    for (int last = points.length - 1; last >= 0; last--) {
      if (points[last] < Character.MAX_CODE_POINT) {
        int next = points[last] + 1;
        // surrogates are no characters
        points[last] =
            next >= Character.MIN_SURROGATE && next <= Character.MAX_SURROGATE
                ? Character.MAX_SURROGATE + 1
                : next;
        return Optional.of(new String(points, 0, last + 1));
      }
    }
    return Optional.empty();
  }
}
