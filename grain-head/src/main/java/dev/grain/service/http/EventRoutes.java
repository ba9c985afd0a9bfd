package dev.grain.service.http;

import static io.javalin.http.HandlerType.GET;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.grain.service.event.JobEvent;
import dev.grain.service.event.JobEvents;
import dev.grain.service.event.Listener;
import dev.grain.service.event.TooManyListenersException;
import dev.grain.service.http.Refusal.Kind;
import dev.grain.service.store.JobFilter;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.Role;
import dev.grain.service.store.Store;
import dev.grain.service.store.StoredJob;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Tells callers which jobs change, as server-sent events. Each has the thread of its request, which
 * writes what its {@link Listener} has. For any thread.
 */
final class EventRoutes {
  private static final String LAST = "Last-Event-ID";

  /** How many jobs can be named, so that the address stays short. */
  private static final int MOST_JOBS = 100;

  /** How soon a browser connects again. */
  private static final String RETRY = "retry: 2000\n";

  private static final String COMMENT = ":\n";

  private final Store store;
  private final JobEvents events;
  private final Entrance entrance;
  private final Timing timing;

  EventRoutes(Store store, JobEvents events, Entrance entrance, Timing timing) {
    this.store = store;
    this.events = events;
    this.entrance = entrance;
    this.timing = timing;
  }

  List<Route> all() {
    return List.of(
        Route.of(
                GET,
                "/events",
                Role.READ,
                "Tell which jobs change, by server-sent events.",
                this::listen)
            .withMany("job", "Text", "Any of these jobs, by their ids.")
            .withMany("state", "JobState", "Only when they are in any of these states.")
            .with("name", "Text", "The name, or how it begins and an asterisk.")
            .withMany("label", "Label", "All of these labels.")
            .with("owner", "Text", "Whose; an admin sees those of all.")
            .with("after", "Text", "The id of an event, to go on after it.")
            .withHeader(LAST, "Text", "The same, as browsers send it; it goes before the other.")
            .answers(
                200,
                Route.EVENTS,
                "An event \"job\" with a job as in a list each time one has changed; an event \"resync\" if some were not told, so that lists have to be asked for again."));
  }

  private void listen(Call call) throws IOException {
    Predicate<Jobs.Labelled> wants = wants(call);
    Optional<String> after = call.header(LAST).or(() -> call.parameter("after"));
    try (Listener listener = open(call, wants, after)) {
      call.context()
          .status(200)
          .contentType("text/event-stream")
          // for a proxy that would wait until it has more
          .header("X-Accel-Buffering", "no");
      write(call, listener);
    } catch (InterruptedException e) {
      // the head is ending
      Thread.currentThread().interrupt();
    }
  }

  private Predicate<Jobs.Labelled> wants(Call call) {
    JobFilter filter = JobRoutes.filter(call);
    List<String> ids = call.parameters("job");
    if (ids.isEmpty()) {
      return filter::matches;
    }
    if (ids.size() > MOST_JOBS) {
      throw Call.bad(
          "There are %s jobs in the address. Name at most %s, or none and a label that all of them have."
              .formatted(ids.size(), MOST_JOBS));
    }
    Set<Long> numbers = new HashSet<>();
    ids.forEach(id -> numbers.add(JobRoutes.find(store, call.caller(), id).number()));
    JobFilter among = filter.in(new JobFilter.Scope.All());
    return labelled -> numbers.contains(labelled.job().number()) && among.matches(labelled);
  }

  private Listener open(Call call, Predicate<Jobs.Labelled> wants, Optional<String> after) {
    try {
      return events.listen(call.caller().name(), wants, after);
    } catch (TooManyListenersException e) {
      Kind kind = e.isOfUser() ? Kind.TOO_MANY_REQUESTS : Kind.UNAVAILABLE;
      throw new Refusal(kind, String.valueOf(e.getMessage()), e).with("Retry-After", "15");
    }
  }

  /** Writes what there is until it is over, or the caller may not listen any longer. */
  private void write(Call call, Listener listener) throws IOException, InterruptedException {
    Context context = call.context();
    OutputStream out = context.res().getOutputStream();
    // known even if the connection is lost before the first event
    out.write((RETRY + id(listener.id())).getBytes(UTF_8));
    context.res().flushBuffer();
    long pulse = timing.pulse().toNanos();
    long due = System.nanoTime() + pulse;
    while (true) {
      Listener.Told told = listener.take(Duration.ofNanos(Math.max(0, due - System.nanoTime())));
      if (System.nanoTime() - due >= 0) {
        if (!entrance.stillAdmits(call.caller(), call.header("Authorization"), timing.clock())) {
          return;
        }
        out.write(COMMENT.getBytes(UTF_8));
        due = System.nanoTime() + pulse;
      }
      switch (told) {
        case Listener.Over() -> {
          return;
        }
        case Listener.Nothing(String id) -> out.write(id(id).getBytes(UTF_8));
        case Listener.Missed(String id) ->
            out.write(("event: resync\ndata: {}\n" + id(id)).getBytes(UTF_8));
        case Listener.Changed(List<Listener.Changed.One> some) -> {
          for (Listener.Changed.One each : some) {
            write(out, each);
          }
        }
      }
      context.res().flushBuffer();
    }
  }

  private static void write(OutputStream out, Listener.Changed.One one) throws IOException {
    JobEvent event = one.event();
    out.write("event: job\ndata: ".getBytes(UTF_8));
    out.write(event.text(EventRoutes::text));
    out.write(("\n" + id(one.id())).getBytes(UTF_8));
  }

  private static byte[] text(StoredJob job) {
    // JSON has no line ends
    return JobRoutes.json(job).toBytes();
  }

  /** Returns the last line of an event, and the empty one after it. */
  private static String id(String id) {
    return "id: " + id + "\n\n";
  }
}
