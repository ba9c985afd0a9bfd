package dev.grain.benchmarks;

import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Lease;
import dev.grain.resource.internal.Slots;
import dev.grain.schedule.Node;
import dev.grain.schedule.ScheduledJob;
import dev.grain.schedule.Scheduler;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;

/**
 * A node as the scheduler meets it: it starts what fits in the order of arrival, and its jobs end
 * in the order in which they started. Its reports are collected, and delivered on request.
 */
final class SteadyNode {
  /** A job with what it asks for. */
  static final class Job extends ScheduledJob {
    final Demand demand;

    Job(long number, Demand demand) {
      super(number);
      this.demand = demand;
    }
  }

  /** A job that runs, and what it holds. */
  private record Running(Job job, Lease lease) {}

  private enum Event {
    STARTED,
    ENDED,
    RETURNED
  }

  private record Report(Event event, Job job, Fractions fractions) {}

  final Node node;
  private final long runNanos;
  private final Slots slots;
  private final Deque<Job> waiting = new ArrayDeque<>();
  private final Queue<Running> running = new ArrayDeque<>();
  private final List<Job> arrived = new ArrayList<>();
  private final List<Job> askedBack = new ArrayList<>();
  private final List<Report> reports = new ArrayList<>();

  /**
   * Makes an idle node.
   *
   * @param runNanos how long its jobs run, as it reports it
   */
  SteadyNode(Node node, long runNanos) {
    this.node = node;
    this.runNanos = runNanos;
    this.slots = new Slots(node.offer());
  }

  void onRun(ScheduledJob job) {
    arrived.add((Job) job);
  }

  void onTakeBack(ScheduledJob job) {
    askedBack.add((Job) job);
  }

  /** Lets time pass: the messages of the scheduler arrive, and some jobs end. */
  void live(int ends) {
    waiting.addAll(arrived);
    arrived.clear();
    for (Job job : askedBack) {
      if (waiting.remove(job)) {
        reports.add(new Report(Event.RETURNED, job, Fractions.NONE));
      }
    }
    askedBack.clear();
    start();
    for (int left = ends; left > 0 && !running.isEmpty(); left--) {
      Running ended = running.remove();
      ended.lease().close();
      reports.add(new Report(Event.ENDED, ended.job(), Fractions.NONE));
      start();
    }
  }

  private void start() {
    Demand tooLarge = null;
    Iterator<Job> jobs = waiting.iterator();
    for (int left = Scheduler.LOOKAHEAD; left > 0 && jobs.hasNext(); left--) {
      Job job = jobs.next();
      Lease lease = job.demand == tooLarge ? null : slots.take(job.demand, false);
      if (lease == null) {
        tooLarge = job.demand;
      } else {
        jobs.remove();
        running.add(new Running(job, lease));
        reports.add(new Report(Event.STARTED, job, lease.fractions()));
      }
    }
  }

  /** Reports to the scheduler what has happened since the last report. */
  void tell(Scheduler scheduler) {
    for (Report report : reports) {
      long job = report.job().number();
      int attempt = report.job().attempt();
      switch (report.event()) {
        case STARTED -> scheduler.started(node, job, attempt, report.fractions());
        case ENDED -> scheduler.ended(node, job, attempt, null, runNanos);
        case RETURNED -> scheduler.returned(node, job, attempt);
      }
    }
    reports.clear();
  }
}
