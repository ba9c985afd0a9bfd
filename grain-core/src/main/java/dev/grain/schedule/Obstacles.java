package dev.grain.schedule;

import dev.grain.resource.internal.Demand.Part;
import dev.grain.resource.internal.Kind;
import dev.grain.resource.internal.Wording;
import dev.grain.text.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What prevents nodes from running a job: the nodes that come nearest to it are named. */
final class Obstacles {
  /** How many nodes are looked at. */
  private static final int LOOKED_AT = 256;

  /** How many of these are named. */
  private static final int NAMED = 3;

  /** How near a node is to running the job: the first are the nearest. */
  private enum Nearness {
    RESERVED,
    BUSY,
    KEPT,
    AWAY,
    TOO_LATE,
    LEAVING,
    TOO_SMALL
  }

  private record Obstacle(Nearness nearness, String words) {}

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
    found.sort(Comparator.comparing(Obstacle::nearness));
    this.couldEverStart =
        (scheduler.nodes.count() > LOOKED_AT && !requestClass.unmeetable)
            || found.stream().anyMatch(each -> each.nearness.compareTo(Nearness.TOO_LATE) < 0);
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  /** Whether some node could run it, some day. */
  boolean couldEverStart() {
    return couldEverStart;
  }

  String words() {
    List<String> words = new ArrayList<>();
    found.stream().limit(NAMED).map(Obstacle::words).forEach(words::add);
    int others = scheduler.nodes.count() - words.size();
    String named = String.join(", ", words);
    return others == 0
        ? named
        : "%s, and %d %s".formatted(named, others, others == 1 ? "other" : "others");
  }

  /** What prevents the node from running the job. */
  String wordsOn(Node node) {
    return on(node).words();
  }

  private Obstacle on(Node node) {
    if (node.draining) {
      return new Obstacle(Nearness.LEAVING, node + " is draining");
    }
    if (!node.slots.couldFit(requestClass.demand())) {
      return new Obstacle(Nearness.TOO_SMALL, "%s has %s".formatted(node, lacking(node)));
    }
    long left = node.until == Long.MAX_VALUE ? Long.MAX_VALUE : node.until - now();
    if (requestClass.time() > 0 && left < requestClass.time()) {
      return new Obstacle(
          Nearness.TOO_LATE,
          "%s ends in %s, and the job may take %s"
              .formatted(node, duration(left), duration(requestClass.time())));
    }
    if (node.suspended) {
      return new Obstacle(Nearness.AWAY, node + " is out of reach");
    }
    if (node.aside) {
      return new Obstacle(
          Nearness.AWAY,
          "%s is set aside for %s: %s"
              .formatted(node, duration(node.asideUntil - now()), node.asideReason));
    }
    return onOpen(node);
  }

  private Obstacle onOpen(Node node) {
    boolean reserved = scheduler.nodes.reservedNode == node;
    ScheduledJob holder = scheduler.nodes.reservedJob;
    if (reserved && holder == job) {
      return new Obstacle(
          Nearness.RESERVED, "%s is reserved for it and has %s".formatted(node, room(node)));
    }
    if (!node.slots.fits(requestClass.demand(), requestClass.alone())) {
      return new Obstacle(Nearness.BUSY, "%s has %s".formatted(node, room(node)));
    }
    if (reserved) {
      return new Obstacle(Nearness.KEPT, "%s is reserved for %s".formatted(node, holder));
    }
    if (scheduler.nodes.barred(node)) {
      return new Obstacle(
          Nearness.KEPT,
          "%s lets %s start first, which has waited there for long"
              .formatted(node, node.waiting.first()));
    }
    return new Obstacle(Nearness.BUSY, node + " has room");
  }

  /** What is free of that which the job lacks. */
  private String room(Node node) {
    if (node.slots.heldAlone()) {
      return "a job that must be alone";
    }
    List<Part> parts = requestClass.demand().parts();
    List<String> words = new ArrayList<>();
    for (Part part : parts) {
      Kind kind = part.kind();
      long free = node.slots.free(kind);
      long total = node.slots.total(kind);
      if (node.slots.level(kind) < part.amount()) {
        String amount =
            parts.size() == 1 ? Wording.bare(kind, free, total) : Wording.freeOf(kind, free, total);
        words.add(amount + " free" + (free < part.amount() ? "" : ", but not on one"));
      }
    }
    if (words.isEmpty()) {
      int count = node.jobCount();
      words.add("%d other job%s".formatted(count, count == 1 ? "" : "s"));
    }
    return String.join(" and ", words);
  }

  private String lacking(Node node) {
    for (Part part : requestClass.demand().parts()) {
      if (node.slots.total(part.kind()) < part.amount()) {
        return Wording.only(part.kind(), node.slots.total(part.kind()));
      }
    }
    return "too little";
  }

  private long now() {
    return scheduler.query.now;
  }

  private static String duration(long nanos) {
    return Durations.rounded(Duration.ofNanos(Math.max(0, nanos)));
  }
}
