package dev.grain.service;

import dev.grain.Resource;
import dev.grain.resource.Resources;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Detection;
import dev.grain.resource.internal.Kind;
import dev.grain.resource.internal.Offer;
import dev.grain.spec.IsolationSpec;
import dev.grain.spec.JobSpec;
import dev.grain.spec.WorkSpec;
import org.jspecify.annotations.Nullable;

/**
 * What jobs are given that do not say it themselves.
 *
 * @param cpu the request of those that name no cores
 * @param memory the request of those that name no memory
 */
public record Defaults(Resource cpu, Resource memory) {
  /** One core and 2 GiB. */
  public static final Defaults USUAL = new Defaults(Resources.cpu(1), Resources.memory("2GiB"));

  /**
   * Returns what lets each core of this machine have a job: the usual, but at most half of the
   * share of the memory that a core has, as programs and the system need some, too.
   */
  static Defaults ofThisMachine() {
    Offer machine = Detection.detect();
    long share = machine.memory() / Math.max(1, machine.coreCount()) / 2;
    long usual = Demand.of(USUAL.memory).amount(Kind.MEMORY);
    return new Defaults(USUAL.cpu, Resources.memory(Math.clamp(share, 1, usual)));
  }

  /** Returns the spec with everything that it leaves open. */
  JobSpec complete(JobSpec spec) {
    JobSpec complete = spec.withResources(complete(spec.resources()));
    // strangers share the workers, so that no function runs in the process of one
    return spec.work() instanceof WorkSpec.Function && spec.setting().isolation() == null
        ? complete.withSetting(spec.setting().withIsolation(IsolationSpec.jvm()))
        : complete;
  }

  private Resource complete(@Nullable Resource named) {
    if (named == null) {
      return cpu.and(memory);
    }
    Demand demand = Demand.of(named);
    Resource all = named;
    if (demand.amount(Kind.CPU) == 0) {
      all = all.and(cpu);
    }
    if (demand.amount(Kind.MEMORY) == 0) {
      all = all.and(memory);
    }
    return all;
  }
}
