package dev.grain.service.http;

import dev.grain.service.http.Refusal.Kind;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads which bytes of a blob are sent or asked for. */
final class ByteRanges {
  // no more digits than a number surely takes
  private static final Pattern ONE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");
  private static final Pattern SENT = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})");

  private ByteRanges() {}

  /**
   * Bytes that are asked for.
   *
   * @param to behind the last one
   */
  record Range(long from, long to) {}

  /**
   * Bytes that are sent.
   *
   * @param to behind the last one
   */
  record Part(long from, long to, long total) {
    long length() {
      return to - from;
    }

    boolean isLast() {
      return to == total;
    }
  }

  /**
   * Reads the header Range; empty if it asks for several ranges or is wrong, as such is to be
   * ignored.
   */
  static Optional<Range> range(String header, long size) {
    Matcher matcher = ONE.matcher(header.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String first = matcher.group(1);
    String last = matcher.group(2);
    if (first.isEmpty() && last.isEmpty()) {
      return Optional.empty();
    }
    if (!first.isEmpty() && !last.isEmpty() && Long.parseLong(last) < Long.parseLong(first)) {
      return Optional.empty();
    }
    Range range =
        first.isEmpty()
            ? new Range(size - Math.min(size, Long.parseLong(last)), size)
            : new Range(
                Long.parseLong(first),
                last.isEmpty() ? size : Math.min(size, Long.parseLong(last) + 1));
    if (range.from() >= range.to()) {
      throw new Refusal(
              Kind.RANGE_NOT_SATISFIABLE,
              "The blob has %s bytes, none of which is in \"%s\"."
                  .formatted(size, Texts.shown(header)))
          .with("Content-Range", "bytes */" + size);
    }
    return Optional.of(range);
  }

  /** Reads the header Content-Range. */
  static Part part(String header) {
    Matcher matcher = SENT.matcher(header.strip());
    if (matcher.matches()) {
      Part part =
          new Part(
              Long.parseLong(matcher.group(1)),
              Long.parseLong(matcher.group(2)) + 1,
              Long.parseLong(matcher.group(3)));
      if (part.from() < part.to() && part.to() <= part.total()) {
        return part;
      }
    }
    throw Call.bad(
        "The header Content-Range is \"%s\", but has to be such as \"bytes 0-1023/4096\": the first and the last byte that are sent, from 0 on, and how many the blob has."
            .formatted(Texts.shown(header)));
  }
}
