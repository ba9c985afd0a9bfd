package dev.grain.service;

import dev.grain.Attempt;
import dev.grain.Cause;
import dev.grain.Code;
import dev.grain.JobOptions;
import dev.grain.client.JobSpecs;
import dev.grain.dispatch.Dispatch;
import dev.grain.dispatch.JobTemplate;
import dev.grain.dispatch.SpecifiedJob;
import dev.grain.dispatch.StoredJob;
import dev.grain.head.DetachedClient;
import dev.grain.service.api.JobService;
import dev.grain.service.store.By;
import dev.grain.service.store.JobState;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.NewJob;
import dev.grain.service.store.RequestKey;
import dev.grain.service.store.Store;
import dev.grain.service.store.StoredAttempt;
import dev.grain.service.store.Submission;
import dev.grain.service.store.Submissions;
import dev.grain.service.store.Submitted;
import dev.grain.service.store.Usage;
import dev.grain.spec.IsolationSpec;
import dev.grain.spec.JobSpec;
import dev.grain.spec.WorkSpec;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The jobs of a head: what is asked for goes into the store, and from there to the engine, which
 * hears of everything in the order in which it was stored. For all threads.
 */
final class HeadJobs implements JobService {
  private static final System.Logger LOG = System.getLogger("dev.grain.head");

  private final Store store;
  private final DetachedClient client;
  private final Ledger ledger;
  private final Defaults defaults;
  private final Clock clock;
  private final SpecifiedJob.Maker maker = SpecifiedJob.maker();
  private final RecentTemplates templates = new RecentTemplates();
  // by the name of the user; put by any thread
  private final ConcurrentMap<String, Long> lines = new ConcurrentHashMap<>();

  /** Jobs alike share one template. Safe for all threads. */
  private static final class RecentTemplates {
    private static final int KEPT = 1024;

    // guarded by this
    private final Map<JobTemplate, JobTemplate> recent =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1;

          @Override
          protected boolean removeEldestEntry(Map.Entry<JobTemplate, JobTemplate> eldest) {
            return size() > KEPT;
          }
        };

