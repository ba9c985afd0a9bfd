package dev.grain.text;

import java.math.BigDecimal;

/** Writes numbers without superfluous digits. */
public final class Decimals {
  private Decimals() {}

  /** Returns for example {@code 2.5} or {@code 3}. */
  public static String of(double amount) {
    return BigDecimal.valueOf(amount).stripTrailingZeros().toPlainString();
  }
}
