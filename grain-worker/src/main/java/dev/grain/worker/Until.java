package dev.grain.worker;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** When the time of a worker is over, as it was configured. */
sealed interface Until {
  /** Set by Slurm for what runs in an allocation: its end, in seconds since 1970. */
  String SLURM = "SLURM_JOB_END_TIME";

  /** Returns the moment. */
  Instant from(Instant start);

  /** So long after the start. */
  record After(Duration time) implements Until {
    @Override
    public Instant from(Instant start) {
      return start.plus(time);
    }
  }

  /** At a time of the calendar. */
  record At(Instant moment) implements Until {
    @Override
    public Instant from(Instant start) {
      return moment;
    }
  }

  /**
   * Reads a time of the calendar such as {@code 2026-03-01T18:30}, with an offset from UTC or in
   * this zone; null if it is none.
   */
  static @Nullable Until parse(String text, ZoneId zone) {
    try {
      return new At(
          DateTimeFormatter.ISO_DATE_TIME.parseBest(text, OffsetDateTime::from, LocalDateTime::from)
                  instanceof OffsetDateTime exact
              ? exact.toInstant()
              : LocalDateTime.parse(text).atZone(zone).toInstant());
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  /** Reads the end of the Slurm allocation; null if there is none. */
  static @Nullable Until ofSlurm(@Nullable String seconds) {
    // an allocation without an end has none, or 0
    return seconds != null && seconds.matches("[1-9]\\d{0,11}")
        ? new At(Instant.ofEpochSecond(Long.parseLong(seconds)))
        : null;
  }

  /** Returns a moment as people and scripts read it, in this zone. */
  static String readable(Instant moment, ZoneId zone) {
    return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
        moment.truncatedTo(ChronoUnit.SECONDS).atZone(zone));
  }
}
