package dev.grain.benchmarks;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.memory;

import com.sun.management.ThreadMXBean;
import dev.grain.Cause;
import dev.grain.Resource;
import dev.grain.explain.Reason;
import dev.grain.explain.Sentences;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Offer;
import dev.grain.schedule.Effects;
import dev.grain.schedule.Node;
import dev.grain.schedule.Placement;
import dev.grain.schedule.Policy;
import dev.grain.schedule.ScheduledJob;
import dev.grain.schedule.Scheduler;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * A scheduler in its steady state: all nodes are full, jobs end and others start in their place,
 * and as many are submitted as leave the queue. What the scheduler does is measured, what the nodes
 * do is not.
 */
final class SteadyCluster implements Effects {
  /** How many later jobs may pass the oldest one, as in a run. */
  private static final int OVERTAKING = 100;

  private static final int CORES = 16;
  private static final int EACH_WITH_GPUS = 10;
  private static final int EACH_WITH_SENSORS = 17;
  private static final long SENSORS = 20_000;

  /** How long a job runs: so that two are sent ahead for each that runs. */
  private static final long RUN_NANOS = 1_000_000;

  /** How many jobs of a node end, and are reported together. */
  private static final int ENDS = 8;

  private static final int DECISIONS = 1024;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final SplittableRandom random = new SplittableRandom(1);
  private final int queued;
  private final List<Demand> demands = new ArrayList<>();
  private final IdentityHashMap<Node, SteadyNode> byNode = new IdentityHashMap<>();
  private final List<SteadyNode> nodes = new ArrayList<>();
  private final Scheduler scheduler =
      new Scheduler(new Policy(false, OVERTAKING, false, Placement.bestFit()), this);
  private long nextNumber;

  // since the last measurement
  private long decisions;
  private long nanos;
  private long allocated;

  /**
   * What decisions cost on average. A decision is a job that is sent to a node, with its share of
   * all that comes with it: its submission, the report of its start and of its end.
   *
   * @param nanos of computing, so that what else the machine does adds nothing
   */
  record Cost(double nanos, double steps, double bytes) {}

  /**
   * Makes a cluster and brings it to its steady state.
   *
   * @param nodes how many nodes, of 16 cores each; some have GPUs or a custom resource
   * @param queued how many jobs wait in the queue
   * @param requests how many distinct requests there are; the first is for one core
   */
  SteadyCluster(int nodes, int queued, int requests) {
    this.queued = queued;
    for (int i = 0; i < requests; i++) {
      demands.add(Demand.of(request(i)));
    }
    for (int i = 0; i < nodes; i++) {
      Node node = scheduler.nodeJoined("node" + i, offer(i), Long.MAX_VALUE);
      byNode.put(node, new SteadyNode(node, RUN_NANOS));
      this.nodes.add(byNode.get(node));
    }
    for (int round = 0; round < 4; round++) {
      fill();
      this.nodes.forEach(each -> turn(each, 1));
    }
    fill();
  }

  private static Offer offer(int index) {
    Offer offer = Offer.of(cpu(CORES).and(memory("64GiB")), Offer.EMPTY);
    if (index % EACH_WITH_GPUS == 0) {
      offer = offer.withGpus(List.of("0", "1"));
    }
    return index % EACH_WITH_SENSORS == 0 ? offer.withCustom("SENSOR", SENSORS) : offer;
  }

  /** Fractions and whole cores with memory; as many want what is scarce as there is of it. */
  private Resource request(int index) {
    if (index == 0) {
      return cpu(1);
    }
    Resource request = cpu((1 + random.nextInt(80)) / 10.0);
    request = request.and(memory((1L + random.nextInt(32)) << 30));
    if (index % 50 == 1) {
      request = request.and(gpu(1));
    }
    return index % 100 == 2 ? request.and(custom("SENSOR", 1)) : request;
  }

  private SteadyNode.Job nextJob() {
    return new SteadyNode.Job(nextNumber++, demands.get(random.nextInt(demands.size())));
  }

  /** Submits until there are enough in the queue. */
  private void fill() {
    for (int lacking = lacking(); lacking > 0; lacking = lacking()) {
      for (int i = 0; i < lacking; i++) {
        SteadyNode.Job job = nextJob();
        scheduler.submit(job, job.demand);
        if (i % DECISIONS == 0) {
          place();
        }
      }
      place();
    }
  }

  private int lacking() {
    return queued - scheduler.counts().queued();
  }

  private void place() {
    boolean more = true;
    while (more) {
      more = scheduler.place(0, DECISIONS);
    }
  }

  /** Lets jobs end on a node, and the scheduler deal with it and with as many new ones. */
  private void turn(SteadyNode node, int ends) {
    node.live(ends);
    List<SteadyNode.Job> submitted = new ArrayList<>();
    for (int lacking = lacking(); lacking > 0; lacking--) {
      submitted.add(nextJob());
    }
    long bytes = THREADS.getCurrentThreadAllocatedBytes();
    long start = THREADS.getCurrentThreadCpuTime();
    node.tell(scheduler);
    for (SteadyNode.Job job : submitted) {
      scheduler.submit(job, job.demand);
    }
    place();
    nanos += THREADS.getCurrentThreadCpuTime() - start;
    allocated += THREADS.getCurrentThreadAllocatedBytes() - bytes;
  }

  /** Goes on until so many decisions have been taken, and returns what they cost. */
  Cost run(int wanted) {
    decisions = 0;
    nanos = 0;
    allocated = 0;
    long steps = scheduler.steps();
    while (decisions < wanted) {
      turn(nodes.get(random.nextInt(nodes.size())), ENDS);
    }
    double taken = decisions;
    return new Cost(nanos / taken, (scheduler.steps() - steps) / taken, allocated / taken);
  }

  // ---- what the scheduler commands

  @Override
  public void run(Node node, ScheduledJob job) {
    decisions++;
    Objects.requireNonNull(byNode.get(node)).onRun(job);
  }

  @Override
  public void takeBack(Node node, ScheduledJob job) {
    Objects.requireNonNull(byNode.get(node)).onTakeBack(job);
  }

  @Override
  public void stop(Node node, ScheduledJob job) {
    throw new IllegalStateException(job + " is stopped, although nothing cancels jobs");
  }

  @Override
  public void finish(ScheduledJob job, Cause cause, Reason reason) {
    throw new IllegalStateException(job + " ended without having run: " + Sentences.of(reason));
  }
}
