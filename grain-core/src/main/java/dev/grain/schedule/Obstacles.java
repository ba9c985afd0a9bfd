package dev.grain.schedule;

import dev.grain.explain.Situation;
import dev.grain.explain.Situation.Obstacle;
import dev.grain.resource.internal.Demand.Part;
import dev.grain.resource.internal.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds what prevents nodes from running a job, and the nodes that come nearest to it. */
final class Obstacles {
  /** How many nodes are looked at. */
  private static final int LOOKED_AT = 256;

  /** How many of these are named. */
  private static final int NAMED = 3;

  /** How many of the things that a job lacks are named. */
  private static final int MOST_LACKED = 10;

  /** How near a node is to running the job: the first are the nearest. */
  private enum Nearness {
    RESERVED,
    BUSY,
    KEPT,
    AWAY,
    TOO_LATE,
    LEAVING,
    TOO_SMALL;

    static Nearness of(Obstacle obstacle) {
      return switch (obstacle) {
        case Situation.ReservedWorker _ -> RESERVED;
        case Situation.BusyWorker _, Situation.RoomyWorker _ -> BUSY;
        case Situation.WorkerOfAnother _, Situation.BarredWorker _ -> KEPT;
        case Situation.UnreachableWorker _,
            Situation.FailingWorker _,
            Situation.UnpreparedWorker _ ->
            AWAY;
        case Situation.EndingWorker _ -> TOO_LATE;
        case Situation.LeavingWorker _ -> LEAVING;
        case Situation.SmallWorker _, Situation.MissingUnits _, Situation.UnfitWorker _ ->
            TOO_SMALL;
      };
    }
  }

  private final Scheduler scheduler;
  private final ScheduledJob job;
  private final RequestClass requestClass;
  private final List<Obstacle> found = new ArrayList<>();
  private final boolean couldEverStart;

  Obstacles(Scheduler scheduler, ScheduledJob job) {
    this.scheduler = scheduler;
    this.job = job;
    this.requestClass = job.requestClass();
    scheduler.nodes.all().limit(LOOKED_AT).map(this::on).forEach(found::add);
    found.sort(Comparator.comparing(Nearness::of));
    this.couldEverStart =
        (scheduler.nodes.count() > LOOKED_AT && !requestClass.unmeetable)
            || found.stream().anyMatch(each -> Nearness.of(each).compareTo(Nearness.TOO_LATE) < 0);
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  /** Whether some node could run it, some day. */
  boolean couldEverStart() {
    return couldEverStart;
  }

  /** Those of the nodes that are named, the nearest first. */
  List<Obstacle> nearest() {
    return found.stream().limit(NAMED).toList();
  }

  /** How many nodes there are beside these. */
  int others() {
    return scheduler.nodes.count() - Math.min(NAMED, found.size());
  }

  /** What prevents the node from running the job. */
  Obstacle on(Node node) {
    if (node.draining) {
      return new Situation.LeavingWorker(node.name());
    }
    if (!node.slots.couldFit(requestClass.demand())) {
      return tooSmall(node);
    }
    long left = node.until == Long.MAX_VALUE ? Long.MAX_VALUE : node.until - now();
    if (requestClass.time() > 0 && left < requestClass.time()) {
      return new Situation.EndingWorker(node.name(), duration(left), duration(requestClass.time()));
    }
    if (node.suspended) {
      return new Situation.UnreachableWorker(node.name());
    }
    if (node.aside) {
      return new Situation.FailingWorker(
          node.name(), duration(node.asideUntil - now()), node.asideReason);
    }
    Object preparation = requestClass.preparation();
    Unprepared.Failure failure = preparation == null ? null : node.unprepared.get(preparation);
    return failure == null
        ? onOpen(node)
        : new Situation.UnpreparedWorker(
            node.name(), duration(failure.until() - now()), failure.reason());
  }

  private Obstacle onOpen(Node node) {
    boolean reserved = scheduler.nodes.reservedNode == node;
    ScheduledJob holder = scheduler.nodes.reservedJob;
    if (reserved && holder == job) {
      return new Situation.ReservedWorker(node.name(), headroom(node));
    }
    Optional<Situation.Headroom> lacking =
        node.slots.fits(requestClass.demand(), requestClass.alone())
            ? Optional.empty()
            : Optional.of(headroom(node));
    if (reserved && holder != null) {
      return new Situation.WorkerOfAnother(
          node.name(), holder.toString(), isOlder(holder), lacking);
    }
    ScheduledJob first = node.waiting.first();
    if (node.isBarredByNode()) {
      return new Situation.BarredWorker(node.name(), "an older job", lacking);
    }
    if (first != null && first != job && scheduler.nodes.barred(node)) {
      return new Situation.BarredWorker(node.name(), first.toString(), lacking);
    }
    return lacking
        .<Obstacle>map(headroom -> new Situation.BusyWorker(node.name(), headroom))
        .orElse(new Situation.RoomyWorker(node.name()));
  }

  private boolean isOlder(ScheduledJob other) {
    return other.rank < job.rank && other.number() < job.number();
  }

  /** What is free of that which the job lacks. */
  private Situation.Headroom headroom(Node node) {
    if (node.slots.heldAlone()) {
      return new Situation.HeldAlone(node.others.holdAlone());
    }
    List<Situation.Shortage> shortages = new ArrayList<>();
    for (Part part : requestClass.demand().needs()) {
      Kind kind = part.kind();
      boolean told = !requestClass.demand().ids(kind).isEmpty() || shortages.size() >= MOST_LACKED;
      if (!told && node.slots.level(kind) < part.amount()) {
        long free = node.slots.free(kind);
        shortages.add(
            new Situation.Shortage(
                kind, free, node.slots.total(kind), free >= part.amount(), node.others.held(kind)));
      }
    }
    return shortages.isEmpty()
        ? new Situation.OtherJobs(node.jobCount() + node.others.jobs())
        : new Situation.Lacking(List.copyOf(shortages));
  }

  private Obstacle tooSmall(Node node) {
    List<Kind> missing = requestClass.demand().missing(node.offer());
    if (!missing.isEmpty()) {
      return new Situation.MissingUnits(node.name(), missing);
    }
    for (Part part : requestClass.demand().needs()) {
      long total = node.slots.total(part.kind());
      if (total < part.amount()) {
        return new Situation.SmallWorker(node.name(), part.kind(), total);
      }
    }
    return new Situation.UnfitWorker(node.name());
  }

  private long now() {
    return scheduler.query.now;
  }

  private static Duration duration(long nanos) {
    return Duration.ofNanos(Math.max(0, nanos));
  }
}
