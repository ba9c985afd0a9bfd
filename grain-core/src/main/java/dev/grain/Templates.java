package dev.grain;

import dev.grain.bytes.Bytes;
import dev.grain.dispatch.JobTemplate;
import dev.grain.message.CodeRef;
import dev.grain.message.Isolation;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.resource.internal.Demand;
import dev.grain.schedule.Retries;
import dev.grain.text.Durations;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The templates of jobs that were submitted lately, so that jobs that are made alike share one.
 * Safe for all threads.
 *
 * <p>Implementation note: each has one place, by its hash, and the last one has it. Two threads may
 * both keep their own for a while, which costs no more than a little memory.
 */
final class Templates {
  private static final int KEPT = 1024;

  /** Needs travel with each order, in one frame. */
  private static final int MOST_NEEDS = 256 * 1024;

  /**
   * What a program keeps of jobs that are made alike, once for all of them.
   *
   * @param run the run that they belong to
   * @param template what is sent to the head
   * @param retryOn decides after which failures they run again, if their retries ask; null if they
   *     do not
   */
  record SubmittedTemplate(
      Run run, JobTemplate template, @Nullable Predicate<? super Throwable> retryOn) {
    /** Returns the name of the jobs; empty if they have none. */
    String name() {
      return template.name();
    }
  }

  /** What the last template was made of, for those who make the next one of the same. */
  private record Made(Request request, Bytes content, Bytes bundle, SubmittedTemplate template) {
    boolean isOf(Request from, JobBody.Encoded body) {
      return request == from && content == body.content() && bundle == body.bundle();
    }
  }

  private final Run run;
  // set by any thread
  private @Nullable Made last;
  private final AtomicReferenceArray<@Nullable SubmittedTemplate> recent =
      new AtomicReferenceArray<>(KEPT);

  /** Makes the templates of a run, of which there are none yet. */
  Templates(Run run) {
    this.run = run;
  }

  /** Returns the template of a job. */
  SubmittedTemplate of(Request request, JobBody.Encoded body) {
    Made made = last;
    if (made == null || !made.isOf(request, body)) {
      SubmittedTemplate template = shared(make(request, body));
      made = new Made(request, body.content(), body.bundle(), template);
      last = made;
    }
    return made.template;
  }

  /** Returns the template, or an equal one that was there before. */
  private SubmittedTemplate shared(SubmittedTemplate template) {
    int hash = template.hashCode();
    int place = (hash ^ (hash >>> 16)) & (KEPT - 1);
    SubmittedTemplate known = recent.getAcquire(place);
    if (template.equals(known)) {
      return known;
    }
    recent.setRelease(place, template);
    return template;
  }

  private SubmittedTemplate make(Request request, JobBody.Encoded body) {
    return switch (request) {
      case JobOptions job -> {
        Demand demand = Demand.of(job.resource());
        Order.Limits limits = limits(job.timeLimit(), demand);
        Work work = work(body, job.wantsPlatformThread());
        Order.Setting setting = setting(body, job.isolation(), needs(body, job));
        Order.Spec spec = new Order.Spec(job.name(), demand, limits, work, setting);
        yield new SubmittedTemplate(
            run, new JobTemplate(spec, job.retries(), job.priority()), job.retryOn());
      }
      case Resource resource -> {
        Demand demand = Demand.of(resource);
        Order.Limits limits = limits(null, demand);
        Work work = work(body, false);
        Order.Setting setting = setting(body, Isolation.NONE, Bytes.empty());
        Order.Spec spec = new Order.Spec("", demand, limits, work, setting);
        yield new SubmittedTemplate(run, new JobTemplate(spec, Retries.NONE), null);
      }
      default ->
          throw new IllegalArgumentException(
              ("A job cannot be submitted with %s. Create a request by Resources or "
                      + "JobOptions.")
                  .formatted(request));
    };
  }

  private static Work work(JobBody.Encoded body, boolean platformThread) {
    return switch (body.kind()) {
      case CALL -> new Work.Call(body.content(), platformThread);
      case COMMAND -> new Work.Command(body.content());
    };
  }

  private Bytes needs(JobBody.Encoded body, JobOptions job) {
    Bytes needs = run.resolution().needs(job);
    if (!needs.isEmpty() && body.kind() == Work.Kind.CALL) {
      throw new IllegalArgumentException(
          "A function runs with the code of the program. Submit it without code() and"
              + " environment(), which are for commands.");
    }
    if (needs.length() > MOST_NEEDS) {
      throw new IllegalArgumentException(
          "The definition of the environment takes %s bytes; at most %s can be sent with a job. Put it"
                  .formatted(needs.length(), MOST_NEEDS)
              + " into the git repository or the folder of the code.");
    }
    return needs;
  }

  /** Returns the setting of a job; one without a bundle runs with the classes of this process. */
  private static Order.Setting setting(JobBody.Encoded body, Isolation isolation, Bytes needs) {
    if (isolation.kind() != Isolation.Kind.NONE && body.kind() == Work.Kind.COMMAND) {
      throw new IllegalArgumentException(
          "A command always runs in its own processes. Submit it without isolated(), which is for"
              + " functions.");
    }
    CodeRef code = body.bundle().isEmpty() ? CodeRef.OWN : new CodeRef.Bundle(body.bundle());
    return new Order.Setting(code, isolation, needs);
  }

  private Order.Limits limits(@Nullable Duration timeout, Demand demand) {
    Duration wallTime = demand.hardWallTime();
    long first = timeout == null ? Long.MAX_VALUE : Durations.toNanos(timeout);
    long second = wallTime == null ? Long.MAX_VALUE : Durations.toNanos(wallTime);
    long time = timeout == null && wallTime == null ? 0 : Math.min(first, second);
    return new Order.Limits(time, run.graceNanos());
  }
}
