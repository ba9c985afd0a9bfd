package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.memory;
import static dev.grain.resource.Resources.token;
import static dev.grain.resource.Resources.wallTime;
import static dev.grain.schedule.SchedulerHarness.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Cause;
import dev.grain.Resource;
import dev.grain.explain.Sentences;
import dev.grain.resource.Resources;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Kind;
import dev.grain.resource.internal.Offer;
import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The table of situations, and of the sentences that explain them. */
final class SchedulerExplainTest {
  /** An example: what leads to it, and the explanation of the job that it returns. */
  @SuppressWarnings("ImmutableEnumChecker") // the functions have no state
  enum Example {
    NO_WORKER(core -> core.submit(cpu(3)), "waits for a worker, as none is connected"),

    BUSY_AND_DRAINING(
        core -> {
          Node node1 = busy(core, "node1", cpu(8), 6);
          core.draining(core.join("node2", cpu(8)));
          assertThat(node1.free(Kind.CPU)).isEqualTo(20_000);
          return core.submit(cpu(3));
        },
        "waits for 3 cores: node1 has 2 of 8 free, node2 is draining"),

    SEVERAL_KINDS(
        core -> {
          Node node = core.joinForLongJobs("node1", cpu(8).and(memory("16GiB")).and(gpu(1)));
          core.started(node, core.submit(cpu(1).and(memory("15GiB")).and(gpu(1))));
          return core.submit(cpu(1).and(memory("1.5GiB")).and(gpu(0.5)));
        },
        "waits for 1 core and 1.5GiB of memory and 0.5 GPUs:"
            + " node1 has 1 GiB of 16 GiB of memory free and 0 of 1 GPU free"),

    FRACTIONS_APART(
        core -> {
          Node node = core.joinForLongJobs("node1", cpu(2));
          core.started(node, core.submit(cpu(0.6)));
          core.started(node, core.submit(cpu(0.6)));
          return core.submit(cpu(0.7));
        },
        "waits for 0.7 cores: node1 has 0.8 of 2 free, but not on one"),

    NOBODY_EVER(
        core -> {
          core.join("node1", cpu(2));
          core.join("node2", memory("1GiB"));
          return core.submit(cpu(3));
        },
        "requests 3 cores, more than any connected worker has: node1 has only 2 cores, "
            + "node2 has no cores"),

    NOBODY_HAS_THE_KIND(
        core -> {
          core.join("node1", cpu(2));
          return core.submit(cpu(1).and(token("licence")).and(custom("PROBE", 2)));
        },
        "requests 1 core and 2 PROBE and the token licence, more than any connected worker "
            + "has: node1 has no PROBE"),

    NOBODY_HAS_THE_HEAP(
        core -> {
          core.join("node1", SchedulerHarness.offer(memory("64GiB")).withHeap(4L << 30));
          core.join("node2", memory("2GiB"));
          return core.submit(Demand.of(memory("8GiB")).inHeap());
        },
        "requests 8GiB of memory for a function, more than any connected worker has: "
            + "node1 has a heap of only 4 GiB for functions, node2 has only 2 GiB of memory; "
            + "run it isolated, or start a worker with a larger --heap"),

    NOBODY_HAS_AN_ENGINE(
        core -> {
          core.join("node1", cpu(2));
          return core.submit(Demand.of(cpu(1)).inContainer());
        },
        "requests 1 core in a container, more than any connected worker has: node1 has no"
            + " container engine; start Docker or Podman on the machine of a worker, and then the"
            + " worker (in a program itself, also dev.grain:grain-worker has to be on the class"
            + " path)"),

    ENGINE_ON_ANOTHER(
        core -> {
          core.join("node1", cpu(2));
          Node able =
              core.joinForLongJobs("node2", SchedulerHarness.offer(cpu(1)).withEngine(true));
          core.started(able, core.submit(Demand.of(cpu(1)).inContainer()));
          return core.submit(Demand.of(cpu(1)).inContainer());
        },
        "waits for 1 core in a container: node2 has 0 of 1 free, node1 has no container engine"),

