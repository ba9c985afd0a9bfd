package dev.grain.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Cause;
import dev.grain.QueueOrder;
import dev.grain.Resource;
import dev.grain.explain.Reason;
import dev.grain.explain.Sentences;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Offer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A scheduler whose commands are recorded and must be asked for one by one. */
final class SchedulerHarness implements Effects {
  static final long SECOND = 1_000_000_000L;

  /** A job that is nothing but a number. */
  static final class TestJob extends ScheduledJob {
    private final Retries retries;
    private final double priority;
    private final @Nullable Object line;
    private final @Nullable Object preparation;

    TestJob(long number, Retries retries) {
      this(number, retries, USUAL_PRIORITY, null, null);
    }

    TestJob(
        long number,
        Retries retries,
        double priority,
        @Nullable Object line,
        @Nullable Object preparation) {
      super(number);
      this.retries = retries;
      this.priority = priority;
      this.line = line;
      this.preparation = preparation;
    }

    @Override
    protected @Nullable Object preparation() {
      return preparation;
    }

    @Override
    protected double priority() {
      return priority;
    }

    @Override
    protected @Nullable Object line() {
      return line;
    }

    @Override
    protected Retries retries() {
      return retries;
    }
  }

  final Scheduler scheduler;
  private final Deque<String> commands = new ArrayDeque<>();
  private long nextNumber = 1;
  private long now;

  SchedulerHarness(Policy policy) {
    scheduler = new Scheduler(policy, this);
  }

  /** Up to 16 jobs overtake; nodes may come; best fit. */
  static SchedulerHarness relaxed() {
    return overtaking(16);
  }

  static SchedulerHarness overtaking(int bound) {
    return new SchedulerHarness(new Policy(false, bound, false, Placement.bestFit()));
  }

  static SchedulerHarness strict() {
    return new SchedulerHarness(new Policy(true, 16, false, Placement.bestFit()));
  }

  static SchedulerHarness raffle(long seed, int overtaking) {
    return new SchedulerHarness(
        new Policy(QueueOrder.RAFFLE, overtaking, false, Placement.bestFit()).withSeed(seed));
  }

  static SchedulerHarness closed() {
    return new SchedulerHarness(new Policy(false, 16, true, Placement.bestFit()));
  }

  // ---------------------------------------------------------------- events

  static Offer offer(Resource resource) {
    return Offer.of(resource, Offer.EMPTY);
  }

  Node join(String name, Resource resource) {
    return join(name, offer(resource));
  }

  Node join(String name, Offer offer) {
    Node node = scheduler.nodeJoined(name, offer, Long.MAX_VALUE);
    place();
    return node;
  }

  ScheduledJob job(int retries) {
    return job(new Retries(retries, 0, 1, 0, false));
  }

  ScheduledJob job(Retries retries) {
    return job(retries, ScheduledJob.USUAL_PRIORITY, null);
  }

  private ScheduledJob job(Retries retries, double priority, @Nullable Object line) {
    return new TestJob(nextNumber++, retries, priority, line, null);
  }

  /** Submits a job of a priority, which is a line of its own, without placing. */
  ScheduledJob enqueue(Resource resource, double priority) {
    return enqueue(resource, priority, null, Retries.NONE);
  }

  /** Submits a job of a line, without placing. */
  ScheduledJob enqueue(Resource resource, double priority, @Nullable Object line, Retries retries) {
    ScheduledJob job = job(retries, priority, line);
    scheduler.at(now);
    scheduler.submit(job, Demand.of(resource));
    return job;
  }

  /** Submits without placing. */
  ScheduledJob enqueue(Resource resource) {
    ScheduledJob job = job(0);
    scheduler.submit(job, Demand.of(resource));
    return job;
  }

  ScheduledJob submit(Resource resource) {
    return submit(resource, 0);
  }

  ScheduledJob submit(Resource resource, int retries) {
    ScheduledJob job = job(retries);
    scheduler.submit(job, Demand.of(resource));
    place();
    return job;
  }

  /** Submits a job for which a node has to make something ready. */
  ScheduledJob submit(Resource resource, Object preparation) {
    ScheduledJob job =
        new TestJob(nextNumber++, Retries.NONE, ScheduledJob.USUAL_PRIORITY, null, preparation);
    scheduler.at(now);
    scheduler.submit(job, Demand.of(resource));
    place();
    return job;
  }

  void cancel(ScheduledJob job) {
    scheduler.cancel(job);
    place();
  }

  boolean started(Node node, ScheduledJob job) {
    ScheduledJob known = node.find(job.number(), job.attempt());
    Fractions fractions =
        known == null || known.lease == null || known.destination != null
            ? Fractions.NONE
            : known.lease.fractions();
    return started(node, job, fractions);
  }

