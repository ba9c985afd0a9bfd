package dev.grain.schedule;

import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Offer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The classes and the nodes with their indexes, which all have the same dimensions, and what each
 * means to the other: whether there is a node that could run the jobs of a class.
 */
final class Indexes {
  final KindDimensions dimensions = new KindDimensions();
  final IndexQuery query = new IndexQuery(dimensions.count());
  final RequestClasses classes;
  final Nodes nodes;

  Indexes(Policy policy) {
    this.classes = new RequestClasses(policy, dimensions);
    this.nodes = new Nodes(policy, dimensions, query);
  }

  /** The time in nanoseconds, on the clock of the events. */
  long now() {
    return query.now;
  }

  /** Returns the class of such jobs, which is added if there is none. */
  RequestClass classOf(
      Demand demand, boolean alone, long time, Line line, @Nullable Object preparation) {
    RequestClass known = classes.find(demand, alone, time, line, preparation);
    if (known != null) {
      return known;
    }
    if (dimensions.learn(demand)) {
      widen();
    }
    RequestClass added = classes.add(new RequestClass.Key(demand, alone, time, line, preparation));
    if (!nodes.couldMeet(added)) {
      classes.setUnmeetable(added, true);
    }
    return added;
  }

  /** Adds a node, and considers it. */
  Node add(String name, Offer offer, long until) {
    if (dimensions.learn(offer)) {
      widen();
    }
    Node node = nodes.add(name, offer, until);
    open(node);
    return node;
  }

  private void widen() {
    query.widen(dimensions.count());
    classes.widen();
    nodes.widen();
  }

  /** Considers the node. */
  void open(Node node) {
    nodes.open(node);
    for (RequestClass each : classes.all()) {
      if (each.unmeetable && nodes.couldFit(node, each)) {
        classes.setUnmeetable(each, false);
      }
    }
  }

  /** After a change of what the node could not prepare, of which this is a part. */
  void onUnpreparedChanged(Node node, Object preparation) {
    if (nodes.all().noneMatch(each -> each.unprepared.containsKey(preparation))) {
      dimensions.forget(preparation);
    } else if (dimensions.learn(preparation) && dimensions.count() > query.dimensions()) {
      widen();
    }
    nodes.onEverChanged(node);
    for (RequestClass each : classes.needing(preparation)) {
      classes.onPreparationChanged(each);
      boolean meetable = nodes.couldMeet(each);
      if (meetable == each.unmeetable) {
        classes.setUnmeetable(each, !meetable);
      }
    }
  }

  /**
   * Whether no node could prepare what jobs of the class need: those that could run them have all
   * failed, and none of the others may be back.
   */
  boolean isUnpreparable(RequestClass requestClass) {
    Object preparation = requestClass.preparation();
    // the last spares each new job a look at all nodes
    if (preparation == null || !requestClass.unmeetable || !dimensions.knows(preparation)) {
      return false;
    }
    List<Node> able = nodes.all().filter(node -> isAble(node, requestClass)).toList();
    return !able.isEmpty()
        && able.stream().allMatch(node -> node.unprepared.containsKey(preparation));
  }

  private boolean isAble(Node node, RequestClass requestClass) {
    boolean hasTime =
        requestClass.time() == 0
            || node.until == Long.MAX_VALUE
            || node.until - now() >= requestClass.time();
    return !node.draining && hasTime && node.slots.couldFit(requestClass.demand());
  }

  /** Considers the node no more. */
  void close(Node node) {
    nodes.close(node);
    for (RequestClass each : classes.all()) {
      if (!each.unmeetable && !nodes.couldMeet(each)) {
        classes.setUnmeetable(each, true);
      }
    }
  }
}
