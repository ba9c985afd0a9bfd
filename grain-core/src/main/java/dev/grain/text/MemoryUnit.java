package dev.grain.text;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The units in which sizes of memory are written. */
public enum MemoryUnit {
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

  private final String symbol;
  private final long factor;

  MemoryUnit(String symbol, long factor) {
    this.symbol = symbol;
    this.factor = factor;
  }

  /** Returns the bytes in the unit of that symbol, or 0 if there is none. */
  public static long factor(String symbol) {
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
  public static String listed() {
    return Arrays.stream(values())
        .map(unit -> unit.symbol)
        .collect(
            Collectors.collectingAndThen(
                Collectors.toList(), symbols -> String.join(", ", symbols.reversed())));
  }

  /** Returns the symbol that was probably meant, or null if none is near. */
  public static @Nullable String nearest(String written) {
    return Spelling.nearest(written, Arrays.stream(values()).map(unit -> unit.symbol).toList());
  }

  /** Returns the size in the largest unit that shows it exactly. */
  public static String exact(long bytes) {
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
  public static String readable(long bytes) {
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
