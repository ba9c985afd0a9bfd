package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Cause;
import dev.grain.Resource;
import dev.grain.explain.Reason;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Lease;
import dev.grain.resource.internal.Offer;
import dev.grain.resource.internal.Slots;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No decision visits a number of jobs or nodes that grows with how many there are. */
final class StepsTest {
  /** More than any mix of requests needs for an event and what follows from it. */
  private static final long MOST_STEPS_ON_AVERAGE = 300;

  /** The same for an event of a node that starts jobs in another order than was expected. */
  private static final long MOST_STEPS_TO_FOLLOW = 200;

  private static final int EVENTS = 2_000;

  private static final int ROUNDS = 20;

  @ParameterizedTest
  @CsvSource({
    "10, 1000, 1",
    "10, 300000, 1",
    "10, 100000, 300",
    "300, 10000, 30",
    "3000, 10000, 1",
    "3000, 60000, 30",
    "3000, 300000, 300"
  })
  void place_anyNumberOfNodesAndJobs_takesFewSteps(int nodes, int jobs, int requests) {
    Cluster cluster = new Cluster(nodes, jobs, requests);
    long before = cluster.scheduler.steps();
    for (int i = 0; i < EVENTS; i++) {
      cluster.endOne();
    }
    assertThat((cluster.scheduler.steps() - before) / EVENTS).isLessThan(MOST_STEPS_ON_AVERAGE);
    cluster.scheduler.checkInvariants();
  }

  @ParameterizedTest
  @CsvSource({"1, 1000, 10000, 1", "1, 1000, 300000, 1", "1, 8000, 50000, 2", "4, 1000, 30000, 4"})
  void started_whatTheNodesChose_takesFewSteps(int nodes, int cores, int jobs, int requests) {
    Workers workers = new Workers(nodes, cores, jobs, requests);
    long before = workers.scheduler.steps();
    int started = workers.started;
    for (int round = 0; round < ROUNDS; round++) {
      workers.endSome();
    }
    long events = 2L * (workers.started - started);
    assertThat(events).isGreaterThan(200);
    assertThat((workers.scheduler.steps() - before) / events).isLessThan(MOST_STEPS_TO_FOLLOW);
    workers.scheduler.checkInvariants();
  }

  /**
   * Nodes with slots of their own, which start what fits in the order of arrival. What is sent
   * either way arrives a round later, so that the nodes often choose otherwise than the scheduler.
   */
  private static final class Workers implements Effects {
    /** A node, as it is. */
    private static final class Worker {
      final Node node;
      final Slots slots;
      final List<ScheduledJob> arriving = new ArrayList<>();
      final List<ScheduledJob> waiting = new ArrayList<>();
      final List<Lease> leases = new ArrayList<>();
      final List<ScheduledJob> running = new ArrayList<>();
      final List<Runnable> said = new ArrayList<>();

      Worker(Node node) {
        this.node = node;
        this.slots = new Slots(node.offer());
      }
    }

    private final SplittableRandom random = new SplittableRandom(1);
    private final Map<Node, Worker> workers = new LinkedHashMap<>();
    private final List<Worker> order = new ArrayList<>();
    private final List<Demand> demands;
    final Scheduler scheduler =
        new Scheduler(new Policy(false, 100, false, Placement.bestFit()), this);
    private long nextNumber;
    int started;

    Workers(int nodes, int cores, int jobs, int requests) {
      demands =
          Stream.of(cpu(0.5), cpu(1), cpu(0.3), cpu(1.7)).limit(requests).map(Demand::of).toList();
      for (int i = 0; i < nodes; i++) {
        Offer offer = SchedulerHarness.offer(cpu(cores));
        Worker worker = new Worker(scheduler.nodeJoined("node" + i, offer, Long.MAX_VALUE));
        workers.put(worker.node, worker);
        order.add(worker);
      }
      for (int i = 0; i < jobs; i++) {
        submit();
      }
      for (int round = 0; round < 3; round++) {
        order.forEach(this::exchange);
      }
    }

    private void submit() {
      scheduler.submit(
          new SchedulerHarness.TestJob(nextNumber++, Retries.NONE),
          demands.get(random.nextInt(demands.size())));
    }

    /** Some jobs end on a node at the same time. */
    void endSome() {
      Worker worker = order.get(random.nextInt(order.size()));
      int most = worker.running.size() / 2;
      for (int left = most == 0 ? 0 : 1 + random.nextInt(most); left > 0; left--) {
        int chosen = random.nextInt(worker.running.size());
        ScheduledJob job = swapOut(worker.running, chosen);
        swapOut(worker.leases, chosen).close();
        int attempt = job.attempt();
        worker.said.add(() -> scheduler.ended(worker.node, job.number(), attempt, null, 10_000));
        submit();
      }
      exchange(worker);
    }

    private static <T> T swapOut(List<T> list, int index) {
      T last = list.removeLast();
      return index == list.size() ? last : list.set(index, last);
    }

