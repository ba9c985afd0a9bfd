package dev.grain.client;

import dev.grain.client.HeadCalls.Opened;
import dev.grain.client.HeadCalls.Request;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Copies what a job prints as it prints it, over as many connections as that takes: each goes on
 * where the one before has ended. For one thread.
 */
final class LogFollowing {
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int BUFFER = 1 << 16;
  private static final Pattern GAP = Pattern.compile("([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,9})");

  private final HeadCalls calls;
  private final GrainClient client;
  private final String id;
  private final LogQuery query;
  private final OutputStream out;

  /** Where the next answer begins: how many bytes of which attempt are copied. */
  private record Place(OptionalInt attempt, OptionalLong copied) {}

  /**
   * Makes it.
   *
   * @param calls those of the client
   * @param id the whole of it
   */
  LogFollowing(GrainClient client, HeadCalls calls, String id, LogQuery query, OutputStream out) {
    this.client = client;
    this.calls = calls;
    this.id = id;
    this.query = query;
    this.out = out;
  }

  /** Copies what there is, once. */
  void copy() throws IOException {
    var _ = copy(new Place(query.attempt(), OptionalLong.empty()), false, false);
  }

  /** Copies until the job has ended, or the attempt that is asked for. */
  void follow() throws IOException {
    Place place = new Place(query.attempt(), OptionalLong.empty());
    while (true) {
      place = copy(place, true, true);
      JobInfo info = client.get(id).info();
      // then it is not known where in the answer the new attempt began
      boolean moved = query.attempt().isEmpty() && info.attempt() > place.attempt().orElse(0);
      if (info.state().hasEnded() || hasEnded(query.attempt())) {
        if (!moved) {
          // what came between the end of the answer and the end of the job
          var _ = copy(place, false, false);
        }
        return;
      }
      place = moved ? new Place(OptionalInt.empty(), OptionalLong.of(0)) : place;
      calls.pause(PAUSE);
    }
  }

  private boolean hasEnded(OptionalInt number) {
    return number.isPresent()
        && client.attempts(id).stream()
            .anyMatch(each -> each.number() == number.getAsInt() && each.ended().isPresent());
  }

  private String query(Place place, boolean follow) {
    StringBuilder text = new StringBuilder("?follow=").append(follow);
    query.attempt().ifPresent(number -> text.append("&attempt=").append(number));
    query.stream()
        .ifPresent(one -> text.append(one == LogQuery.Stream.OUT ? "&stream=out" : "&stream=err"));
    if (place.copied().isPresent()) {
      text.append("&offset=").append(place.copied().getAsLong());
    } else {
      query.tail().ifPresent(bytes -> text.append("&tail=").append(bytes));
    }
    return text.toString();
  }

  /**
   * Copies an answer.
   *
   * @param mayEnd whether the connection may be lost, after which another one goes on
   * @return where it ended
   */
  private Place copy(Place from, boolean follow, boolean mayEnd) throws IOException {
    try (Opened answer =
        calls.open(Request.get(GrainClient.path(id) + "/logs" + query(from, follow)))) {
      OptionalInt attempt =
          answer.number("Grain-Attempt").isPresent()
              ? OptionalInt.of((int) answer.number("Grain-Attempt").getAsLong())
              : from.attempt();
      long start = answer.number("Grain-Offset").orElse(from.copied().orElse(0));
      long read = copy(answer.body(), mayEnd);
      return new Place(
          attempt, OptionalLong.of(offset(start, read, answer.header("Grain-Dropped"))));
    }
  }

  private long copy(InputStream in, boolean mayEnd) throws IOException {
    byte[] buffer = new byte[BUFFER];
    long read = 0;
    while (true) {
      int count;
      try {
        count = in.read(buffer);
      } catch (IOException e) {
        if (mayEnd) {
          return read;
        }
        throw calls.lost(e);
      }
      if (count < 0) {
        return read;
      }
      out.write(buffer, 0, count);
      out.flush();
      read += count;
    }
  }

  /**
   * Returns where in the log an answer has ended.
   *
   * @param start where it began
   * @param read how many bytes it had
   * @param gaps the bytes that are not kept, and the lengths of the texts in their places
   */
  static long offset(long start, long read, String gaps) {
    long offset = start;
    long left = read;
    Matcher gap = GAP.matcher(gaps);
    while (gap.find()) {
      long from = Long.parseLong(gap.group(1));
      long to = Long.parseLong(gap.group(2));
      long length = Long.parseLong(gap.group(3));
      long before = Math.max(0, from - offset);
      if (left < before + length) {
        // a text that was told in part is told once more
        return offset + Math.min(left, before);
      }
      left -= before + length;
      offset = to;
    }
    return offset + left;
  }
}
