package dev.grain.sim;

import dev.grain.Attempt;
import dev.grain.Cause;
import dev.grain.JobStatus;
import dev.grain.bytes.Bytes;
import dev.grain.dispatch.Dispatch;
import dev.grain.dispatch.JobClient;
import dev.grain.dispatch.JobEnd;
import dev.grain.dispatch.JobTemplate;
import dev.grain.explain.Reason;
import dev.grain.explain.Sentences;
import dev.grain.head.HeadProbe;
import dev.grain.message.CodeRef;
import dev.grain.message.Isolation;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.schedule.ScheduledJob;
import dev.grain.schedule.ScheduledProbe;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Submits jobs, and checks what comes back: each end once, the right one, and no job that waits
 * longer than it may.
 */
final class SimulatedClient {
  private static final int LEAST_BYTES = 16;

  /** How many bytes a job is given or returns at most. */
  static final int MOST_BYTES = 5_000;

  private static final int THINKING = 1_000;
  private static final Pattern LEFT_OUT =
      Pattern.compile("\\[\\.\\.\\. ([0-9]+) bytes of output were dropped");

  /** A job as the client knows it. */
  private final class Submitted implements JobClient {
    final int number;
    final Plan plan;
    final Dispatch.@Nullable Journaled journaled;
    final Dispatch.Ticket ticket;
    JobStatus status = JobStatus.QUEUED;
    int attempt;
    String worker = "";
    final List<Attempt> attempts = new ArrayList<>();
    boolean submitted;
    boolean cancelled;
    boolean ended;
    boolean returned;
    // how many attempts nodes could not start
    int refusals;
    // the attempts that run, and all that have started
    final Set<Integer> running = new HashSet<>();
    final Set<Integer> started = new HashSet<>();
    // how often a node has died that it had to itself, so that nothing else can be blamed
    int deathsAlone;
    // how many outputs have come from the attempt that printed last
    int printed;
    int printing;
    // how many younger jobs have started where it could have, since it is the oldest that waits
    int passed;
    // when that was more than may be
    long passedAt = Long.MAX_VALUE;
    // how long endless attempts had run by then
    long endlessBefore;

    Submitted(int number, Plan plan) {
      this.number = number;
      this.plan = plan;
      this.journaled = journaled(number);
      this.ticket =
          program
              .dispatch()
              .prepare(
                  template(plan, simulation.scenario().cancelGrace()),
                  bytes(number, 0, 0),
                  journaled,
                  this);
    }

    @Override
    public long number() {
      return number;
    }

    @Override
    public long line() {
      return plan.line();
    }

    @Override
    public void onStatus(JobStatus next, int current, @Nullable String at) {
      status = next;
      attempt = current;
      worker = String.valueOf(at);
    }

    @Override
    public void onAttempt(Attempt ended) {
      attempts.add(ended);
    }

    @Override
    public void onFailedAttempt(int failed, JobEnd end) {
      askAgain(this, failed, end);
    }

    @Override
    public void onOutput(String from, Bytes text, boolean error) {
      ensure(from.equals(worker), this, "prints on", from, "but was told to be on", worker);
      onPrinted(this, text);
    }

    @Override
    public void onEnd(JobEnd end, boolean remains) {
      ensure(
          !(end instanceof JobEnd.Threw) || end.failedAttempts().equals(attempts),
          this,
          "was told of other attempts:",
          attempts);
      onEnded(this, end);
    }

    @Override
    public String toString() {
      return "job " + number;
    }

    boolean waits() {
      return submitted && !ended && running.isEmpty();
    }
  }

  private final Simulation simulation;
  private final Program program;
  private final List<Submitted> tickets = new ArrayList<>();
  private final Set<Bytes> seen = new HashSet<>();
  private int open;
  private int endless;
  private long endlessSince;
  private long endlessEarlier;

  /** Makes one that has not submitted anything, for a life of the program. */
  SimulatedClient(Simulation simulation, Program program) {
    this.simulation = simulation;
    this.program = program;
    simulation.scenario().plans().forEach(this::add);
  }

  /** What a job is given or returns; of every fourth job it is large. */
  static Bytes bytes(long job, int attempt, int number) {
    return bytes(
        job, attempt, number, job % 4 == 0 ? MOST_BYTES / (1 + (int) job % 10) : LEAST_BYTES);
  }

  /** What a job prints. */
  static Bytes text(long job, int attempt, int number) {
    return bytes(job, attempt, number, LEAST_BYTES);
  }

