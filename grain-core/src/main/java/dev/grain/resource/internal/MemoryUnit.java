package dev.grain.resource.internal;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The units in which sizes of memory are written. */
enum MemoryUnit {
  TIB("TiB", 1L << 40),
  TB("TB", 1_000_000_000_000L),
  GIB("GiB", 1L << 30),
  GB("GB", 1_000_000_000L),
  MIB("MiB", 1L << 20),
  MB("MB", 1_000_000L),
  KIB("KiB", 1L << 10),
  KB("kB", 1_000L),
  B("B", 1);

  /** How many decimals an exact size may have before it is written in a smaller unit. */
  private static final int EXACT_FRACTIONS = 10_000;

  private static final int NEAR = 2;

  private final String symbol;
  private final long factor;

  MemoryUnit(String symbol, long factor) {
    this.symbol = symbol;
    this.factor = factor;
  }

  /** Returns the bytes in the unit of that symbol, or 0 if there is none. */
  static long factor(String symbol) {
    if (symbol.equals("KB")) {
      return KB.factor;
    }
    for (MemoryUnit unit : values()) {
      if (unit.symbol.equals(symbol)) {
        return unit.factor;
      }
    }
    return 0;
  }

  /** Returns all symbols, smallest first. */
  static String listed() {
    return Arrays.stream(values())
        .map(unit -> unit.symbol)
        .collect(
            Collectors.collectingAndThen(
                Collectors.toList(), symbols -> String.join(", ", symbols.reversed())));
  }

  /** Returns the symbol that was probably meant, or null if none is near. */
  static @Nullable String nearest(String written) {
    String lower = written.toLowerCase(Locale.ROOT);
    MemoryUnit best = null;
    int least = NEAR + 1;
    for (MemoryUnit unit : values()) {
      String candidate = unit.symbol.toLowerCase(Locale.ROOT);
      int distance = candidate.startsWith(lower) ? 0 : distance(lower, candidate);
      if (distance < least) {
        best = unit;
        least = distance;
      }
    }
    return best == null ? null : best.symbol;
  }

  /** Returns the number of letters to insert, remove or replace. */
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }

  /** Returns the size in the largest unit that shows it exactly. */
  static String exact(long bytes) {
    for (MemoryUnit unit : values()) {
      long rest = bytes % unit.factor;
      if (bytes >= unit.factor && rest * EXACT_FRACTIONS % unit.factor == 0) {
        BigDecimal amount = BigDecimal.valueOf(bytes).divide(BigDecimal.valueOf(unit.factor));
        return amount.stripTrailingZeros().toPlainString() + unit.symbol;
      }
    }
    return bytes + B.symbol;
  }

  /** Returns the size in the largest fitting power of 1024, rounded to one decimal. */
  static String readable(long bytes) {
    MemoryUnit unit = B;
    for (MemoryUnit candidate : new MemoryUnit[] {TIB, GIB, MIB, KIB}) {
      if (bytes >= candidate.factor) {
        unit = candidate;
        break;
      }
    }
    return BigDecimal.valueOf(bytes)
            .divide(BigDecimal.valueOf(unit.factor), 1, RoundingMode.HALF_UP)
            .stripTrailingZeros()
            .toPlainString()
        + " "
        + unit.symbol;
  }
}
