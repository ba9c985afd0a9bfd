package dev.grain.explain;

import dev.grain.Attempt;
import dev.grain.explain.Situation.Headroom;
import dev.grain.explain.Situation.HigherJobs;
import dev.grain.explain.Situation.Obstacle;
import dev.grain.explain.Situation.OlderJobs;
import dev.grain.explain.Situation.Place;
import dev.grain.explain.Situation.Precedence;
import dev.grain.explain.Situation.Shortage;
import dev.grain.explain.Situation.Tickets;
import dev.grain.explain.Situation.Wanted;
import dev.grain.resource.internal.Amounts;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Kind;
import dev.grain.resource.internal.Wording;
import dev.grain.text.Decimals;
import dev.grain.text.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** Describes jobs in words. */
public final class Sentences {
  /** How many attempts follow a situation. */
  private static final int ATTEMPTS = 3;

  /** How many attempts have a line of their own. */
  private static final int LINES = 10;

  private static final String INSTEAD_OF_THE_HEAP =
      "run it isolated, or start a worker with a larger --heap";

  private static final String NEEDS_AN_ENGINE =
      "start Docker or Podman on the machine of a worker, and then the worker (in a program itself,"
          + " also dev.grain:grain-worker has to be on the class path)";

  private static final HigherJobs NONE_HIGHER = new HigherJobs(0, false);

  private Sentences() {}

  // ---------------------------------------------------------------- why a job has ended

  /** Returns a part of a sentence that states why a job has ended. */
  public static String of(Reason reason) {
    return switch (reason) {
      case Reason.Cancelled() -> "it was cancelled";
      case Reason.CancelledOn(String worker) -> "it was cancelled on " + worker;
      case Reason.CancelledAndLost(String worker) ->
          "it was cancelled, and " + worker + " was lost";
      case Reason.DeathOfWorker(String worker) ->
          "worker %s died while the job was running, for the third time".formatted(worker);
      case Reason.Unmeetable unmeetable -> unmeetable(unmeetable);
      case Reason.IgnoredInterrupt(String worker) ->
          "it ignores the interrupt on %s and keeps its slots until it ends".formatted(worker);
      case Reason.OverTime(String worker, Duration limit) ->
          "it ran on %s for its time limit of %s".formatted(worker, Durations.readable(limit));
      case Reason.OverMemory(String worker, String need, long _, long _) ->
          "on %s, %s".formatted(worker, need);
      case Reason.NotRunnable(String worker, String problem) -> worker + " " + problem;
      case Reason.Unstartable(long tries, var last) -> unstartable(tries, last);
      case Reason.Unpreparable(var last) ->
          last.stream()
              .map(one -> "%s could not prepare it: %s".formatted(one.worker(), one.problem()))
              .collect(Collectors.joining("; "));
      case Reason.TooLarge(long length) ->
          String.format(
              Locale.ROOT,
              "its result is %,d bytes, above this program's limit (two fifths of its "
                  + "heap); return less, write it to a file, or give the program a larger heap",
              length);
      case Reason.Other(String words) -> words;
    };
  }

  private static String unmeetable(Reason.Unmeetable reason) {
    if (reason.demand().needsEngine()
        && reason.offers().stream().noneMatch(each -> each.offer().hasEngine())) {
      return "it requests %s, but no worker has a container engine; %s"
          .formatted(Wording.of(reason.demand()), NEEDS_AN_ENGINE);
    }
    OptionalLong heap = largestHeap(reason);
    if (heap.isPresent()) {
      return "it requests %s for a function, but the largest heap of a worker is %s; %s"
          .formatted(
              reason.demand(), Amounts.readableMemory(heap.getAsLong()), INSTEAD_OF_THE_HEAP);
    }
    String offers =
        reason.offers().stream()
            .map(each -> "%s offers %s".formatted(each.worker(), each.offer()))
            .collect(Collectors.joining("; "));
    String there = offers.isEmpty() ? "none" : offers;
    String advice = reason.avoidable() ? "; request less, or declare more by RunOptions.local" : "";
    List<Kind> nowhere = nowhere(reason);
    return nowhere.isEmpty()
        ? "it requests %s, more than any worker has (%s)%s"
            .formatted(reason.demand(), there, advice)
        : "it requests %s, but no worker offers %s (%s)%s"
            .formatted(reason.demand(), Wording.units(nowhere), there, advice);
  }