  private static Bytes bytes(long job, int attempt, int number, int length) {
    return Bytes.of(
        ByteBuffer.allocate(length).putLong(job).putInt(attempt).putInt(number).array());
  }

  private void add(Plan plan) {
    tickets.add(new Submitted(tickets.size(), plan));
  }

  private static JobTemplate template(Plan plan, long grace) {
    return new JobTemplate(
        new Order.Spec(
            "",
            plan.demand(),
            new Order.Limits(plan.timeLimit(), grace),
            work(plan),
            setting(plan)),
        plan.retries(),
        plan.priority());
  }

  /** Of every other bundle the jobs need something else, too. */
  private static Order.Setting setting(Plan plan) {
    Bytes bundle = Bytes.of(new byte[] {(byte) plan.bundle()});
    Bytes needs = plan.bundle() % 2 == 0 ? Bytes.empty() : bundle;
    return new Order.Setting(new CodeRef.Bundle(bundle), Isolation.NONE, needs);
  }

  private static Work work(Plan plan) {
    return plan.command() ? new Work.Command(Bytes.empty()) : new Work.Call(Bytes.empty(), false);
  }

  private Dispatch.@Nullable Journaled journaled(int number) {
    if (!simulation.scenario().isJournaled()) {
      return null;
    }
    JobEnd.Returned known = simulation.journal().find(number);
    ensure(
        known != null
            || simulation.earlierLives().noneMatch(life -> life.client().hasReturned(number)),
        "job",
        number,
        "has returned in an earlier life, and the journal does not know");
    return new Dispatch.Journaled(SimulatedJournal.key(number), known);
  }

  /** Returns whether its value was delivered. */
  private boolean hasReturned(int number) {
    return tickets.get(number).returned;
  }

  /** Returns what stands for the job that the head knows by that number. */
  Dispatch.Ticket ticket(long number) {
    return tickets.stream()
        .map(job -> job.ticket)
        .filter(job -> HeadProbe.scheduled(job).number() == number)
        .findFirst()
        .orElseThrow();
  }

  void submit(int number) {
    Submitted job = tickets.get(number);
    job.submitted = true;
    open++;
    simulation.trace(Trace.What.SUBMITTED, number, 0, job.plan);
    program.dispatch().submit(job.ticket);
  }

  void cancel(int number) {
    Submitted job = tickets.get(number);
    job.cancelled = true;
    simulation.trace(Trace.What.CANCELLED, number, 0, job.status);
    program.dispatch().cancel(job.ticket);
  }

  /** Cancels all jobs, as a program does that is interrupted. */
  void cancelEverything() {
    tickets.forEach(job -> job.cancelled = true);
    program.dispatch().cancelEverything();
  }

  /**
   * Cancels what waits for something that no node has; only that may be left, or what it blocks: in
   * the strict order all others, as a job that was lost with its node is the next one.
   */
  void cancelUnmeetable() {
    List<Submitted> left = tickets.stream().filter(job -> !job.ended).toList();
    List<Submitted> unmeetable =
        left.stream()
            .filter(job -> simulation.machines().noneMatch(node -> couldRun(node, job)))
            .toList();
    boolean blocked = simulation.scenario().policy().strict() && !unmeetable.isEmpty();
    for (Submitted job : left) {
      ensure(
          blocked || unmeetable.contains(job),
          job,
          "was left though a node could run it:",
          job.status,
          job.worker);
    }
    unmeetable.forEach(job -> cancel(job.number));
  }

  /** Returns the jobs that wait to be run. */
  Stream<ScheduledJob> waiting() {
    return tickets.stream()
        .filter(job -> job.waits() && !job.cancelled)
        .map(job -> HeadProbe.scheduled(job.ticket));
  }

  void checkAllEnded() {
    ensure(open == 0, open, "jobs did not end");
    for (Submitted job : tickets) {
      ensure(job.ended, job, "did not end");
    }
  }

  /** Checks that no node still runs something for it. */
  void checkNothingRuns() {
    for (Submitted job : tickets) {
      ensure(job.running.isEmpty(), job, "of", program.run(), "still runs");
    }
  }

  // ---------------------------------------------------------------- what nodes do

  private static JobEnd.@Nullable Returned known(Submitted job) {
    Dispatch.Journaled journaled = job.journaled;
    return journaled == null ? null : journaled.known();
  }

  /** A node could not start an attempt. */
  void onRefused(Order order) {
    tickets.get((int) order.job()).refusals++;
  }

