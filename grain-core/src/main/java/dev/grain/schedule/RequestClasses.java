package dev.grain.schedule;

import dev.grain.resource.internal.Demand;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** The classes of jobs, and the indexes that find the one whose first job is to be next. */
final class RequestClasses {
  /** How many of them that have no jobs may be kept. */
  private static final int MOST_IDLE = 1024;

  /** How many places there are for each class among those that are found at once. */
  private static final int PLACES = 4;

  private static final int FEWEST_PLACES = 64;

  /** They are arranged anew when one in so many has come since. */
  private static final int UNARRANGED = 8;

  private static final long[] NO_VECTOR = {};

  private final Policy policy;
  private final KindDimensions dimensions;
  private final SequencedMap<RequestClass.Key, RequestClass> byKey = new LinkedHashMap<>();

  /** Some of those whose jobs do not run alone, by the hash of what they ask for. */
  private @Nullable RequestClass[] recent = new @Nullable RequestClass[FEWEST_PLACES];

  private final List<@Nullable RequestClass> byLeaf = new ArrayList<>();
  private final Deque<Integer> freeLeaves = new ArrayDeque<>();
  private int unarranged;
  private long steps;

  /** Those with queued jobs that some node could run, by the rank of the first one. */
  final FitIndex queued;

  /** Those with jobs that were sent ahead, by the rank of the first one. */
  final FitIndex ahead;

  /** Those whose first job may have become placeable, by its rank alone. */
  final FitIndex dirty = new FitIndex(0);

  RequestClasses(Policy policy, KindDimensions dimensions) {
    this.policy = policy;
    this.dimensions = dimensions;
    this.queued = new FitIndex(dimensions.count());
    this.ahead = new FitIndex(dimensions.count());
  }

  Collection<RequestClass> all() {
    return byKey.values();
  }

  @Nullable RequestClass find(
      Demand demand, boolean alone, long time, Line line, @Nullable Object preparation) {
    RequestClass near = recent[slot(demand)];
    if (near != null
        && near.demand() == demand
        && near.time() == time
        && !alone
        && near.line().equals(line)
        && Objects.equals(near.preparation(), preparation)) {
      return near;
    }
    RequestClass found = byKey.get(new RequestClass.Key(demand, alone, time, line, preparation));
    if (found != null && !alone) {
      recent[slot(demand)] = found;
    }
    return found;
  }

  private int slot(Demand demand) {
    int hash = demand.hashCode();
    return (hash ^ hash >>> Short.SIZE) & (recent.length - 1);
  }

  /** Adds a class, all kinds of which are known. */
  RequestClass add(RequestClass.Key key) {
    Integer free = freeLeaves.poll();
    int leaf = free != null ? free : byLeaf.size();
    long[] wanted = dimensions.wanted(key);
    RequestClass added = new RequestClass(key, leaf, wanted, IndexQuery.negated(wanted));
    byKey.put(key, added);
    if (PLACES * byKey.size() > recent.length) {
      recent = new @Nullable RequestClass[2 * recent.length];
    }
    if (leaf == byLeaf.size()) {
      byLeaf.add(added);
    } else {
      byLeaf.set(leaf, added);
    }
    if (++unarranged > UNARRANGED + byKey.size() / UNARRANGED) {
      arrange();
    }
    return added;
  }

  /** Gives those that ask for similar things places near each other. */
  private void arrange() {
    unarranged = 0;
    steps += byKey.size();
    List<RequestClass> toLookAt = new ArrayList<>();
    for (RequestClass each : byKey.values()) {
      if (dirty.contains(each.leaf)) {
        toLookAt.add(each);
      }
      dirty.clear(each.leaf);
      queued.clear(each.leaf);
      ahead.clear(each.leaf);
    }
    byLeaf.clear();
    freeLeaves.clear();
    for (RequestClass each : Similarity.arrange(byKey.values())) {
      each.leaf = byLeaf.size();
      byLeaf.add(each);
      updateQueued(each);
      updateAhead(each);
    }
    toLookAt.forEach(this::onHeadChanged);
  }

  /** The class has one more job. */
  void enter(RequestClass requestClass) {
    requestClass.unended++;
  }

  /** A job of the class has ended or is now of another; returns whether the class is gone. */
  boolean leave(RequestClass requestClass) {
    requestClass.unended--;
    // a line of a raffle that has no jobs any more does not come back
    boolean kept = requestClass.line() instanceof Line.Level && byKey.size() <= MOST_IDLE;
    if (requestClass.unended > 0 || kept) {
      return false;
    }
    byKey.remove(requestClass.key);
    recent[slot(requestClass.demand())] = null;
    dirty.clear(requestClass.leaf);
    queued.clear(requestClass.leaf);
    ahead.clear(requestClass.leaf);
    byLeaf.set(requestClass.leaf, null);
    freeLeaves.add(requestClass.leaf);
    return true;
  }

  RequestClass at(int leaf) {
    RequestClass requestClass = byLeaf.get(leaf);
    if (requestClass == null) {
      throw new IllegalStateException("No class at " + leaf);
    }
    return requestClass;
  }

  /** Another job is the first of the class, or it may be placed now: it is looked at. */
  void onHeadChanged(RequestClass requestClass) {
    updateQueued(requestClass);
    ScheduledJob first = requestClass.queue.first();
    if (first == null || requestClass.unmeetable) {
      dirty.clear(requestClass.leaf);
    } else {
      dirty.set(requestClass.leaf, NO_VECTOR, first.rank);
    }
  }

  /** Whether no node could ever run jobs of the class. */
  void setUnmeetable(RequestClass requestClass, boolean unmeetable) {
    requestClass.unmeetable = unmeetable;
    onHeadChanged(requestClass);
  }

  void updateQueued(RequestClass requestClass) {
    ScheduledJob first = requestClass.queue.first();
    if (first == null || (requestClass.unmeetable && !policy.strict())) {
      queued.clear(requestClass.leaf);
    } else {
      show(requestClass, queued, first.rank);
    }
  }

  void updateAhead(RequestClass requestClass) {
    ScheduledJob first = requestClass.ahead.first();
    if (first == null) {
      ahead.clear(requestClass.leaf);
    } else {
      show(requestClass, ahead, first.rank);
    }
  }

  /** What a class asks for never changes, so an index that has it needs to know the rank only. */
  private static void show(RequestClass requestClass, FitIndex index, long rank) {
    if (index.contains(requestClass.leaf)) {
      index.rerank(requestClass.leaf, rank);
    } else {
      index.set(requestClass.leaf, requestClass.negated, rank);
    }
  }

  /** Makes all vectors as wide as there are kinds now. */
  void widen() {
    queued.widen(dimensions.count());
    ahead.widen(dimensions.count());
    byKey.values().forEach(this::measure);
  }

  /** Those whose jobs need that to be made ready. */
  List<RequestClass> needing(Object preparation) {
    steps += byKey.size();
    return byKey.values().stream().filter(each -> preparation.equals(each.preparation())).toList();
  }

  /** After a change of the dimension that stands for what the class needs to be made ready. */
  void onPreparationChanged(RequestClass requestClass) {
    measure(requestClass);
    List.of(queued, ahead)
        .forEach(index -> {
          if (index.contains(requestClass.leaf)) {
            index.set(requestClass.leaf, requestClass.negated, index.rank(requestClass.leaf));
          }
        });
  }

  private void measure(RequestClass requestClass) {
    requestClass.wanted = dimensions.wanted(requestClass.key);
    requestClass.negated = IndexQuery.negated(requestClass.wanted);
  }

  long steps() {
    return steps + queued.steps() + ahead.steps() + dirty.steps();
  }
}
