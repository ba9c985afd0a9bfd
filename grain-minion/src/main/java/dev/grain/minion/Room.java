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

/**
 * How many items fit this machine at a time, so that no more are taken from the queue.
 *
 * @param request what each of them needs
 * @param offer what the machine has
 * @param items how many fit; at least 1
 * @param limits whether no more than these run if more are started
 */
record Room(Request request, Resource offer, int items, boolean limits) {
  private static final String PLACES = "PLACES";

  /**
   * Returns the room on this machine.
   *
   * @throws IllegalArgumentException if not even one fits
   */
  static Room of(Minion.Settings settings) {
    Request request = settings.request;
    int parallel = settings.parallel;
    Offer machine = Detection.detect();
    Resource own = cpu(Math.max(1, machine.coreCount())).and(memory(machine.memory()));
    if (!machine.gpus().isEmpty()) {
      own = own.and(gpu(machine.gpus().size()));
    }
    Resource offer = own;
    Request wanted = request;
    if (wanted == null) {
      wanted = parallel > machine.coreCount() ? Demand.NONE : cpu(1);
    }
    boolean limits = wanted instanceof Resource;
    if (wanted instanceof Resource resource) {
      // so that no more than these run, also if their cores would suffice for more
      offer = offer.and(custom(PLACES, parallel));
      Resource place = custom(PLACES, 1);
      Resource whole = resource == Demand.NONE ? place : resource.and(place);
      wanted =
          settings.timeout == null && settings.options == null
              ? whole
              : with(settings, JobOptions.of(whole));
    } else if (wanted instanceof JobOptions options) {
      wanted = with(settings, options);
    }
    Demand demand = Demand.of(resource(wanted));
    int items = count(demand, Offer.of(offer, machine), parallel);
    if (items == 0) {
      throw new IllegalArgumentException(
          "An item requests %s, but this machine offers %s. Reduce the request."
              .formatted(request, own));
    }
    return new Room(wanted, offer, items, limits);
  }

  private static JobOptions with(Minion.Settings settings, JobOptions options) {
    JobOptions all = settings.options == null ? options : settings.options.apply(options);
    return settings.timeout == null ? all : all.timeout(settings.timeout);
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
