package dev.grain.service.http;

import static io.javalin.http.HandlerType.GET;

import dev.grain.service.http.Refusal.Kind;
import dev.grain.service.log.LogReader;
import dev.grain.service.log.LogStream;
import dev.grain.service.log.LogWatch;
import dev.grain.service.log.Logs;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.Role;
import dev.grain.service.store.Store;
import dev.grain.service.store.StoredJob;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * Sends what jobs print, from the files of their logs: nothing is kept in memory for a caller who
 * reads slowly. For any thread.
 */
final class LogRoutes implements AutoCloseable {
  /** Which attempt has printed it. */
  static final String ATTEMPT = "Grain-Attempt";

  /** How many bytes are before the answer. */
  static final String OFFSET = "Grain-Offset";

  /** Which bytes are missing in the answer, and how many say so in their place. */
  static final String DROPPED = "Grain-Dropped";

  private final Store store;
  private final Logs logs;
  private final Entrance entrance;
  private final Timing timing;
  private final Followers followers = new Followers();

  /**
   * What is asked for.
   *
   * @param attempt empty for the latest
   * @param tail how many bytes at the end; negative if it begins at the offset
   */
  private record Wanted(OptionalInt attempt, LogStream stream, long offset, long tail) {}

  LogRoutes(Store store, Logs logs, Entrance entrance, Timing timing) {
    this.store = store;
    this.logs = logs;
    this.entrance = entrance;
    this.timing = timing;
  }

  List<Route> all() {
    return List.of(
        Route.of(GET, JobRoutes.JOB + "/logs", Role.READ, "Show what a job has printed.", this::get)
            .with("attempt", "Number", "Which attempt; the latest if it is left out.")
            .with("stream", "LogStream", "One of the streams; both if it is left out.")
            .with("offset", "Offset", "How many bytes of it are left out.")
            .with("tail", "Offset", "How many bytes at the end, instead of an offset.")
            .with(
                "follow",
                "Flag",
                "Whether the answer goes on until the job has ended, with all of its attempts.")
            .answers(
                200,
                Route.TEXT,
                "The text. Grain-Attempt tells of which attempt, Grain-Offset how many bytes are before it, and Grain-Dropped which are not kept: FROM-TO/LENGTH, where LENGTH bytes of the text say so."));
  }

  private static Wanted wanted(Call call) {
    OptionalInt attempt =
        call.parameter("attempt").isPresent()
            ? OptionalInt.of((int) call.number("attempt", 1, 1, Integer.MAX_VALUE))
            : OptionalInt.empty();
    LogStream stream = call.choice("stream", LogStream.BOTH, List.of(LogStream.OUT, LogStream.ERR));
    long offset = call.number("offset", 0, 0, Long.MAX_VALUE);
    long tail = call.number("tail", -1, 0, Long.MAX_VALUE);
    if (tail >= 0 && call.parameter("offset").isPresent()) {
      throw Call.bad("Both \"offset\" and \"tail\" tell where to begin. Name one of them.");
    }
    return new Wanted(attempt, stream, offset, tail);
  }

  private void get(Call call) throws IOException, InterruptedException {
    Wanted wanted = wanted(call);
    boolean follow = call.flag("follow");
    StoredJob job = JobRoutes.find(store, call);
    if (follow) {
      follow(call, job, wanted);
    } else {
      show(call.context(), job, wanted);
    }
  }

  // ---------------------------------------------------------------- once

  private void show(Context context, StoredJob job, Wanted wanted)
      throws IOException, InterruptedException {
    logs.awaitWritten(job.number());
    int attempt = attempt(job, wanted);
    LogReader reader = read(job, attempt, wanted);
    describe(context, attempt, reader);
    var _ = reader.copyTo(context.res().getOutputStream(), reader.end());
  }

