package dev.grain.minion.file;

import java.util.BitSet;

/** Sets of small numbers as texts, such as {@code 0-3,7}. */
final class Ordinals {
  private Ordinals() {}

  static String text(BitSet set) {
    StringBuilder text = new StringBuilder();
    for (int from = set.nextSetBit(0); from >= 0; ) {
      int to = set.nextClearBit(from);
      if (!text.isEmpty()) {
        text.append(',');
      }
      text.append(from);
      if (to - from > 1) {
        text.append('-').append(to - 1);
      }
      from = set.nextSetBit(to);
    }
    return text.toString();
  }

  /**
   * Reads what {@link #text} has made.
   *
   * @throws NumberFormatException if it is something else
   */
  static BitSet parse(String text) {
    BitSet set = new BitSet();
    if (text.isEmpty()) {
      return set;
    }
    for (String each : text.split(",", -1)) {
      int dash = each.indexOf('-');
      int from = Integer.parseInt(dash < 0 ? each : each.substring(0, dash));
      int to = dash < 0 ? from : Integer.parseInt(each.substring(dash + 1));
      set.set(from, to + 1);
    }
    return set;
  }
}
