package dev.grain.cli.head;

import dev.grain.client.JobInfo;
import dev.grain.text.Durations;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/** Moments and times as people read them. */
final class Times {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

  private final ZoneId zone;
  private final Instant now;

  Times(ZoneId zone, Instant now) {
    this.zone = zone;
    this.now = now;
  }

  String moment(Instant moment) {
    return FORMAT.format(moment.atZone(zone));
  }

  /** Returns a moment, or nothing. */
  String moment(Optional<Instant> moment) {
    return moment.map(this::moment).orElse("");
  }

  /** Returns how long it took or has taken so far; nothing if it has not begun. */
  String between(Optional<Instant> begin, Optional<Instant> end) {
    return begin
        .map(moment -> {
          Duration time = Duration.between(moment, end.orElse(now));
          // the clock of the head may be ahead
          return Durations.rounded(time.isNegative() ? Duration.ZERO : time);
        })
        .orElse("");
  }

  String runTime(JobInfo job) {
    return between(job.started(), job.ended());
  }
}
