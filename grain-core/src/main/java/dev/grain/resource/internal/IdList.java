package dev.grain.resource.internal;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** Reads lists of ids as Linux and Slurm write them, for example {@code 0-3,8,10-11}. */
final class IdList {
  /** More than any machine has; keeps a damaged file from filling the heap. */
  private static final int MAX_ID = 1 << 20;

  private IdList() {}

  /** Returns the ids of the list, or null if it is empty or not a list. */
  static @Nullable BitSet parse(String text) {
    BitSet ids = new BitSet();
    for (String range : text.strip().split(",", -1)) {
      int dash = range.indexOf('-');
      long first = number(dash < 0 ? range : range.substring(0, dash));
      long last = dash < 0 ? first : number(range.substring(dash + 1));
      if (first < 0 || last < first || last > MAX_ID) {
        return null;
      }
      ids.set((int) first, (int) last + 1);
    }
    return ids;
  }

  /** Returns the number that the text is, or -1 if it is not a number from 0 up. */
  static long number(String text) {
    String digits = text.strip();
    if (digits.isEmpty() || digits.length() > 19) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
        return -1;
      }
      value = 10 * value + digit;
    }
    return value;
  }
}
