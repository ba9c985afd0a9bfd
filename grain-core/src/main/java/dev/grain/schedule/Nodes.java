package dev.grain.schedule;

import dev.grain.resource.internal.Demand.Part;
import dev.grain.resource.internal.Kind;
import dev.grain.resource.internal.Offer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.SequencedSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The nodes, and the indexes that find those that fit a class, now or when idle. */
final class Nodes {
  /** How many that fit are compared. */
  static final int CANDIDATES = 8;

  private final Policy policy;
  private final KindDimensions dimensions;
  private final IndexQuery query;
  private final List<@Nullable Node> byLeaf = new ArrayList<>();
  private final Deque<Integer> freeLeaves = new ArrayDeque<>();

  /** By how many scarce resources a node has; those with none are taken first. */
  private final List<FitIndex> now = new ArrayList<>();

  final FitIndex ever;

  /** Those that may have become able to run more. */
  private final Deque<Node> dirty = new ArrayDeque<>();

  /** Those with room for jobs ahead. */
  final SequencedSet<Node> roomy = new LinkedHashSet<>();

  /** Those where jobs of other heads hold slots. */
  final SequencedSet<Node> shared = new LinkedHashSet<>();

  /** The job that a node is reserved for. */
  @Nullable ScheduledJob reservedJob;

  @Nullable Node reservedNode;

  // what the last search found
  private final int[] candidates = new int[CANDIDATES];

  private long steps;

  Nodes(Policy policy, KindDimensions dimensions, IndexQuery query) {
    this.policy = policy;
    this.dimensions = dimensions;
    this.query = query;
    this.ever = new FitIndex(dimensions.count());
  }

  Stream<Node> all() {
    return byLeaf.stream().filter(Objects::nonNull);
  }

  int count() {
    return byLeaf.size() - freeLeaves.size();
  }

  /** Adds a node, all kinds of which are known; it is not looked at yet. */
  Node add(String name, Offer offer, long until) {
    Integer free = freeLeaves.poll();
    int leaf = free != null ? free : byLeaf.size();
    int scarcity = (int) offer.kinds().stream().filter(Kind::isScarce).count();
    Node node = new Node(name, offer, until, leaf, scarcity);
    if (leaf == byLeaf.size()) {
      byLeaf.add(node);
    } else {
      byLeaf.set(leaf, node);
    }
    return node;
  }

  /** Considers a node that is new, or was closed. */
  void open(Node node) {
    node.forgetShown();
    showEver(node);
  }

  /** After a change of what the node has when it is idle. */
  void onEverChanged(Node node) {
    if (node.open()) {
      open(node);
      touch(node);
    }
  }

  private void showEver(Node node) {
    node.ever = new long[dimensions.count()];
    node.visible = new long[dimensions.count()];
    dimensions.available(node, true, node.ever);
    ever.set(node.leaf, node.ever, node.leaf);
  }

  /** Considers the node no more. */
  void close(Node node) {
    now(node).clear(node.leaf);
    ever.clear(node.leaf);
    removeDirty(node);
    roomy.remove(node);
    node.roomy = false;
    if (reservedNode == node) {
      reservedJob = null;
      reservedNode = null;
    }
    node.unstarted.incoming.toList().forEach(ScheduledJob::releaseLease);
  }

  /** After a report of what jobs of other heads hold there. */
  void updateShared(Node node) {
    if (node.isShared()) {
      shared.add(node);
    } else {
      shared.remove(node);
    }
  }

  /** Forgets a node that is closed. */
  void remove(Node node) {
    shared.remove(node);
    byLeaf.set(node.leaf, null);
    freeLeaves.add(node.leaf);
  }

  Node at(int leaf) {
    Node node = byLeaf.get(leaf);
    if (node == null) {
      throw new IllegalStateException("No node at " + leaf);
    }
    return node;
  }

  FitIndex now(Node node) {
    while (now.size() <= node.scarcity) {
      now.add(new FitIndex(dimensions.count()));
    }
    return now.get(node.scarcity);
  }

  // ---------------------------------------------------------------- what fits where

  /** The best of the nodes that fit the class now, as far as they are compared. */
  @Nullable Node best(RequestClass requestClass) {
    long[] wanted = query.wantedBy(requestClass);
    for (FitIndex level : now) {
      Node best = best(requestClass, wanted, level);
      if (best != null) {
        return best;
      }
    }
    return null;
  }

  private @Nullable Node best(RequestClass requestClass, long[] wanted, FitIndex level) {
    Node best = null;
    long least = Long.MAX_VALUE;
    int fitting = level.firstFits(wanted, candidates);
    for (int candidate = 0; candidate < fitting; candidate++) {
      Node node = at(candidates[candidate]);
      long waste = waste(requestClass, node);
      if (waste < least) {
        least = waste;
        best = node;
      }
    }
    return best;
  }

  /** Where others are, and which slots they have is not known, nothing goes that fits elsewhere. */
  private long waste(RequestClass requestClass, Node node) {
    return node.bounded && !node.others.areAbsent()
        ? Long.MAX_VALUE - 1
        : policy.placement().waste(requestClass.demand(), node.slots);
  }

  /** The first of the nodes that fit the class when idle. */
  List<Node> firstWhenIdle(RequestClass requestClass) {
    int fitting = ever.firstFits(query.wantedBy(requestClass), candidates);
    return Arrays.stream(candidates, 0, fitting).mapToObj(this::at).toList();
  }

