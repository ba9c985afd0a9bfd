package dev.grain.spec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Copies of maps that keep their order and that nobody changes. */
final class Copies {
  private Copies() {}

  static Map<String, String> of(Map<String, String> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
