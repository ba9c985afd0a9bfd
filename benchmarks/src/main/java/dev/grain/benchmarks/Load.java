package dev.grain.benchmarks;

import java.util.Locale;

/** What many empty jobs are like: their arguments, what they ask for, how they are submitted. */
enum Load {
  /** A number as argument, one core asked for, each job submitted by itself. */
  EMPTY,
  /** As {@link #EMPTY}, by one call for all. */
  MAP,
  /** As {@link #EMPTY}, with an argument of 1 KiB. */
  KIB,
  /** As {@link #EMPTY}, asking for one core, two cores and memory in turn. */
  MIXED,
  /** As {@link #MIXED}, in an order that is shuffled, always the same way. */
  SHUFFLED;

  /** Returns what it is called on the command line and between processes. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Load of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  /** Returns what the results of that many jobs add up to. */
  static long sum(int jobs) {
    return jobs * (jobs + 1L) / 2;
  }
}