  /** A node starts an attempt; returns its plan. */
  Plan onStarted(Order order, Machine machine) {
    Submitted job = tickets.get((int) order.job());
    ensure(job.submitted, job, "started, but was not submitted");
    ensure(job.started.add(order.attempt()), job, "starts attempt", order.attempt(), "again");
    if (simulation.scenario().isFaithful()) {
      ensure(job.running.isEmpty(), job, "runs already");
      ensure(job.started.size() <= job.plan.tries().size(), job, "runs again");
    }
    ensure(order.input().equals(bytes(order.job(), 0, 0)), job, "arguments");
    ensure(order.spec().limits().time() == job.plan.timeLimit(), job, "time limit");
    ensure(known(job) == null, job, "runs, though the journal knows what it returns");
    ensure(
        !program.isAlive() || !hasWaitedTooLong(job),
        job,
        "waited too long:",
        job.passed,
        "others passed it");
    job.running.add(order.attempt());
    if (isEndless(job, order) && endless++ == 0) {
      endlessSince = simulation.now();
    }
    job.passed = 0;
    job.passedAt = Long.MAX_VALUE;
    countPassing(job, machine);
    return job.plan;
  }

  /** The attempt has ended on its node, or with it. */
  void onStopped(Order order, boolean killed) {
    Submitted job = tickets.get((int) order.job());
    ensure(job.running.remove(order.attempt()), order.job(), "does not run");
    if (isEndless(job, order) && --endless == 0) {
      endlessEarlier += simulation.now() - endlessSince;
    }
    ensure(!killed || !simulation.scenario().isFaithful(), order.job(), "was killed");
  }

  private static boolean isEndless(Submitted job, Order order) {
    return job.plan.attempt(order.attempt()).duration() == Plan.ENDLESS;
  }

  /** Returns for how long some endless attempt has run, which may bar its node. */
  private long endlessTime() {
    return endlessEarlier + (endless > 0 ? simulation.now() - endlessSince : 0);
  }

  private boolean hasWaitedTooLong(Submitted job) {
    return job.passedAt != Long.MAX_VALUE
        && simulation.now() - job.passedAt
            > simulation.patience() + endlessTime() - job.endlessBefore;
  }

  /**
   * A node has died that an attempt had to itself, running or with its end still to be reported:
   * the head cannot know which.
   */
  void onDeathAlone(Order order) {
    Submitted job = tickets.get((int) order.job());
    if (!job.ended && job.attempt == order.attempt()) {
      job.deathsAlone++;
    }
  }

  private void countPassing(Submitted started, Machine node) {
    Submitted job =
        simulation.scenario().isPrioritized() ? lowestBefore(started) : oldestBefore(started);
    if (job != null && couldRun(node, job) && ++job.passed == simulation.passingBound()) {
      job.passedAt = simulation.now();
      job.endlessBefore = endlessTime();
    }
  }

  /** Returns the oldest job that waits and could run, if it is older than one that has started. */
  private @Nullable Submitted oldestBefore(Submitted started) {
    for (Submitted job : tickets) {
      if (job == started) {
        return null;
      }
      if (waitsForItsTurn(job)) {
        return job;
      }
    }
    return null;
  }

  /** Returns the job that is to be the next one, if it comes before one that has started. */
  private @Nullable Submitted lowestBefore(Submitted started) {
    Submitted lowest = started;
    for (Submitted job : tickets) {
      if (job.waits()
          && ScheduledProbe.isBefore(
              HeadProbe.scheduled(job.ticket), HeadProbe.scheduled(lowest.ticket))
          && waitsForItsTurn(job)) {
        lowest = job;
      }
    }
    return lowest == started ? null : lowest;
  }

  private boolean waitsForItsTurn(Submitted job) {
    return job.waits() && simulation.machines().anyMatch(each -> couldRun(each, job));
  }

  private static boolean couldRun(Machine node, Submitted job) {
    return node.takesJobs()
        && (job.plan.timeLimit() == 0 || !node.ends())
        && job.plan.demand().needs().stream()
            .allMatch(part -> part.amount() <= node.offer().amount(part.kind()));
  }

  // ---------------------------------------------------------------- reports of the head