  /** Returns the attempt that is asked for, of which something may be kept. */
  private int attempt(StoredJob job, Wanted wanted) throws IOException {
    List<Integer> kept = logs.attempts(job.number());
    int latest = Math.max(job.attempt(), kept.isEmpty() ? 1 : kept.getLast());
    int attempt = wanted.attempt().orElse(kept.isEmpty() ? latest : kept.getLast());
    if (attempt > latest) {
      throw new Refusal(
          Kind.NOT_FOUND,
          "The job %s has had %s attempts so far, and no attempt %s."
              .formatted(job.id(), job.attempt(), attempt));
    }
    if (!kept.contains(attempt) && !kept.isEmpty() && attempt < kept.getLast()) {
      throw new Refusal(
          Kind.NOT_FOUND,
          "Nothing is kept of what attempt %s of the job %s has printed: it was nothing, or later attempts needed the room. There are logs of the attempts %s."
              .formatted(
                  attempt,
                  job.id(),
                  kept.stream().map(String::valueOf).collect(Collectors.joining(", "))));
    }
    return attempt;
  }

  private LogReader read(StoredJob job, int attempt, Wanted wanted) throws IOException {
    return wanted.tail() >= 0
        ? logs.readEnd(job.number(), attempt, wanted.stream(), wanted.tail())
        : logs.read(job.number(), attempt, wanted.stream(), wanted.offset());
  }

  private static void describe(Context context, int attempt, LogReader reader) {
    context
        .contentType("text/plain; charset=utf-8")
        .header(ATTEMPT, Integer.toString(attempt))
        .header(OFFSET, Long.toString(reader.start()));
    if (!reader.gaps().isEmpty()) {
      context.header(
          DROPPED,
          reader.gaps().stream()
              .map(gap -> "%s-%s/%s".formatted(gap.from(), gap.to(), gap.length()))
              .collect(Collectors.joining(", ")));
    }
  }

  // ---------------------------------------------------------------- as it is printed

  private void follow(Call call, StoredJob job, Wanted wanted)
      throws IOException, InterruptedException {
    try (LogWatch watch = logs.watch(job.number());
        Followers.Place place = followers.enter(call.caller().name(), watch)) {
      boolean ended = isOver(job, wanted);
      logs.awaitWritten(job.number());
      int attempt = attempt(job, wanted);
      LogReader reader = read(job, attempt, wanted);
      Context context = call.context();
      describe(context, attempt, reader);
      context.res().flushBuffer();
      OutputStream out = context.res().getOutputStream();
      long admitted = timing.nanoTime().getAsLong();
      boolean look = true;
      while (true) {
        boolean last = ended || watch.hasEnded();
        boolean copied = reader.copyTo(out, Long.MAX_VALUE);
        OptionalInt next = look || last ? following(job, attempt, wanted) : OptionalInt.empty();
        if (next.isPresent()) {
          // all of this one was written before the next one began
          var _ = reader.copyTo(out, Long.MAX_VALUE);
          attempt = next.getAsInt();
          reader = logs.read(job.number(), attempt, wanted.stream(), 0);
          continue;
        }
        if (copied) {
          out.flush();
          place.onSent();
        }
        if (last || watch.isStopped()) {
          return;
        }
        watch.await(timing.pulse());
        if (timing.nanoTime().getAsLong() - admitted >= timing.pulse().toNanos()) {
          admitted = timing.nanoTime().getAsLong();
          if (!entrance.stillAdmits(call.caller(), call.header("Authorization"), timing.clock())) {
            return;
          }
        }
        look = watch.latest() > attempt;
        ended = wanted.attempt().isPresent() && isOver(job, wanted);
      }
    }
  }

  /** Returns the next attempt that has printed something, if it is to be followed as well. */
  private OptionalInt following(StoredJob job, int attempt, Wanted wanted) throws IOException {
    if (wanted.attempt().isPresent()) {
      return OptionalInt.empty();
    }
    return logs.attempts(job.number()).stream()
        .mapToInt(Integer::intValue)
        .filter(each -> each > attempt)
        .findFirst();
  }

  /** Returns whether what is asked for has ended, by the store. */
  private boolean isOver(StoredJob job, Wanted wanted) {
    return store.read(handle -> {
      Jobs stored = new Jobs(handle);
      Optional<StoredJob> now = stored.get(job.number());
      if (now.isEmpty() || now.get().state().ended()) {
        return true;
      }
      if (wanted.attempt().isEmpty()) {
        return false;
      }
      int attempt = wanted.attempt().getAsInt();
      return now.get().attempt() > attempt
          || stored
              .attempt(job.number(), attempt)
              .map(each -> each.end().isPresent())
              .orElse(false);
    });
  }

  /** Has all answers end that go on as long as jobs print. */
  @Override
  public void close() {
    followers.stop();
  }
}