    HEAP_IN_USE(
        core -> {
          Offer offer = SchedulerHarness.offer(memory("64GiB")).withHeap(4L << 30);
          Node node = core.joinForLongJobs("node1", offer);
          core.started(node, core.submit(Demand.of(memory("3GiB")).inHeap()));
          return core.submit(Demand.of(memory("2GiB")).inHeap());
        },
        "waits for 2GiB of memory: node1 has 1 GiB of 4 GiB of heap free"),

    MEMORY_AND_HEAP_IN_USE(
        core -> {
          Offer offer = SchedulerHarness.offer(memory("8GiB")).withHeap(4L << 30);
          Node node = core.joinForLongJobs("node1", offer);
          core.started(node, core.submit(Demand.of(memory("3GiB")).inHeap()));
          core.started(node, core.submit(memory("4GiB")));
          return core.submit(Demand.of(memory("2GiB")).inHeap());
        },
        "waits for 2GiB of memory: node1 has 1 GiB of 8 GiB of memory free and 1 GiB of 4 GiB of"
            + " heap free"),

    BEHIND_OLDER(
        core -> {
          busy(core, "node1", cpu(2), 2);
          core.submit(cpu(1));
          core.submit(cpu(1));
          return core.submit(cpu(1));
        },
        "waits for 1 core, behind 2 older jobs with the same request: node1 has 0 of 2 free"),

    MANY_WORKERS(
        core -> {
          for (int i = 1; i <= 10; i++) {
            core.join("small" + i, cpu(1));
          }
          busy(core, "big1", cpu(4), 3);
          busy(core, "big2", cpu(4), 4);
          return core.submit(cpu(2));
        },
        "waits for 2 cores: big1 has 1 of 4 free, big2 has 0 of 4 free, small1 has only 1 core, and"
            + " 9 others"),

    OUT_OF_REACH(
        core -> {
          busy(core, "node1", cpu(2), 2);
          core.suspended(core.join("node2", cpu(4)));
          return core.submit(cpu(1));
        },
        "waits for 1 core: node1 has 0 of 2 free, node2 is unreachable"),

    THE_ONE_THAT_FITS_IS_OUT_OF_REACH(
        core -> {
          core.join("node1", cpu(1));
          core.suspended(core.join("node2", cpu(4)));
          return core.submit(cpu(2));
        },
        "waits for 2 cores: node2 is unreachable, node1 has only 1 core"),

    SET_ASIDE(
        core -> {
          Node node = core.joinForLongJobs("node1", cpu(4));
          ScheduledJob job = core.submit(cpu(1));
          for (int i = 0; i < 3; i++) {
            core.refused(node, job, "it could not store code: No space left on device");
          }
          core.sleep(10 * SECOND);
          core.place();
          return job;
        },
        "waits for 1 core: node1 gets no jobs for 20 s: it could not store code: No space "
            + "left on device; attempt 1 on node1 was not started; attempt 2 on node1 was not "
            + "started; attempt 3 on node1 was not started: it could not store code: No space "
            + "left on device"),

    TOO_LATE(
        core -> {
          core.scheduler.nodeJoined("node1", SchedulerHarness.offer(cpu(4)), 300 * SECOND);
          return core.submit(cpu(1).and(wallTime(Duration.ofMinutes(10), Duration.ofHours(1))));
        },
        "requests 1 core, more than any connected worker has: node1 ends in 5 min, and the "
            + "job may take 10 min"),

    TOO_LATE_BY_ITS_LIMIT(
        core -> {
          busy(core, "node2", cpu(4), 4);
          core.scheduler.nodeJoined("node1", SchedulerHarness.offer(cpu(4)), 300 * SECOND);
          ScheduledJob job = core.job(0);
          core.scheduler.submit(job, Demand.of(cpu(1)), 301 * SECOND);
          core.place();
          return job;
        },
        "waits for 1 core: node2 has 0 of 4 free, node1 ends in 5 min, and the job may take 5 min 1"
            + " s"),