  boolean started(Node node, ScheduledJob job, Fractions fractions) {
    boolean expected = scheduler.started(node, job.number(), job.attempt(), fractions);
    place();
    return expected;
  }

  /** The job has returned after a millisecond. */
  Scheduler.Verdict ended(Node node, ScheduledJob job) {
    return ended(node, job, 1_000_000);
  }

  Scheduler.Verdict ended(Node node, ScheduledJob job, long ran) {
    Scheduler.Verdict verdict = scheduler.ended(node, job.number(), job.attempt(), null, ran);
    place();
    return verdict;
  }

  Scheduler.Verdict failed(Node node, ScheduledJob job, Cause cause) {
    Scheduler.Verdict verdict =
        scheduler.ended(
            node, job.number(), job.attempt(), new Scheduler.Failure(cause, ""), 1_000_000);
    place();
    return verdict;
  }

  Scheduler.Verdict refused(Node node, ScheduledJob job, String reason) {
    Scheduler.Verdict verdict = scheduler.refused(node, job.number(), job.attempt(), reason);
    place();
    return verdict;
  }

  Scheduler.Verdict unprepared(Node node, ScheduledJob job, String reason) {
    Scheduler.Verdict verdict = scheduler.unprepared(node, job.number(), job.attempt(), reason);
    place();
    return verdict;
  }

  void returned(Node node, ScheduledJob job) {
    scheduler.returned(node, job.number(), job.attempt());
    place();
  }

  void notStopping(Node node, ScheduledJob job, boolean timedOut) {
    scheduler.notStopping(node, job.number(), job.attempt(), timedOut);
    place();
  }

  void freed(Node node, ScheduledJob job) {
    scheduler.freed(node, job.number(), job.attempt(), 1_000_000);
    place();
  }

  void draining(Node node) {
    scheduler.draining(node);
    place();
  }

  void suspended(Node node) {
    scheduler.suspended(node);
    place();
  }

  void resumed(Node node) {
    scheduler.resumed(node);
    place();
  }

  void lost(Node node, boolean died) {
    scheduler.nodeLost(node, died);
    place();
  }

  /** A node where jobs run so long that none is sent ahead. */
  Node joinForLongJobs(String name, Resource resource) {
    return joinForLongJobs(name, offer(resource));
  }

  Node joinForLongJobs(String name, Offer offer) {
    Node node = scheduler.nodeJoined(name, offer, Long.MAX_VALUE);
    node.observe(10 * SECOND);
    scheduler.nodes.updateRoom(node);
    place();
    return node;
  }

  void sleep(long nanos) {
    now += nanos;
  }

  void place() {
    while (scheduler.place(now, 1)) {
      scheduler.checkInvariants();
    }
    scheduler.checkInvariants();
  }

  // ---------------------------------------------------------------- commands

  @Override
  public void run(Node node, ScheduledJob job) {
    commands.add("run " + job.number() + "/" + job.attempt() + " on " + node);
  }

  @Override
  public void takeBack(Node node, ScheduledJob job) {
    commands.add("take back " + job.number() + "/" + job.attempt() + " from " + node);
  }

  @Override
  public void stop(Node node, ScheduledJob job) {
    commands.add("stop " + job.number() + "/" + job.attempt() + " on " + node);
  }

  @Override
  public void finish(ScheduledJob job, Cause cause, Reason reason) {
    commands.add("finish " + job.number() + " as " + cause + ": " + Sentences.of(reason));
  }

  SchedulerHarness assertRuns(ScheduledJob job, Node node) {
    return assertCommand("run " + job.number() + "/" + job.attempt() + " on " + node);
  }

  SchedulerHarness assertTakesBack(ScheduledJob job, Node node) {
    return assertCommand("take back " + job.number() + "/" + job.attempt() + " from " + node);
  }

  SchedulerHarness assertStops(ScheduledJob job, Node node) {
    return assertCommand("stop " + job.number() + "/" + job.attempt() + " on " + node);
  }

  SchedulerHarness assertFinishes(ScheduledJob job, Cause cause, String reason) {
    assertThat(job.phase()).isEqualTo(ScheduledJob.Phase.ENDED);
    return assertCommand("finish " + job.number() + " as " + cause + ": " + reason);
  }

  private SchedulerHarness assertCommand(String expected) {
    assertThat(commands.poll()).isEqualTo(expected);
    return this;
  }

  void forgetCommands() {
    commands.clear();
  }

  void assertNothingElse() {
    assertThat(commands).isEmpty();
    scheduler.checkInvariants();
  }
}
