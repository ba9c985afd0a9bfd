package dev.grain.head;

import dev.grain.dispatch.DispatchStats;
import dev.grain.resource.internal.Amounts;
import dev.grain.resource.internal.Kind;
import dev.grain.resource.internal.Offer;
import dev.grain.schedule.Node;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.ToLongFunction;

/** Says what a node offers and has free, in the units of users. */
final class NodeAmounts {
  private NodeAmounts() {}

  static DispatchStats.OfWorker of(Node node) {
    Offer offer = node.offer();
    return new DispatchStats.OfWorker(
        node.name(),
        node.jobCount(),
        amounts(offer, offer::amount),
        amounts(offer, node::free),
        amounts(offer, node::heldByOthers));
  }

  /** Returns what a user can ask for, without tokens and limits that nobody has set. */
  private static SequencedMap<String, Double> amounts(Offer offer, ToLongFunction<Kind> units) {
    SequencedMap<String, Double> amounts = new LinkedHashMap<>();
    for (Kind kind : offer.kinds()) {
      boolean counted = kind.type() != Kind.Type.TAG && !kind.isHidden();
      if (counted && offer.amount(kind) != Offer.UNLIMITED) {
        amounts.put(kind.name(), Amounts.amount(kind, units.applyAsLong(kind)));
      }
    }
    return amounts;
  }
}
