package dev.grain.cli;

import dev.grain.Enforce;
import dev.grain.text.Durations;
import java.time.Duration;
import java.util.Arrays;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How values of options are read; each error states what would be right. */
public final class Converters {
  private static final Pattern AMOUNT = Pattern.compile("-?[0-9]{1,9}(?:\\.[0-9]{1,9})?");
  private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,9}");

  private Converters() {}

  /** Reads times such as {@code 30s}, {@code 1.5h}, {@code 10 min}, or {@code 10} for seconds. */
  public static final class Time implements ITypeConverter<Duration> {
    /** Makes the converter. */
    public Time() {}

    @Override
    public Duration convert(String value) {
      try {
        return Durations.parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(
            "'%s' is not a time; write a number and s, m or h, such as 30s".formatted(value));
      }
    }
  }

  /** Reads numbers such as {@code 4} or {@code 0.5}. */
  public static final class Amount implements ITypeConverter<Double> {
    /** Makes the converter. */
    public Amount() {}

    @Override
    public Double convert(String value) {
      if (!AMOUNT.matcher(value).matches()) {
        throw new TypeConversionException(
            "'%s' is not a number, such as 4 or 0.5".formatted(value));
      }
      return Double.valueOf(value);
    }
  }

  /** Reads whole numbers. */
  public static final class WholeNumber implements ITypeConverter<Integer> {
    /** Makes the converter. */
    public WholeNumber() {}

    @Override
    public Integer convert(String value) {
      if (!WHOLE.matcher(value).matches()) {
        throw new TypeConversionException(
            "'%s' is not a whole number of at most 9 digits".formatted(value));
      }
      return Integer.valueOf(value);
    }
  }

  /** Reads one of a few words, in small or capital letters. */
  public abstract static class Choice<E extends Enum<E>> implements ITypeConverter<E> {
    private final E[] values;
    private final String otherwise;

    /**
     * Makes a converter.
     *
     * @param otherwise what is said about another word, behind it
     */
    protected Choice(E[] values, String otherwise) {
      this.values = values;
      this.otherwise = otherwise;
    }

    @Override
    public final E convert(String value) {
      return Arrays.stream(values)
          .filter(each -> each.name().equalsIgnoreCase(value))
          .findAny()
          .orElseThrow(() -> new TypeConversionException("'%s' %s".formatted(value, otherwise)));
    }
  }

  /** Reads how strictly jobs are kept to their requests. */
  public static final class EnforceMode extends Choice<Enforce> {
    /** Makes the converter. */
    public EnforceMode() {
      super(Enforce.values(), "is not a mode; use off, best or require");
    }
  }
}
