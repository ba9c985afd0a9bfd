package dev.grain.service.log;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a segment, in the order in which they were written.
 *
 * @param job the number of the job
 * @param attempt counted from 1
 * @param segment counted from 0
 */
record SegmentName(long job, int attempt, int segment) implements Comparable<SegmentName> {
  private static final Pattern FILE = Pattern.compile("(\\d{1,18})\\.(\\d{1,9})\\.(\\d{1,9})");
  private static final Comparator<SegmentName> ORDER =
      Comparator.comparingLong(SegmentName::job)
          .thenComparingInt(SegmentName::attempt)
          .thenComparingInt(SegmentName::segment);

  /** Reads the name of a file; empty if it is that of something else. */
  static Optional<SegmentName> parse(String file) {
    Matcher matcher = FILE.matcher(file);
    return matcher.matches()
        ? Optional.of(
            new SegmentName(
                Long.parseLong(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3))))
        : Optional.empty();
  }

  SegmentName next() {
    return new SegmentName(job, attempt, segment + 1);
  }

  boolean isOf(int other) {
    return attempt == other;
  }

  String file() {
    return job + "." + attempt + "." + segment;
  }

  @Override
  public int compareTo(SegmentName other) {
    return ORDER.compare(this, other);
  }
}