    /** Returns the template, or an equal one that was there before. */
    synchronized JobTemplate shared(JobTemplate template) {
      JobTemplate known = recent.putIfAbsent(template, template);
      return known == null ? template : known;
    }
  }

  /** A job that is ready to be stored. */
  private record Prepared(JobSpec spec, SpecifiedJob job) {}

  HeadJobs(Store store, DetachedClient client, Ledger ledger, Defaults defaults, Clock clock) {
    this.store = store;
    this.client = client;
    this.ledger = ledger;
    this.defaults = defaults;
    this.clock = clock;
  }

  // ---------------------------------------------------------------- new ones

  @Override
  public CompletableFuture<List<Submitted>> submit(
      String owner, Optional<RequestKey> key, List<JobSpec> specs) {
    if (specs.isEmpty()) {
      throw new IllegalArgumentException("There is no job to submit.");
    }
    List<JobSpec> complete = each(specs, this::complete);
    if (complete.stream().noneMatch(HeadJobs::hasMovingName)) {
      return store(owner, key, each(complete, this::prepare));
    }
    CompletableFuture<List<Prepared>> prepared = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("grain-submit")
        .start(() -> {
          try {
            prepared.complete(each(complete, spec -> prepare(maker.fix(spec))));
          } catch (RuntimeException | Error e) {
            prepared.completeExceptionally(e);
          }
        });
    return prepared.thenCompose(jobs -> store(owner, key, jobs));
  }

  /** Makes something of one job. */
  private interface Making<T> {
    T make(JobSpec spec);
  }

  /** Makes something of each job; a message about one of several says which. */
  private static <T> List<T> each(List<JobSpec> specs, Making<T> making) {
    List<T> all = new ArrayList<>(specs.size());
    for (JobSpec spec : specs) {
      try {
        all.add(making.make(spec));
      } catch (IllegalArgumentException e) {
        if (specs.size() == 1) {
          throw e;
        }
        throw new IllegalArgumentException(
            "Job %s of %s: %s".formatted(all.size() + 1, specs.size(), e.getMessage()), e);
      }
    }
    return all;
  }

  private JobSpec complete(JobSpec spec) {
    if (spec.work() instanceof WorkSpec.Shipped) {
      throw new IllegalArgumentException(
          "The job calls a function of a program. This head takes commands, and functions by their names; run the function in a run of the program.");
    }
    JobSpec complete = defaults.complete(spec);
    var _ = JobOptions.of(complete);
    return complete;
  }

  /** Returns whether a name has to be looked up, which may take a while. */
  private static boolean hasMovingName(JobSpec spec) {
    return (spec.setting().code() instanceof Code.Git git && git.commit().isEmpty())
        || (spec.setting().isolation() instanceof IsolationSpec.Container container
            && !container.local());
  }

  private Prepared prepare(JobSpec spec) {
    return new Prepared(spec, maker.make(spec));
  }

  private CompletableFuture<List<Submitted>> store(
      String owner, Optional<RequestKey> key, List<Prepared> jobs) {
    List<NewJob> made = jobs.stream().map(HeadJobs::newJob).toList();
    Submission submission = new Submission(owner, key, made);
    By by = new By(owner, clock.instant());
    return store.write(
        Submissions.TOGETHER,
        new By.Asked<>(submission, by),
        submitted -> start(owner, jobs, submitted));
  }

  private static NewJob newJob(Prepared prepared) {
    JobSpec spec = prepared.spec();
    return new NewJob(
        Optional.ofNullable(spec.id()),
        spec.name(),
        JobSpecs.toJson(spec),
        spec.priority(),
        spec.labels(),
        List.of(),
        spec.hold());
  }

  private void start(String owner, List<Prepared> jobs, List<Submitted> submitted) {
    for (int i = 0; i < submitted.size(); i++) {
      if (submitted.get(i).made()) {
        Prepared each = jobs.get(i);
        long number = submitted.get(i).number();
        ledger.expect(number, isCommand(each.spec()), false);
        client.start(stored(number, owner, each.job(), each.spec().priority(), each.spec().hold()));
      }
    }
  }

  private StoredJob stored(
      long number, String owner, SpecifiedJob job, double priority, boolean held) {
    return new StoredJob(
        number,
        templates.shared(job.template()),
        priority,
        line(owner),
        job.input(),
        0,
        null,
        List.of(),
        0,
        held,
        false);
  }

  private static boolean isCommand(JobSpec spec) {
    return spec.work() instanceof WorkSpec.Program;
  }

  /** Returns the line that the jobs of a user share. */
  private long line(String owner) {
    synchronized (lines) {
      return lines.computeIfAbsent(owner, _ -> lines.size() + 1L);
    }
  }

  // ---------------------------------------------------------------- those of earlier lives

  /**
   * Starts what has not ended. To be called once, before workers can join.
   *
   * @return how many jobs that are
   */
  int load() {
    List<Consumer<Jobs>> impossible = new ArrayList<>();
    int count =
        store.read(handle -> {
          Jobs jobs = new Jobs(handle);
          int[] loaded = {0};
          jobs.forEachOpen(open -> {
            try {
              startAgain(open, jobs);
              loaded[0]++;
            } catch (RuntimeException e) {
              impossible.add(written -> fail(written, open, e));
            }
          });
          return loaded[0];
        });
    if (!impossible.isEmpty()) {
      store
          .write(handle -> {
            impossible.forEach(each -> each.accept(new Jobs(handle)));
            return impossible.size();
          })
          .join();
    }
    return count;
  }

  private void startAgain(Jobs.Open open, Jobs jobs) {
    long number = open.job().number();
    JobSpec spec = JobSpecs.readOne(open.spec());
    SpecifiedJob job = maker.make(spec);
    StoredJob.Holder holder = holder(open);
    List<Attempt> attempts = open.job().attempt() == 0 ? List.of() : ended(jobs.attempts(number));
    ledger.expect(number, isCommand(spec), holder != null);
    client.start(
        new StoredJob(
            number,
            templates.shared(job.template()),
            open.job().priority(),
            line(open.job().owner()),
            job.input(),
            open.job().attempt(),
            holder,
            attempts,
            open.losses(),
            open.held(),
            open.job().state() == JobState.STOPPING));
  }

  /** Returns which worker may have the latest attempt; null if none can have it. */
  private static StoredJob.@Nullable Holder holder(Jobs.Open open) {
    boolean waits = open.job().state() == JobState.QUEUED || open.job().state() == JobState.HELD;
    return open.latest()
        .filter(each -> !waits && each.end().isEmpty())
        .map(each -> new StoredJob.Holder(each.node(), open.life(), each.started().isPresent()))
        .orElse(null);
  }

  private static List<Attempt> ended(List<StoredAttempt> attempts) {
    return attempts.stream().filter(each -> each.end().isPresent()).map(HeadJobs::ended).toList();
  }

  private static Attempt ended(StoredAttempt attempt) {
    StoredAttempt.End end = attempt.end().orElseThrow();
    Duration ran =
        attempt.started().map(each -> Duration.between(each, end.moment())).orElse(Duration.ZERO);
    return new Attempt(
        attempt.number(),
        attempt.node(),
        ran.isNegative() ? Duration.ZERO : ran,
        end.cause(),
        end.message());
  }

  /** Ends a job that this version of the head cannot run. */
  private void fail(Jobs jobs, Jobs.Open open, RuntimeException e) {
    LOG.log(
        System.Logger.Level.WARNING,
        "The job {0} ends, as this head cannot run it: {1}",
        open.job().id(),
        e.getMessage());
    jobs.end(
        open.job().number(),
        StoredAttempt.End.failed(
            clock.instant(), Cause.NOT_STARTED, String.valueOf(e.getMessage()), Usage.UNKNOWN));
  }

  // ---------------------------------------------------------------- what people decide

  @Override
  public CompletableFuture<JobState> hold(long number, String who) {
    return change((jobs, by) -> jobs.hold(number, by), who, () -> client.hold(number));
  }

  @Override
  public CompletableFuture<JobState> resume(long number, String who) {
    return change((jobs, by) -> jobs.resume(number, by), who, () -> client.resume(number));
  }

  @Override
  public CompletableFuture<JobState> cancel(long number, String who) {
    return change((jobs, by) -> jobs.cancel(number, by), who, () -> client.cancel(number));
  }

  @Override
  public CompletableFuture<JobState> prioritize(long number, double priority, String who) {
    if (!(priority > 0) || Double.isInfinite(priority)) {
      throw new IllegalArgumentException(
          "The priority %s is not a finite number above 0.".formatted(priority));
    }
    return change(
        (jobs, by) -> jobs.prioritize(number, priority, by),
        who,
        () -> client.reprioritize(number, priority));
  }

  private CompletableFuture<JobState> change(
      BiFunction<Jobs, By, JobState> change, String who, Runnable action) {
    By by = new By(who, clock.instant());
    return store.write(
        handle -> change.apply(new Jobs(handle), by),
        state -> {
          if (!state.ended()) {
            // the engine may not have taken the job yet
            client.whenTaken(action);
          }
        });
  }

  @Override
  public Optional<Dispatch.Explanation> explain(long number) {
    return Optional.ofNullable(client.explain(number));
  }
}