    private void exchange(Worker worker) {
      start(worker);
      int batch = random.nextInt(worker.said.size() + 1);
      worker.said.subList(0, batch).forEach(Runnable::run);
      while (scheduler.place(0, 1000)) {}
      worker.said.subList(batch, worker.said.size()).forEach(Runnable::run);
      worker.said.clear();
      while (scheduler.place(0, 1000)) {}
      worker.waiting.addAll(worker.arriving);
      worker.arriving.clear();
    }

    private void start(Worker worker) {
      Iterator<ScheduledJob> jobs = worker.waiting.iterator();
      int left = Scheduler.LOOKAHEAD;
      while (jobs.hasNext() && left > 0) {
        ScheduledJob job = jobs.next();
        Lease lease = worker.slots.take(job.requestClass().demand(), job.alone());
        if (lease == null) {
          left--;
          continue;
        }
        jobs.remove();
        worker.running.add(job);
        worker.leases.add(lease);
        started++;
        int attempt = job.attempt();
        Fractions fractions = lease.fractions();
        worker.said.add(() -> scheduler.started(worker.node, job.number(), attempt, fractions));
      }
    }

    @Override
    public void run(Node node, ScheduledJob job) {
      Objects.requireNonNull(workers.get(node)).arriving.add(job);
    }

    @Override
    public void takeBack(Node node, ScheduledJob job) {
      Worker worker = Objects.requireNonNull(workers.get(node));
      if (worker.waiting.remove(job) || worker.arriving.remove(job)) {
        int attempt = job.attempt();
        worker.said.add(() -> scheduler.returned(node, job.number(), attempt));
      }
    }

    @Override
    public void stop(Node node, ScheduledJob job) {}

    @Override
    public void finish(ScheduledJob job, Cause cause, Reason reason) {}
  }

  /** A cluster that is full, where jobs end in a random order and new ones come. */
  private static final class Cluster implements Effects {
    private record Sent(Node node, ScheduledJob job, int attempt) {}

    private final SplittableRandom random = new SplittableRandom(1);
    private final List<Demand> demands = new ArrayList<>();
    private final List<Sent> running = new ArrayList<>();
    private final Deque<Sent> arriving = new ArrayDeque<>();
    private final Deque<Sent> returning = new ArrayDeque<>();
    final Scheduler scheduler =
        new Scheduler(new Policy(false, 100, false, Placement.bestFit()), this);
    private long nextNumber;

    Cluster(int nodes, int jobs, int requests) {
      for (int i = 0; i < requests; i++) {
        demands.add(Demand.of(request(i)));
      }
      for (int i = 0; i < nodes; i++) {
        Offer offer = SchedulerHarness.offer(cpu(16).and(memory("64GiB")));
        if (i % 10 == 0) {
          offer = offer.withGpus(List.of("0", "1"));
        }
        if (i % 17 == 0) {
          offer = offer.withCustom("SENSOR", 20_000);
        }
        scheduler.nodeJoined("node" + i, offer, Long.MAX_VALUE);
      }
      for (int i = 0; i < jobs; i++) {
        submit();
      }
      settle();
    }

    private Resource request(int index) {
      if (index == 0) {
        return cpu(1);
      }
      Resource request = cpu((1 + random.nextInt(80)) / 10.0);
      request = request.and(memory((1L + random.nextInt(32)) << 30));
      if (random.nextInt(10) == 0) {
        request = request.and(gpu(1));
      }
      return random.nextInt(20) == 0 ? request.and(custom("SENSOR", 1)) : request;
    }

    private void submit() {
      scheduler.submit(
          new SchedulerHarness.TestJob(nextNumber++, Retries.NONE),
          demands.get(random.nextInt(demands.size())));
    }

    void endOne() {
      Sent last = running.removeLast();
      int chosen = random.nextInt(running.size() + 1);
      Sent ended = chosen == running.size() ? last : running.set(chosen, last);
      scheduler.ended(ended.node, ended.job.number(), ended.attempt, null, 5_000_000);
      submit();
      settle();
    }

    private void settle() {
      do {
        while (scheduler.place(0, 1000)) {}
        Sent back = returning.poll();
        if (back != null) {
          scheduler.returned(back.node, back.job.number(), back.attempt);
          continue;
        }
        for (int left = arriving.size(); left > 0; left--) {
          Sent sent = arriving.removeFirst();
          if (sent.job.node != sent.node || sent.job.attempt() != sent.attempt) {
            continue;
          }
          if (sent.job.lease == null || sent.job.destination != null) {
            arriving.addLast(sent);
            continue;
          }
          Fractions fractions = sent.job.lease.fractions();
          scheduler.started(sent.node, sent.job.number(), sent.attempt, fractions);
          running.add(sent);
        }
      } while (scheduler.place(0, 1) || !returning.isEmpty());
    }

    @Override
    public void run(Node node, ScheduledJob job) {
      arriving.add(new Sent(node, job, job.attempt()));
    }

    @Override
    public void takeBack(Node node, ScheduledJob job) {
      returning.add(new Sent(node, job, job.attempt()));
    }

    @Override
    public void stop(Node node, ScheduledJob job) {}

    @Override
    public void finish(ScheduledJob job, Cause cause, Reason reason) {}
  }
}
