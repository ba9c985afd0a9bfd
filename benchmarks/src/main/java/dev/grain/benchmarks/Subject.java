package dev.grain.benchmarks;

import java.util.Locale;

/** A system that is measured. */
enum Subject {
  GRAIN(false),
  GRAIN_TLS(true),
  BARE(false),
  BARE_TLS(true);

  private final boolean tls;

  Subject(boolean tls) {
    this.tls = tls;
  }

  boolean tls() {
    return tls;
  }

  /** Returns what it is called on the command line, in tables and between processes. */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Subject of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
  }
}
