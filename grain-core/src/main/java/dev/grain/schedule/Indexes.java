package dev.grain.schedule;

import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Offer;

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

  /** Returns the class of such requests of a line, which is added if there is none. */
  RequestClass classOf(Demand demand, boolean alone, long time, Line line) {
    RequestClass known = classes.find(demand, alone, time, line);
    if (known != null) {
      return known;
    }
    if (dimensions.learn(demand)) {
      widen();
    }
    RequestClass added = classes.add(new RequestClass.Key(demand, alone, time, line));
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
