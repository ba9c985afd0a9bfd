package dev.grain.schedule;

import dev.grain.resource.internal.Offer;
import dev.grain.resource.internal.Slots;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** A node as the scheduler sees it. Everything in it belongs to the scheduler's thread. */
public final class Node {
  /** How much work should wait at a node, so that its slots never wait for a round trip. */
  private static final long AHEAD_NANOS = 2_000_000;

  /** Jobs that run longer than this on average are not sent ahead. */
  private static final long LONG_NANOS = 100_000_000;

  private static final int MOST_AHEAD = 512;

  private final String name;
  private final Offer offer;
  final Slots slots;

  /** Its place in the indexes over nodes. */
  final int leaf;

  /** How many scarce resources it has; nodes that have none are taken first. */
  final int scarcity;

  /** When it goes away, on the clock of the events; {@code Long.MAX_VALUE} for never. */
  final long until;

  /** Every job it has, by number, in the order of sending. */
  final SequencedMap<Long, ScheduledJob> sent = new LinkedHashMap<>();

  /** Those of them that are not known to have started, in the order of sending. */
  final JobList waiting = new JobList.Line();

  /** Those that hold slots here and are not known to have started. */
  final Promises promises = new Promises();

  /** How many of the waiting jobs have no slots. */
  int aheadCount;

  /** How many of its jobs have freed their slots, and are not known to have ended. */
  int freedCount;

  /** What it has when idle, in the dimensions of the indexes. */
  long[] ever = {};

  /** What it has for the next job. */
  long[] visible = {};

  /** Whether it may have become able to run more. */
  boolean dirty;

  boolean lost;

  /** Whether it takes no more jobs. */
  boolean draining;

  private long meanRun = -1;

  Node(String name, Offer offer, long until, int leaf, int scarcity) {
    this.name = name;
    this.offer = offer;
    this.slots = new Slots(offer);
    this.until = until;
    this.leaf = leaf;
    this.scarcity = scarcity;
  }

  /** Returns the name of its worker. */
  public String name() {
    return name;
  }

  /** Returns what it offers. */
  public Offer offer() {
    return offer;
  }

  /** Returns the job of that number and attempt if the node has it. */
  public @Nullable ScheduledJob find(long number, int attempt) {
    ScheduledJob job = sent.get(number);
    return job != null && job.attempt == attempt ? job : null;
  }

  /** Returns whether it takes jobs. */
  boolean open() {
    return !lost && !draining;
  }

  /** Takes note of how long a job ran. */
  void observe(long ran) {
    meanRun = meanRun < 0 ? ran : meanRun + (ran - meanRun) / 8;
  }

  /** How many jobs without slots may wait here. */
  int aheadLimit() {
    int concurrent = Math.max(1, sent.size() - aheadCount - freedCount);
    if (meanRun > LONG_NANOS) {
      return 0;
    }
    if (meanRun < 0) {
      return concurrent;
    }
    long each = Math.clamp(AHEAD_NANOS / Math.max(1, meanRun), 1, MOST_AHEAD);
    return (int) Math.min(MOST_AHEAD, each * concurrent);
  }

  @Override
  public String toString() {
    return name;
  }
}