    RESERVED(
        core -> {
          overtaken(core);
          return core.scheduler.find(job -> job.number() == 3);
        },
        "waits for 4 cores: node1 is reserved for it and has 1 of 4 free"),

    RESERVED_FOR_ANOTHER(
        core -> {
          overtaken(core);
          return core.submit(cpu(1));
        },
        "waits for 1 core: node1 is reserved for job 3, which is older"),

    RESERVED_FOR_ANOTHER_AND_BUSY(
        core -> {
          overtaken(core);
          return core.submit(cpu(2));
        },
        "waits for 2 cores: node1 has 1 of 4 free and is reserved for job 3, which is older"),

    ALONE(
        core -> {
          busy(core, "node1", cpu(2), 2);
          ScheduledJob killer = core.submit(cpu(1));
          for (int loss = 1; loss <= 2; loss++) {
            Node node = core.joinForLongJobs("lost" + loss, cpu(2));
            core.started(node, killer);
            core.sleep(loss * SECOND);
            core.place();
            core.lost(node, true);
          }
          return killer;
        },
        "waits for 1 core on a worker of its own, as workers died 2 times while it was "
            + "running: node1 has 0 of 2 free; attempt 1 on lost1 was lost after 1 s; attempt 2 "
            + "on lost2 was lost after 2 s: the worker died"),

    BACKOFF(
        core -> {
          Node node = core.joinForLongJobs("node1", cpu(1));
          ScheduledJob job = core.job(new Retries(2, 5 * SECOND, 2, 60 * SECOND, false));
          core.scheduler.submit(job, Demand.of(cpu(1)));
          core.place();
          core.failed(node, job, Cause.FAILED);
          core.sleep(2 * SECOND);
          core.place();
          return job;
        },
        "waits 3 s before attempt 2; attempt 1 on node1 failed after 1 ms"),

    UNDECIDED(
        core -> {
          Node node = core.joinForLongJobs("node1", cpu(1));
          ScheduledJob job = core.job(new Retries(2, 0, 2, 0, true));
          core.scheduler.submit(job, Demand.of(cpu(1)));
          core.place();
          core.failed(node, job, Cause.TIMED_OUT);
          return job;
        },
        "waits for retryOn to decide whether to start attempt 2; attempt 1 on node1 timed "
            + "out after 1 ms"),

    SENT(
        core -> {
          core.joinForLongJobs("node1", cpu(4));
          return core.submit(cpu(3));
        },
        "was sent to node1, which has 3 cores for it and has not reported its start yet"),

    SENT_AHEAD(
        core -> {
          Node node = core.join("node1", cpu(1));
          core.started(node, core.submit(cpu(1)));
          return core.submit(cpu(1));
        },
        "is queued on node1 and waits there for 1 core: node1 has 0 of 1 free"),

    ASKED_BACK(
        core -> {
          Node node = core.join("node1", cpu(1));
          core.started(node, core.submit(cpu(1)));
          ScheduledJob job = core.submit(cpu(1));
          core.join("node2", cpu(1));
          return job;
        },
        "is queued on node1 and is being taken back, as node2 has room for it"),

    RUNNING(
        core -> {
          Node node = core.joinForLongJobs("node1", cpu(4));
          ScheduledJob job = core.submit(cpu(3));
          core.started(node, job);
          core.sleep(12_340_000_000L);
          core.place();
          return job;
        },
        "has run on node1 for 12.3 s, with 3 cores"),

    RUNNING_OUT_OF_REACH(
        core -> {
          Node node = core.joinForLongJobs("node1", cpu(4));
          ScheduledJob job = core.submit(cpu(3));
          core.started(node, job);
          core.suspended(node);
          return job;
        },
        "has run on node1 for 0 s, with 3 cores; the worker is unreachable"),

    VALUE_ON_ITS_WAY(
        core -> {
          Node node = core.joinForLongJobs("node1", cpu(4));
          ScheduledJob job = core.submit(cpu(3));
          core.started(node, job);
          core.freed(node, job);
          return job;
        },
        "has ended on node1, and its result is being transferred"),

