package dev.grain.minion;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.memory;

import dev.grain.JobOptions;
import dev.grain.Request;
import dev.grain.Resource;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Detection;
import dev.grain.resource.internal.Offer;
import dev.grain.resource.internal.Slots;
import org.jspecify.annotations.Nullable;

/**
 * How many items fit this machine at a time, so that no more are taken from the queue.
 *
 * @param request what each of them needs
 * @param offer what the machine has
 * @param items how many fit; at least 1
 */
record Room(Request request, Resource offer, int items) {
  private static final String PLACES = "PLACES";

  /**
   * Returns the room on this machine.
   *
   * @param request what an item needs; null for the usual
   * @param parallel how many are wanted at a time
   * @throws IllegalArgumentException if not even one fits
   */
  static Room of(@Nullable Request request, int parallel) {
    Offer machine = Detection.detect();
    Resource offer = cpu(Math.max(1, machine.coreCount())).and(memory(machine.memory()));
    if (!machine.gpus().isEmpty()) {
      offer = offer.and(gpu(machine.gpus().size()));
    }
    Request wanted = request;
    if (wanted == null && parallel > machine.coreCount()) {
      wanted = custom(PLACES, 1);
      offer = offer.and(custom(PLACES, parallel));
    } else if (wanted == null) {
      wanted = cpu(1);
    }
    Demand demand = Demand.of(resource(wanted));
    int items = count(demand, Offer.of(offer, machine), parallel);
    if (items == 0) {
      throw new IllegalArgumentException(
          "An item requests %s, but this machine offers %s. Reduce the request."
              .formatted(demand, offer));
    }
    return new Room(wanted, offer, items);
  }

  private static int count(Demand demand, Offer offer, int most) {
    Slots slots = new Slots(offer);
    int count = 0;
    while (count < most && slots.take(demand, false) != null) {
      count++;
    }
    return count;
  }

  private static Resource resource(Request request) {
    return switch (request) {
      case JobOptions options -> options.resource();
      case Resource resource -> resource;
      default -> throw new IllegalArgumentException("The request is unknown: " + request);
    };
  }
}