  /**
   * Returns the most heap of the workers that lack nothing else for it; nothing if there are none.
   */
  private static OptionalLong largestHeap(Reason.Unmeetable reason) {
    return reason.offers().stream()
        .filter(each -> reason.demand().exceedsOnlyHeap(each.offer()))
        .mapToLong(each -> each.offer().heap())
        .max();
  }

  /** Returns the units that it requests by ids, and that no worker has. */
  private static List<Kind> nowhere(Reason.Unmeetable reason) {
    if (!reason.demand().hasIds() || reason.offers().isEmpty()) {
      return List.of();
    }
    List<Kind> nowhere =
        new ArrayList<>(reason.demand().missing(reason.offers().getFirst().offer()));
    reason.offers().forEach(each -> nowhere.retainAll(reason.demand().missing(each.offer())));
    return nowhere;
  }

  private static String unstartable(long tries, List<Reason.FailedStart> last) {
    String each =
        last.stream()
            .map(one -> "%s could not start it: %s".formatted(one.worker(), one.problem()))
            .collect(Collectors.joining("; "));
    return tries == 1 ? each : "it was tried %s times: %s".formatted(tries, each);
  }

  // ---------------------------------------------------------------- attempts

  /**
   * Returns a line for each attempt, each after a line break, if there are several; nothing if not.
   * Of many attempts, only the last ones are listed.
   */
  public static String lines(List<Attempt> attempts) {
    if (attempts.size() < 2) {
      return "";
    }
    List<String> lines = new ArrayList<>();
    int hidden = Math.max(0, attempts.size() - LINES);
    if (hidden > 0) {
      lines.add("\n  (%s earlier attempts)".formatted(hidden));
    }
    for (Attempt attempt : attempts.subList(hidden, attempts.size())) {
      lines.add(
          "\n  attempt %s on %s: %s".formatted(attempt.number(), attempt.worker(), end(attempt)));
    }
    return String.join("", lines);
  }

  /** Tells the last attempts; of several with the same reason, only the last one with it. */
  private static String last(List<Attempt> attempts) {
    StringBuilder told = new StringBuilder();
    for (int i = Math.max(0, attempts.size() - ATTEMPTS); i < attempts.size(); i++) {
      Attempt each = attempts.get(i);
      boolean follows = i + 1 < attempts.size();
      boolean repeated = follows && attempts.get(i + 1).reason().equals(each.reason());
      told.append("; attempt %s on %s ".formatted(each.number(), each.worker()))
          .append(repeated ? how(each) : end(each));
    }
    return told.toString();
  }

  private static String end(Attempt attempt) {
    String reason = attempt.reason().lines().findFirst().orElse("");
    return how(attempt) + (reason.isEmpty() ? "" : ": " + reason);
  }

  private static String how(Attempt attempt) {
    String after = " after " + Durations.rounded(attempt.ran());
    return attempt
        .failure()
        .map(cause ->
            switch (cause) {
              case FAILED -> "failed" + after;
              case TIMED_OUT -> "timed out" + after;
              case OUT_OF_MEMORY -> "ran out of memory" + after;
              case CANCELLED -> "was cancelled" + after;
              case LOST -> "was lost" + after;
              case NOT_STARTED -> "was not started";
            })
        .orElse("succeeded" + after);
  }

  // ---------------------------------------------------------------- where a job is

  /** Returns the rest of a sentence that starts with the job: where it is and why. */
  public static String of(Situation situation) {
    return of(situation.place()) + last(situation.attempts());
  }

