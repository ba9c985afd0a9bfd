package dev.grain.benchmarks;

import java.util.Locale;

/** How a program runs one job and waits for its result. */
enum Way {
  /** By the one call for that. */
  EXEC,
  /** By submitting it to a group that stays open, and asking for its result. */
  GROUP;

  /** Returns what it is called between processes and in tables. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Way of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
