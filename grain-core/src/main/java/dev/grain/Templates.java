package dev.grain;

import dev.grain.bytes.Bytes;
import dev.grain.dispatch.JobTemplate;
import dev.grain.message.EnvironmentKind;
import dev.grain.message.EnvironmentSetting;
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

  private static final int LARGEST_SETTING = 256 * 1024;

  /**
   * What a program keeps of jobs that are made alike, once for all of them.
   *
   * @param run the run that they belong to
   * @param template what is sent to the head
   * @param retryOn decides after which failures they run again, if their retries ask; null if they
   *     do not
   * @param json how their results are read from JSON; null if these are the objects themselves
   */
  record SubmittedTemplate(
      Run run,
      JobTemplate template,
      @Nullable Predicate<? super Throwable> retryOn,
      @Nullable JsonResult<?> json) {
    /** Returns the name of the jobs; empty if they have none. */
    String name() {
      return template.name();
    }
  }

  /** What the last template was made of, for those who make the next one of the same. */
  private record Made(Request request, JobBody.Encoded body, SubmittedTemplate template) {
    boolean isOf(Request from, JobBody.Encoded other) {
      return request == from
          && body.content() == other.content()
          && body.bundle() == other.bundle()
          && body.result() == other.result();
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
    if (made != null && made.isOf(request, body)) {
      return made.template;
    }
    Resolution.@Nullable Resolved resolved =
        request instanceof JobOptions job ? resolve(body, job, run.resolution()) : null;
    SubmittedTemplate template = shared(make(request, body, resolved));
    // what could not be looked up is looked up again for later jobs
    if (resolved == null || resolved.lasting()) {
      last = new Made(request, body, template);
    }
    return template;
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

  private SubmittedTemplate make(
      Request request, JobBody.Encoded body, Resolution.@Nullable Resolved resolved) {
    Order.Spec spec = order(request, body, resolved, run.graceNanos());
    return request instanceof JobOptions job
        ? new SubmittedTemplate(
            run, new JobTemplate(spec, job.retries(), job.priority()), job.retryOn(), body.result())
        : new SubmittedTemplate(run, new JobTemplate(spec, Retries.NONE), null, body.result());
  }

  /**
   * Returns what is sent of all jobs that are made alike.
   *
   * @param resolved what they need; null for nothing
   * @param grace how many nanoseconds they may take to end when they are cancelled
   */
  static Order.Spec order(
      Request request, JobBody.Encoded body, Resolution.@Nullable Resolved resolved, long grace) {
    Order.Setting setting =
        resolved == null
            ? new Order.Setting(body.code())
            : new Order.Setting(body.code(), resolved.isolation(), resolved.needs());
    return switch (request) {
      case JobOptions job -> {
        Demand demand = Demand.of(job.resource());
        yield new Order.Spec(
            job.name(),
            demand,
            limits(job.timeLimit(), demand, grace),
            work(body, job.wantsPlatformThread()),
            setting);
      }
      case Resource resource -> {
        Demand demand = Demand.of(resource);
        yield new Order.Spec("", demand, limits(null, demand, grace), work(body, false), setting);
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

  /** Returns what a job needs; may block while servers are asked. */
  static Resolution.Resolved resolve(JobBody.Encoded body, JobOptions job, Resolution resolution) {
    ensureFits(body.kind() == Work.Kind.CALL, body.apart(), job);
    Resolution.Resolved resolved = resolution.of(job);
    ensureShort(
        resolved.needs(),
        "The definition of the environment",
        "Put it into the git repository or the folder of the code.");
    if (resolved.isolation() instanceof Isolation.Container(Bytes setting)) {
      ensureShort(setting, "The setting of the container", "Give it fewer mounts and variables.");
    }
    if (resolved.isolation() instanceof Isolation.Apptainer(Bytes setting)) {
      ensureShort(setting, "The setting of the container", "Give it fewer mounts and variables.");
    }
    return resolved;
  }

  /**
   * Refuses options that are not for this kind of work.
   *
   * @param called whether it is a call of a function
   * @param apart whether it needs no classes of the program
   */
  static void ensureFits(boolean called, boolean apart, JobOptions job) {
    if (called && job.code() instanceof Code.None && !apart) {
      throw new IllegalArgumentException(
          "A function of the program needs the code of the program. Submit it without Code.none(), which"
              + " is for functions that are called by their names.");
    }
    EnvironmentSetting environment =
        job.environment() instanceof DefinedEnvironment defined ? defined.setting() : null;
    // what a function gets of it are classes, which run everywhere
    boolean classes = called && environment != null && environment.kind() == EnvironmentKind.MAVEN;
    if (called && environment != null && !classes && job.isolation() == null) {
      throw new IllegalArgumentException(
          "The environment %s sets variables such as PATH, and the JVM of a worker that already runs cannot get these. Add isolated(), which runs the function in a JVM of its own."
              .formatted(environment.description()));
    }
    switch (job.isolation()) {
      case dev.grain.Isolation.Jvm _ when !called ->
          throw new IllegalArgumentException(
              "A command always runs in its own processes. Submit it without isolated(), which is"
                  + " for functions.");
      case dev.grain.Isolation.Apptainer container when called ->
          throw new IllegalArgumentException(onlyForCommands(container));
      case dev.grain.Isolation.Container container when job.environment() != null && !classes ->
          throw new IllegalArgumentException(notInside(job.environment(), container));
      case dev.grain.Isolation.Apptainer container when job.environment() != null && !classes ->
          throw new IllegalArgumentException(notInside(job.environment(), container));
      case null, default -> {}
    }
  }

  private static String onlyForCommands(dev.grain.Isolation container) {
    return "A function cannot run in %s. Use Isolation.container for functions, or isolated()."
        .formatted(container);
  }

  private static String notInside(Environment environment, dev.grain.Isolation container) {
    return "%s is installed for the worker's own system and not for %s. Submit the job without"
            .formatted(environment, container)
        + " environment(), and use an image that contains what it needs.";
  }

  /** Settings travel with each order, in one frame. */
  private static void ensureShort(Bytes setting, String what, String advice) {
    if (setting.length() > LARGEST_SETTING) {
      throw new IllegalArgumentException(
          "%s takes %s bytes; at most %s can be sent with a job. %s"
              .formatted(what, setting.length(), LARGEST_SETTING, advice));
    }
  }

  private static Order.Limits limits(@Nullable Duration timeout, Demand demand, long grace) {
    Duration wallTime = demand.hardWallTime();
    long first = timeout == null ? Long.MAX_VALUE : Durations.toNanos(timeout);
    long second = wallTime == null ? Long.MAX_VALUE : Durations.toNanos(wallTime);
    long time = timeout == null && wallTime == null ? 0 : Math.min(first, second);
    return new Order.Limits(time, grace);
  }
}
