package dev.grain.worker;

import dev.grain.Enforce;
import dev.grain.resource.internal.Amounts;
import dev.grain.wire.Address;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How values on the command line are read; each error states what would be right. */
final class Converters {
  private static final int MAX_PORT = 65_535;
  private static final Pattern NAME = Pattern.compile("[\\w.:@+-]{1,100}");
  private static final Pattern DURATION = Pattern.compile("(\\d{1,6})(s|m|h)");

  private Converters() {}

  /** Reads the number of a port. */
  static final class Port implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      if (value.matches("\\d{1,5}") && Integer.parseInt(value) <= MAX_PORT) {
        return Integer.valueOf(value);
      }
      throw new TypeConversionException(
          "'%s' is not a port; use 1 to %s, or 0 for any free one".formatted(value, MAX_PORT));
    }
  }

  /** Reads sizes such as {@code 8GiB}, as requests have them. */
  static final class Size implements ITypeConverter<Long> {
    @Override
    public Long convert(String value) {
      try {
        return Amounts.ofMemory(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** Reads a duration, or a time of the calendar in the zone of this process. */
  static final class Moment implements ITypeConverter<Until> {
    @Override
    public Until convert(String value) {
      if (DURATION.matcher(value).matches()) {
        return new Until.After(new Time().convert(value));
      }
      Until until = Until.parse(value, ZoneId.systemDefault());
      if (until == null) {
        throw new TypeConversionException(
            ("'%s' is not a time; write a whole number and s, m or h, such as 2h, or a time "
                        + "such as")
                    .formatted(value)
                + " 2026-03-01T18:30, followed by Z or an offset from UTC if it is not in "
                + "this machine's time zone");
      }
      return until;
    }
  }

  /** Reads durations such as {@code 30s}. */
  static final class Time implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String value) {
      Matcher matcher = DURATION.matcher(value);
      if (!matcher.matches()) {
        throw new TypeConversionException(
            "'%s' is not a duration; write a whole number below a million and s, m or h, for example 30s"
                .formatted(value));
      }
      long amount = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "s" -> Duration.ofSeconds(amount);
        case "m" -> Duration.ofMinutes(amount);
        default -> Duration.ofHours(amount);
      };
    }
  }

  /** Reads addresses such as {@code node1:4242}. */
  static final class Where implements ITypeConverter<Address> {
    @Override
    public Address convert(String value) {
      try {
        return Address.parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /** Reads a level of logging, in small or capital letters. */
  static final class LogLevel implements ITypeConverter<LogOptions.Threshold> {
    @Override
    public LogOptions.Threshold convert(String value) {
      List<String> names = new ArrayList<>();
      for (LogOptions.Threshold each : LogOptions.Threshold.values()) {
        if (each.name().equalsIgnoreCase(value)) {
          return each;
        }
        names.add(each.name().toLowerCase(Locale.ROOT));
      }
      throw new TypeConversionException(
          "'%s' is not a level; use one of %s".formatted(value, String.join(", ", names)));
    }
  }

  /** Reads how strictly jobs are kept to their requests. */
  static final class EnforceMode implements ITypeConverter<Enforce> {
    @Override
    public Enforce convert(String value) {
      for (Enforce each : Enforce.values()) {
        if (each.name().equalsIgnoreCase(value)) {
          return each;
        }
      }
      throw new TypeConversionException(
          "'%s' is not a mode; use one of off, best, require".formatted(value));
    }
  }

  /** Reads the name of a worker, which stands in lines that scripts read. */
  static final class Name implements ITypeConverter<String> {
    @Override
    public String convert(String value) {
      if (!NAME.matcher(value).matches()) {
        throw new TypeConversionException(
            "'%s' is not a name; use 1 to 100 letters, digits, '_', '-', '.', ':', '@' and '+'"
                .formatted(value));
      }
      return value;
    }
  }
}