    STOPPING(
        core -> {
          Node node = core.joinForLongJobs("node1", cpu(4));
          ScheduledJob job = core.submit(cpu(3));
          core.started(node, job);
          core.sleep(SECOND);
          core.cancel(job);
          return job;
        },
        "was told to stop but has not ended yet on node1, where it started 1 s ago"),

    CANCELLED_BEFORE_ITS_START(
        core -> {
          core.joinForLongJobs("node1", cpu(4));
          ScheduledJob job = core.submit(cpu(3));
          core.cancel(job);
          return job;
        },
        "was cancelled, but node1 has not confirmed it yet"),

    IGNORES_THE_INTERRUPT(
        core -> {
          Node node = core.joinForLongJobs("node1", cpu(4));
          ScheduledJob job = core.submit(cpu(3));
          core.started(node, job);
          core.sleep(SECOND);
          core.cancel(job);
          core.notStopping(node, job, false);
          return job;
        },
        "was abandoned: it ignores the interrupt on node1 and keeps its slots until it "
            + "ends; attempt 1 on node1 was cancelled after 1 s: it ignores the interrupt"),

    ENDED(
        core -> {
          Node node = core.joinForLongJobs("node1", cpu(4));
          ScheduledJob job = core.submit(cpu(3));
          core.ended(node, job);
          return job;
        },
        "has ended");

    private final Function<SchedulerHarness, ScheduledJob> happens;
    private final String sentence;

    Example(Function<SchedulerHarness, ScheduledJob> happens, String sentence) {
      this.happens = happens;
      this.sentence = sentence;
    }

    /** A node on which a long job holds so many cores. */
    private static Node busy(SchedulerHarness core, String name, Resource offer, int cores) {
      Node node = core.joinForLongJobs(name, offer);
      core.started(node, core.submit(cpu(cores)));
      return node;
    }

    /** Job 3, which needs the whole node, is passed until the node is reserved for it. */
    private static void overtaken(SchedulerHarness core) {
      Node node = core.joinForLongJobs("node1", cpu(4));
      core.started(node, core.submit(cpu(2)));
      core.started(node, core.submit(cpu(1)));
      core.submit(cpu(4));
      for (int i = 0; i < 16; i++) {
        core.ended(node, core.submit(cpu(1)), 10 * SECOND);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Example.class)
  void explain_saysWhyTheJobIsWhereItIs(Example example) {
    SchedulerHarness core = SchedulerHarness.relaxed();
    ScheduledJob job = example.happens.apply(core);
    assertThat(Sentences.of(core.scheduler.explain(job))).isEqualTo(example.sentence);
  }

  @Test
  void explain_inStrictOrder_countsThoseThatComeFirst() {
    SchedulerHarness core = SchedulerHarness.strict();
    core.joinForLongJobs("node1", cpu(2));
    core.submit(cpu(3));
    core.submit(cpu(1));
    ScheduledJob job = core.submit(cpu(2));
    assertThat(Sentences.of(core.scheduler.explain(job)))
        .isEqualTo("waits for 2 older jobs, as the queue order is strict");
  }

  @Test
  void explain_jobForTheProgramItself_saysWhereItMayRun() {
    SchedulerHarness core = SchedulerHarness.relaxed();
    core.join("node1", cpu(2));
    assertThat(Sentences.of(core.scheduler.explain(core.submit(Resources.none()))))
        .isEqualTo(
            "requests a place in the program's own process, more than any connected worker "
                + "has: node1 has no place for such jobs");
  }

  @Test
  void find_jobWhereverItIs_isFoundByItsNumber() {
    SchedulerHarness core = SchedulerHarness.relaxed();
    Node node = core.joinForLongJobs("node1", cpu(1));
    ScheduledJob sent = core.submit(cpu(1));
    ScheduledJob queued = core.submit(cpu(1));
    assertThat(core.scheduler.find(job -> job.number() == 1)).isSameAs(sent);
    assertThat(core.scheduler.find(job -> job.number() == 2)).isSameAs(queued);
    core.ended(node, sent);
    assertThat(core.scheduler.find(job -> job.number() == 1)).isNull();
  }
}