  /** Whether some node could run jobs of the class if it were idle. */
  boolean couldMeet(RequestClass requestClass) {
    return ever.firstFit(query.wantedBy(requestClass), Long.MIN_VALUE) >= 0;
  }

  boolean couldFit(Node node, RequestClass requestClass) {
    long[] wanted = query.wantedBy(requestClass);
    for (int dimension = 0; dimension < wanted.length; dimension++) {
      if (node.ever[dimension] < wanted[dimension]) {
        return false;
      }
    }
    return true;
  }

  // ---------------------------------------------------------------- changes

  /** After a change of what the node has: it is looked at again. */
  void touch(Node node) {
    if (!node.open()) {
      return;
    }
    onSlotsChanged(node);
    if (!node.dirty) {
      node.dirty = true;
      dirty.addLast(node);
    }
  }

  /** After a change of what the node has that leaves it no more than before. */
  void onSlotsChanged(Node node) {
    refresh(node);
    updateRoom(node);
  }

  /** Returns the node that is to be looked at next; null if there is none. */
  @Nullable Node firstDirty() {
    return dirty.peekFirst();
  }

  int dirtyCount() {
    return dirty.size();
  }

  /** The node was looked at. */
  void removeDirty(Node node) {
    dirty.remove(node);
    node.dirty = false;
  }

  /** Returns whether the node is to be looked at, without trust in its own flag. */
  boolean isDirty(Node node) {
    return dirty.contains(node);
  }

  /** Keeps the node for the job, beside which others get only what it leaves. */
  void reserve(Node node, ScheduledJob job) {
    reservedJob = job;
    reservedNode = node;
    touch(node);
  }

  /** Keeps no node for a job any more. */
  void endReservation() {
    Node node = reservedNode;
    reservedJob = null;
    reservedNode = null;
    if (node != null) {
      touch(node);
    }
  }

  /** Brings what the node shows to the next job up to date. */
  private void refresh(Node node) {
    ScheduledJob reservation = reservedNode == node ? reservedJob : null;
    if (!node.open() || !node.showsOther(barred(node), reservation)) {
      return;
    }
    steps++;
    show(node, node.visible);
    now(node).set(node.leaf, node.visible, node.leaf);
  }

  /** Writes what the node has for jobs in the queue other than the one it is reserved for. */
  void show(Node node, long[] visible) {
    dimensions.available(node, false, visible);
    boolean shut = barred(node);
    if (reservedNode == node && reservedJob != null) {
      RequestClass reserved = reservedJob.requestClass();
      shut |= reserved.alone();
      visible[KindDimensions.PRESENCE] = Math.min(1, visible[KindDimensions.PRESENCE]);
      for (Part part : reserved.demand().needs()) {
        int dimension = dimensions.dimension(part.kind());
        visible[dimension] = left(part.kind(), node.slots.cost(part), visible[dimension]);
      }
      KindDimensions.combine(visible);
    }
    if (shut) {
      visible[KindDimensions.PRESENCE] = 0;
    }
  }

  /** What may be used so that the node still has the part, if it has it now. */
  private static long left(Kind kind, long amount, long level) {
    return switch (kind.type()) {
      case TAG -> level;
      case COUNTED, UNIT -> Math.max(0, level - amount);
      case INDEXED -> {
        long slack = Math.max(0, level - amount);
        // a fraction that no shared id has room for opens an id, whose rest does not add up
        long best = level % Kind.WHOLE;
        long rest = slack % Kind.WHOLE;
        yield rest <= best || best == 0 ? slack : slack - rest + Math.max(best, rest - best);
      }
    };
  }

  /**
   * Whether the job that waits longest at the node lets no other pass any more. Beside one that is
   * to run alone none is to wait at all: it could be blamed.
   */
  boolean barred(Node node) {
    if (node.isBarredByNode()) {
      return true;
    }
    ScheduledJob first = node.waiting.first();
    return first != null
        && first.ahead
        && (first.alone || (!first.takingBack && first.overtaken >= policy.overtaking()));
  }

  private static boolean startsAloneFirst(Node node) {
    ScheduledJob first = node.waiting.first();
    return first != null && first.ahead && first.alone;
  }

  void updateRoom(Node node) {
    boolean room = hasRoomAhead(node);
    if (room == node.roomy) {
      return;
    }
    node.roomy = room;
    if (room) {
      roomy.add(node);
    } else {
      roomy.remove(node);
    }
  }

  /** Lets the other nodes with room for jobs ahead come first. */
  void goBehind(Node node) {
    if (node.roomy && roomy.getLast() != node) {
      roomy.remove(node);
      roomy.add(node);
    }
  }

  /**
   * Behind a job that runs alone none may start before its end is known here: it could be blamed.
   */
  boolean hasRoomAhead(Node node) {
    return node.open()
        && !policy.strict()
        && !node.slots.heldAlone()
        && !startsAloneFirst(node)
        && (reservedNode != node || node.isLeftToOthers(0))
        && (node.roomy ? node.aheadCount < node.aheadLimit() : node.runsLow());
  }

  /** Makes all vectors as wide as there are kinds now. */
  void widen() {
    ever.widen(dimensions.count());
    now.forEach(index -> index.widen(dimensions.count()));
    all()
        .filter(Node::open)
        .forEach(node -> {
          showEver(node);
          node.forgetShown();
          refresh(node);
        });
  }

  long steps() {
    return steps + ever.steps() + now.stream().mapToLong(FitIndex::steps).sum();
  }

  /** Checks that the indexes sum up what is in them. */
  void checkIndexes() {
    ever.checkInvariants();
    now.forEach(FitIndex::checkInvariants);
  }
}
