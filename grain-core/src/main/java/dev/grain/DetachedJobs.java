package dev.grain;

import dev.grain.code.Codec;
import dev.grain.dispatch.JobTemplate;
import dev.grain.dispatch.SpecifiedJob;
import dev.grain.message.Order;
import dev.grain.node.prepare.Logins;
import dev.grain.spec.JobSpec;
import dev.grain.spec.WorkSpec;

/** Makes jobs of specs for a head that many programs share, which has code of none of them. */
final class DetachedJobs implements SpecifiedJob.Maker {
  static {
    SpecifiedJob.register(new DetachedJobs());
  }

  private final Codec codec = new Codec(DetachedJobs.class.getClassLoader());

  private DetachedJobs() {}

  @Override
  public JobSpec fix(JobSpec spec) {
    try (Resolution resolution = new Resolution(Logins.NONE)) {
      return resolution.fix(spec);
    }
  }

  @Override
  public SpecifiedJob make(JobSpec spec) {
    JobOptions options = JobOptions.of(spec);
    ensureFindsItsCode(spec, options);
    JobBody.Encoded body =
        Specified.body(spec.withHold(false), options).encode(codec, RunLimits.valueBytes());
    try (Resolution resolution = new Resolution(Logins.NONE)) {
      Order.Spec order =
          Templates.order(
              options,
              body,
              Templates.resolve(body, options, resolution),
              Order.Limits.USUAL_GRACE);
      return new SpecifiedJob(
          new JobTemplate(order, options.retries(), options.priority()), body.input());
    }
  }

  private static void ensureFindsItsCode(JobSpec spec, JobOptions options) {
    if (spec.work() instanceof WorkSpec.Function && options.code() instanceof Code.Shipped) {
      throw new IllegalArgumentException(
          "The job calls a function by its name, and does not say in which code workers find it. Name a git repository or folders, or no code if the class path of the workers has it.");
    }
  }
}
