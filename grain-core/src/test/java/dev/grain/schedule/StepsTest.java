package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.job.Cause;
import dev.grain.resource.Resource;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Offer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No decision visits a number of jobs or nodes that grows with how many there are. */
final class StepsTest {
  /** More than any mix of requests needs for an event and what follows from it. */
  private static final long MOST_STEPS_ON_AVERAGE = 600;

  private static final int EVENTS = 2_000;

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
          new SchedulerHarness.TestJob(nextNumber++, 0),
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
    public void finish(ScheduledJob job, Cause cause, String reason) {}
  }
}
