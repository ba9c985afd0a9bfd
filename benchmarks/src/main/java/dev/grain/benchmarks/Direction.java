package dev.grain.benchmarks;

import java.util.Locale;

/** Which way a large value goes. */
enum Direction {
  /** From the head to the worker. */
  ARGUMENT,
  /** From the worker to the head. */
  RESULT;

  /** Returns what it is called between processes and in tables. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Direction of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