  private static String of(Place place) {
    return switch (place) {
      case Situation.Submitted() -> "is about to be queued";
      case Situation.Undecided(int attempt) ->
          "waits for retryOn to decide whether to start attempt " + attempt;
      case Situation.Delayed(int attempt, Duration left) ->
          "waits %s before attempt %s".formatted(Durations.rounded(left), attempt);
      case Situation.Held() -> "is held; resume it to have it started";
      case Situation.InLine(OlderJobs older, HigherJobs higher) ->
          "waits for %s, as the queue order is strict".formatted(before(older, "", higher));
      case Situation.Workerless() -> "waits for a worker, as none is connected";
      case Situation.Waiting waiting -> waiting(waiting);
      case Situation.SentOutOfReach(String worker) ->
          "was sent to %s, which is unreachable".formatted(worker);
      case Situation.SentToStart(String worker, Demand demand) ->
          "was sent to %s, which has %s for it and has not reported its start yet"
              .formatted(worker, Wording.of(demand));
      case Situation.Preparing(String worker, String phase) ->
          "is being prepared on %s, without slots: %s".formatted(worker, phase);
      case Situation.SentEarly(Wanted wanted, Obstacle obstacle) ->
          "is queued on %s and waits there for %s: %s"
              .formatted(obstacle.worker(), of(wanted), of(obstacle, wanted));
      case Situation.AskedBack(String worker, var destination) ->
          "is queued on %s and is being taken back, as %s"
              .formatted(
                  worker,
                  destination
                      .map(name -> name + " has room for it")
                      .orElse("later jobs have started there before it"));
      case Situation.Running running ->
          "has run on %s for %s, with %s%s"
              .formatted(
                  running.worker(),
                  Durations.rounded(running.ran()),
                  Wording.of(running.demand()),
                  running.reachable() ? "" : "; the worker is unreachable");
      case Situation.Returning(String worker) ->
          "has ended on %s, and its result is being transferred".formatted(worker);
      case Situation.Stopping stopping -> stopping(stopping);
      case Situation.GivenUp(String worker) ->
          "was abandoned: " + of(new Reason.IgnoredInterrupt(worker));
      case Situation.Ended() -> "has ended";
    };
  }

  private static String waiting(Situation.Waiting place) {
    boolean inHeap = lacks(place, Kind.HEAP);
    String wanted = of(place.wanted());
    String lead =
        place.meetable()
            ? "waits for " + wanted
            : "requests %s%s, more than any connected worker has"
                .formatted(wanted, inHeap ? " for a function" : "");
    String behind = behind(place.older(), place.precedence());
    String nearest =
        place.nearest().stream()
            .map(each -> of(each, place.wanted()))
            .collect(Collectors.joining(", "));
    int others = place.otherWorkers();
    String named =
        others == 0
            ? nearest
            : "%s, and %s %s".formatted(nearest, others, others == 1 ? "other" : "others");
    String advice =
        inHeap
            ? "; " + INSTEAD_OF_THE_HEAP
            : lacks(place, Kind.ENGINE) ? "; " + NEEDS_AN_ENGINE : "";
    return lead + behind + ": " + named + advice;
  }

  /** Returns whether no worker can ever run it, and one that comes near lacks such a thing. */
  private static boolean lacks(Situation.Waiting place, Kind what) {
    return !place.meetable()
        && place.nearest().stream()
            .anyMatch(each ->
                each instanceof Situation.SmallWorker(_, Kind kind, _) && kind.equals(what));
  }

  private static String stopping(Situation.Stopping place) {
    String reach = place.reachable() ? "" : ", which is unreachable";
    return place
        .ran()
        .map(ran ->
            "was told to stop but has not ended yet on %s%s, where it started %s ago"
                .formatted(place.worker(), reach, Durations.rounded(ran)))
        .orElse(
            "was cancelled, but %s%s has not confirmed it yet".formatted(place.worker(), reach));
  }

  private static String of(Wanted wanted) {
    String amounts = Wording.of(wanted.demand());
    return wanted.alone()
        ? "%s on a worker of its own, as workers died %s times while it was running"
            .formatted(amounts, wanted.losses())
        : amounts;
  }

  private static String behind(OlderJobs older, Precedence precedence) {
    return switch (precedence) {
      case HigherJobs higher -> {
        String before = before(older, " with the same request", higher);
        yield before.isEmpty() ? "" : ", behind " + before;
      }
      case Tickets tickets -> {
        String before = before(older, " of its line with the same request", NONE_HIGHER);
        yield "%s, in a raffle in which its line holds %s of %s%s tickets"
            .formatted(
                before.isEmpty() ? "" : ", behind " + before,
                Decimals.of(tickets.held()),
                tickets.more() ? "more than " : "",
                Decimals.of(tickets.total()));
      }
    };
  }