  private void onEnded(Submitted job, JobEnd end) {
    ensure(job.submitted && !job.ended, job, "ended again:", end);
    // a function that does not stop is given up, and a node that is gone may be only cut off
    ensure(
        job.running.isEmpty() || !job.plan.command() || !simulation.scenario().isFaithful(),
        job,
        "ended before its process was dead:",
        end);
    job.ended = true;
    open--;
    simulation.trace(Trace.What.ENDED, job.number, job.attempt, end);
    switch (end) {
      case JobEnd.Returned(Bytes value, _, _, _, List<Attempt> failed) -> {
        job.returned = true;
        JobEnd.Returned known = known(job);
        if (known != null) {
          ensure(end == known, job, "returned something else than before");
          return;
        }
        ensure(!lastTry(job).fails(), job, "returned, but throws");
        ensure(value.equals(reply(job)), job, "returned something else");
        ensure(hasAttempts(job, failed, 1), job, "", failed);
      }
      case JobEnd.Threw(Bytes failure, _, List<Attempt> attempts) -> {
        ensure(lastTry(job).fails(), job, "threw, but returns");
        ensure(failure.equals(reply(job)), job, "threw something else");
        ensure(hasAttempts(job, attempts, 0), job, "", attempts);
        ensure(isLast(job, attempts), job, "was not run again");
      }
      case JobEnd.Ended(Cause cause, Reason reason, _) -> checkCause(job, cause, reason);
    }
  }

  /** Has it run again, a little later; as often as it may, so that it ends as it would unasked. */
  private void askAgain(Submitted job, int attempt, JobEnd end) {
    ensure(job.plan.asks(), job, "is not to be judged");
    simulation
        .world()
        .after(end.size() * THINKING, () -> program.dispatch().decide(job.ticket, attempt, true));
  }

  private void checkCause(Submitted job, Cause cause, Reason reason) {
    boolean expected =
        switch (cause) {
          case CANCELLED -> job.cancelled;
          case TIMED_OUT -> job.plan.timeLimit() > 0;
          case NOT_STARTED ->
              mayFailToStart(job)
                  || (simulation.scenario().policy().closed()
                      && simulation.machines().noneMatch(node -> couldRun(node, job)));
          case LOST -> job.deathsAlone > 0;
          case FAILED, OUT_OF_MEMORY -> false;
        };
    ensure(
        expected && !Sentences.of(reason).isBlank(),
        job,
        "ended as",
        cause,
        "",
        Sentences.of(reason));
  }

  /** It may have been for want of code, of which the client does not get to know. */
  private boolean mayFailToStart(Submitted job) {
    return job.refusals > 0 || simulation.machines().anyMatch(Machine::mayFailToStart);
  }

  private static Bytes reply(Submitted job) {
    int attempt = job.attempt;
    return bytes(job.number, attempt, job.printing == attempt ? job.printed : 0);
  }

  private static Plan.Try lastTry(Submitted job) {
    return job.plan.attempt(job.attempt);
  }

  /**
   * An attempt that was lost before it started, or before the head knew of it, is in no list; one
   * that could not start counts as lost if its node was before the head knew of it, or as too long.
   */
  private boolean hasAttempts(Submitted job, List<Attempt> attempts, int more) {
    int started = job.started.size() - more;
    long listed = count(attempts, each -> each != Cause.NOT_STARTED);
    return listed <= started + job.refusals
        && (listed >= started || !simulation.scenario().isFaithful());
  }

  private static boolean isLast(Submitted job, List<Attempt> attempts) {
    long failures = count(attempts, each -> each != Cause.LOST && each != Cause.NOT_STARTED);
    return job.cancelled || failures == job.plan.tries().size();
  }

  private static long count(List<Attempt> attempts, Predicate<@Nullable Cause> failures) {
    return attempts.stream().filter(each -> failures.test(each.failure().orElse(null))).count();
  }

  private void onPrinted(Submitted job, Bytes text) {
    if (job.printing != job.attempt) {
      job.printing = job.attempt;
      job.printed = 0;
    }
    Matcher leftOut = LEFT_OUT.matcher(text.utf8());
    if (leftOut.lookingAt()) {
      job.printed += Integer.parseInt(leftOut.group(1)) / LEAST_BYTES;
      return;
    }
    ensure(text.equals(text(job.number, job.attempt, job.printed)), job, "printed something else");
    ensure(seen.add(text), job, "printed twice");
    job.printed++;
  }

  private static void ensure(boolean condition, Object... words) {
    if (!condition) {
      throw new IllegalStateException(
          Arrays.stream(words).map(String::valueOf).collect(Collectors.joining(" ")));
    }
  }
}
