package dev.grain.resource.internal;

import dev.grain.text.Decimals;
import dev.grain.text.MemoryUnit;
import java.math.BigDecimal;
import java.math.RoundingMode;

/** Amounts as users write and read them, and the exact units in which they are counted. */
public final class Amounts {
  /** The most cores or GPUs of a request. */
  static final long MAX_INDEXED = 1_000_000;

  /** The most job places of a request. */
  static final long MAX_PLACES = 1_000_000;

  /** The most of a custom kind in a request. */
  static final long MAX_CUSTOM = 1_000_000_000;

  /** The most memory of a request: 1 EiB. */
  static final long MAX_MEMORY = 1L << 60;

  private static final int DECIMALS = 4;
  private static final int MAX_SIZE_TEXT = 60;

  private Amounts() {}

  /** Returns the units of that many cores. */
  public static long ofCores(double cores) {
    return units("cpu", "", cores, MAX_INDEXED, "for a job that needs no core, request none()");
  }

  /** Returns the units of that many GPUs. */
  public static long ofGpus(double gpus) {
    return units("gpu", "", gpus, MAX_INDEXED, "leave gpu out if the job needs no GPU");
  }

  /** Returns the units of that amount of a custom kind. */
  public static long ofCustom(String name, double amount) {
    return units(
        "custom",
        "\"" + name + "\", ",
        amount,
        MAX_CUSTOM,
        "leave " + name + " out if the job needs none of it");
  }

  /** Returns the units of that many job places. */
  public static long ofPlaces(int places) {
    String call = "capacity(" + places + ")";
    if (places <= 0) {
      throw new IllegalArgumentException(
          call + ": request at least 1 job place, or leave capacity out");
    }
    if (places > MAX_PLACES) {
      throw new IllegalArgumentException(call + ": request at most " + MAX_PLACES + " job places");
    }
    return places;
  }

  /** Returns the number of bytes after checking its range. */
  public static long ofMemory(long bytes) {
    return checkedMemory("memory(" + bytes + ")", BigDecimal.valueOf(bytes));
  }

  /** Returns the number of bytes that a text such as {@code 1.5GiB} means. */
  public static long ofMemory(String size) {
    return ofMemory("memory", size);
  }

  /**
   * Returns the number of bytes that a text such as {@code 1.5GiB} means.
   *
   * @param factory which method was called, for messages
   */
  public static long ofMemory(String factory, String size) {
    String call = call(factory, size);
    String text = size.strip();
    int split = 0;
    while (split < text.length() && isPartOfNumber(text.charAt(split))) {
      split++;
    }
    String number = text.substring(0, split);
    if (size.length() > MAX_SIZE_TEXT || !isNumber(number)) {
      throw new IllegalArgumentException(
          call + ": " + (number.startsWith("-") ? "negative" : "not a size") + "; " + howToWrite());
    }
    String unit = text.substring(split).strip();
    long factor = MemoryUnit.factor(unit);
    if (factor == 0) {
      String nearest = MemoryUnit.nearest(unit);
      String wrong = unit.isEmpty() ? "the unit is missing" : "unknown unit \"" + unit + "\"";
      String guess =
          nearest == null || unit.isEmpty() ? "" : ", did you mean " + number + nearest + "?";
      throw new IllegalArgumentException(call + ": " + wrong + guess + "; " + howToWrite());
    }
    return checkedMemory(
        call,
        new BigDecimal(number).multiply(BigDecimal.valueOf(factor)).setScale(0, RoundingMode.DOWN));
  }

  private static String call(String factory, String size) {
    String shown = size.length() > MAX_SIZE_TEXT ? size.substring(0, MAX_SIZE_TEXT) + "..." : size;
    return factory + "(\"" + shown + "\")";
  }

  private static boolean isPartOfNumber(char next) {
    return (next >= '0' && next <= '9') || next == '.' || next == ',' || next == '-' || next == '+';
  }

  /** Tells whether it is digits, with a fraction or not, without a sign. */
  private static boolean isNumber(String text) {
    int point = text.indexOf('.');
    return point < 0
        ? isDigits(text)
        : isDigits(text.substring(0, point)) && isDigits(text.substring(point + 1));
  }

  private static boolean isDigits(String text) {
    return !text.isEmpty() && text.chars().allMatch(next -> next >= '0' && next <= '9');
  }

  private static String howToWrite() {
    return "write a number and one of the units " + MemoryUnit.listed() + ", for example \"8GiB\"";
  }

  private static long checkedMemory(String call, BigDecimal bytes) {
    if (bytes.signum() < 0) {
      throw new IllegalArgumentException(call + ": negative; request at least 1 byte");
    }
    if (bytes.signum() == 0) {
      throw new IllegalArgumentException(
          call + ": less than 1 byte; leave it out if the job needs none");
    }
    if (bytes.compareTo(BigDecimal.valueOf(MAX_MEMORY)) > 0) {
      throw new IllegalArgumentException(call + ": more than 1 EiB, the maximum");
    }
    return bytes.longValueExact();
  }

  private static long units(String factory, String before, double amount, long max, String zero) {
    long near = Math.round(amount * Kind.WHOLE);
    // so few digits that only one number with so many decimals is nearest to the amount
    boolean exact = near / (double) Kind.WHOLE == amount;
    return exact && amount > 0 && amount <= max
        ? near
        : checkedUnits(factory, before, amount, max, zero);
  }

  private static long checkedUnits(
      String factory, String before, double amount, long max, String zero) {
    String shown = Double.isFinite(amount) ? Decimals.of(amount) : Double.toString(amount);
    String call = factory + "(" + before + shown + ")";
    if (!Double.isFinite(amount)) {
      throw new IllegalArgumentException(
          call + ": not a finite number; use one above 0, up to " + max);
    }
    if (amount < 0) {
      throw new IllegalArgumentException(call + ": negative; use a number above 0, up to " + max);
    }
    if (amount == 0) {
      throw new IllegalArgumentException(call + ": zero; " + zero);
    }
    if (amount > max) {
      throw new IllegalArgumentException(call + ": too much; use a number above 0, up to " + max);
    }
    BigDecimal exact = BigDecimal.valueOf(amount).stripTrailingZeros();
    if (exact.scale() > DECIMALS) {
      BigDecimal rounded = exact.setScale(DECIMALS, RoundingMode.HALF_UP);
      if (rounded.signum() == 0) {
        rounded = BigDecimal.ONE.movePointLeft(DECIMALS);
      }
      throw new IllegalArgumentException(
          "%s: more than %s decimals; round it, for example to %s"
              .formatted(call, DECIMALS, rounded.stripTrailingZeros().toPlainString()));
    }
    return exact.movePointRight(DECIMALS).longValueExact();
  }

  /** Returns units of ten-thousandths as users write them, for example {@code 2.5}. */
  static String decimalUnits(long units) {
    return BigDecimal.valueOf(units, DECIMALS).stripTrailingZeros().toPlainString();
  }

  /** Returns units as what they are of, for example 2.5 cores for 25,000 units. */
  public static double amount(Kind kind, long units) {
    return (double) units / kind.unit();
  }

  /** Returns the exact size as {@link #ofMemory(String)} takes it, for example {@code 1.5GiB}. */
  static String exactMemory(long bytes) {
    return MemoryUnit.exact(bytes);
  }

  /** Returns the size for people, rounded to one decimal, for example {@code 12.3 GiB}. */
  public static String readableMemory(long bytes) {
    return MemoryUnit.readable(bytes);
  }
}
