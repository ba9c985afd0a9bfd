package dev.grain.head;

import dev.grain.dispatch.RunProgress;
import dev.grain.resource.internal.Amounts;
import dev.grain.resource.internal.Kind;
import dev.grain.resource.internal.Offer;
import dev.grain.schedule.Node;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.ToLongFunction;

/**
 * What a head has done, and what its nodes have free.
 *
 * @param progress how many jobs are where, and how many have ended how
 * @param work what it has done so far
 * @param nodes the nodes that take jobs, in the order in which they joined
 */
public record Snapshot(RunProgress progress, Work work, List<OfNode> nodes) {
  /**
   * What a head has done.
   *
   * @param submitted jobs that have come into the queue
   * @param passes how often it has looked what can be placed
   * @param decisions how many jobs it has sent to a node, again included
   * @param bytesOut the bytes of the arguments of these
   * @param bytesBack the bytes of the values and failures that have come back
   */
  public record Work(long submitted, long passes, long decisions, long bytesOut, long bytesBack) {}

  /**
   * A node.
   *
   * @param name the name of its worker
   * @param jobs how many jobs it has
   * @param offers what it has of each kind
   * @param free what of that is free
   */
  public record OfNode(
      String name,
      int jobs,
      SequencedMap<String, Double> offers,
      SequencedMap<String, Double> free) {
    static OfNode of(Node node) {
      Offer offer = node.offer();
      return new OfNode(
          node.name(), node.jobCount(), amounts(offer, offer::amount), amounts(offer, node::free));
    }

    /** Returns what a user can ask for, tokens and limits that nobody has set apart. */
    private static SequencedMap<String, Double> amounts(Offer offer, ToLongFunction<Kind> units) {
      SequencedMap<String, Double> amounts = new LinkedHashMap<>();
      for (Kind kind : offer.kinds()) {
        boolean counted = kind.type() != Kind.Type.TAG && !kind.equals(Kind.HEAD);
        if (counted && offer.amount(kind) != Offer.UNLIMITED) {
          amounts.put(kind.name(), Amounts.amount(kind, units.applyAsLong(kind)));
        }
      }
      return amounts;
    }
  }
}