  /** Returns how many jobs are before a job, in words; empty if there are none. */
  private static String before(OlderJobs older, String which, HigherJobs higher) {
    List<String> parts = new ArrayList<>();
    if (higher.counted() > 0) {
      parts.add(jobs(higher.counted(), higher.more(), "") + " with a higher priority");
    }
    if (older.counted() > 0) {
      parts.add(jobs(older.counted(), older.more(), "older ") + which);
    }
    return String.join(" and ", parts);
  }

  private static String jobs(int count, boolean more, String kind) {
    return more
        ? String.format(Locale.ROOT, "more than %,d %sjobs", count, kind)
        : "%s %sjob%s".formatted(count, kind, count == 1 ? "" : "s");
  }

  // ---------------------------------------------------------------- what is in the way

  private static String of(Obstacle obstacle, Wanted wanted) {
    return switch (obstacle) {
      case Situation.LeavingWorker(String worker) -> worker + " is draining";
      case Situation.SmallWorker(String worker, var kind, long total) ->
          "%s has %s".formatted(worker, Wording.only(kind, total));
      case Situation.MissingUnits(String worker, var units) ->
          "%s has no %s".formatted(worker, Wording.units(units));
      case Situation.UnfitWorker(String worker) -> worker + " has too little";
      case Situation.EndingWorker(String worker, Duration left, Duration needed) ->
          "%s ends in %s, and the job may take %s"
              .formatted(worker, Durations.rounded(left), Durations.rounded(needed));
      case Situation.UnreachableWorker(String worker) -> worker + " is unreachable";
      case Situation.FailingWorker(String worker, Duration left, String problem) ->
          "%s gets no jobs for %s: %s".formatted(worker, Durations.rounded(left), problem);
      case Situation.UnpreparedWorker(String worker, Duration left, String problem) ->
          "%s could not prepare it, and tries again in %s: %s"
              .formatted(worker, Durations.rounded(left), problem);
      case Situation.RoomyWorker(String worker) -> worker + " has room";
      case Situation.BusyWorker(String worker, Headroom headroom) ->
          "%s has %s".formatted(worker, of(headroom, wanted));
      case Situation.ReservedWorker(String worker, Headroom headroom) ->
          "%s is reserved for it and has %s".formatted(worker, of(headroom, wanted));
      case Situation.WorkerOfAnother(String worker, String job, boolean older, var lacking) ->
          "%s %sis reserved for %s%s"
              .formatted(worker, and(lacking, wanted), job, older ? ", which is older" : "");
      case Situation.BarredWorker(String worker, String job, var lacking) ->
          "%s %slets %s start first, which has waited longest"
              .formatted(worker, and(lacking, wanted), job);
    };
  }

  private static String and(Optional<Headroom> lacking, Wanted wanted) {
    return lacking.map(headroom -> "has %s and ".formatted(of(headroom, wanted))).orElse("");
  }

  private static String of(Headroom headroom, Wanted wanted) {
    return switch (headroom) {
      case Situation.HeldAlone(boolean ofOthers) ->
          "a job %sthat must be alone".formatted(ofOthers ? "of another program " : "");
      case Situation.Lacking(List<Shortage> shortages) -> {
        boolean single =
            wanted.demand().parts().size() == 1
                && shortages.stream().noneMatch(each -> each.kind().equals(Kind.HEAP));
        yield shortages.stream().map(each -> of(each, single)).collect(Collectors.joining(" and "));
      }
      case Situation.OtherJobs(int count) ->
          "%s other job%s".formatted(count, count == 1 ? "" : "s");
    };
  }

  /** Says what is free, and of what, unless it is the only thing that the job asks for. */
  private static String of(Shortage shortage, boolean single) {
    if (shortage.kind().type() == Kind.Type.UNIT) {
      return Wording.units(List.of(shortage.kind())) + " in use";
    }
    long free = shortage.free();
    long total = shortage.total();
    String amount =
        single
            ? Wording.bare(shortage.kind(), free, total)
            : Wording.freeOf(shortage.kind(), free, total);
    String apart = shortage.apart() ? ", but not on one" : "";
    String others =
        shortage.others() == 0
            ? ""
            : " (another program holds %s)"
                .formatted(Wording.bare(shortage.kind(), shortage.others(), total));
    return amount + " free" + apart + others;
  }
}
