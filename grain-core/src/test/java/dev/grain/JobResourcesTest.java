package dev.grain;

import static dev.grain.resource.Resources.capacity;
import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.memory;
import static dev.grain.resource.Resources.node;
import static dev.grain.resource.Resources.none;
import static dev.grain.resource.Resources.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What jobs ask for, and what they then hold. */
@ExtendWith(NothingLeft.class)
final class JobResourcesTest {
  /** What five jobs that ran at once held. */
  private static List<Allocation> fiveAtOnce(GrainExecutor grain) {
    Signal all = Signal.create(5);
    var group = grain.openWaitGroup();
    try (group) {
      for (int job = 0; job < 5; job++) {
        group.submit(
            cpu(3),
            () -> {
              all.fireAndAwait(all);
              return Grain.allocation();
            });
      }
    }
    return group.results(Allocation.class);
  }

  @Test
  void fiveJobsOfThreeCores_onSixteen_holdDisjointIdsAndFreeThemAll() {
    try (var grain = GrainExecutor.open(RunOptions.defaults().local(cpu(16)))) {
      for (int round = 0; round < 3; round++) {
        List<Allocation> held = fiveAtOnce(grain);

        assertThat(held).hasSize(5).allSatisfy(each -> assertThat(each.cores()).hasSize(3));
        assertThat(held.stream().flatMap(each -> each.cores().stream()))
            .doesNotHaveDuplicates()
            .hasSize(15);
      }
      Allocation whole = grain.exec(cpu(16), Grain::allocation);
      assertThat(whole.cores()).hasSize(16).doesNotHaveDuplicates();
    }
  }

  private static final ConcurrentLinkedQueue<List<Integer>> HELD = new ConcurrentLinkedQueue<>();
  private static final Set<Integer> IN_USE = new HashSet<>();

  static void useCores(int number) {
    List<Integer> cores = Grain.allocation().cores();
    synchronized (IN_USE) {
      for (int core : cores) {
        if (!IN_USE.add(core)) {
          throw new IllegalStateException("core " + core + " is shared, in job " + number);
        }
      }
    }
    HELD.add(cores);
    synchronized (IN_USE) {
      cores.forEach(IN_USE::remove);
    }
  }

  @Test
  void manyJobsOfThreeCores_neverShareACore() {
    HELD.clear();
    Grain.runCombine(
        () ->
            Grain.forEach(
                cpu(3), JobResourcesTest::useCores, IntStream.range(0, 2000).boxed().toList()),
        RunOptions.defaults().local(cpu(16)));

    assertThat(HELD).hasSize(2000).allSatisfy(cores -> assertThat(cores).hasSize(3));
    assertThat(IN_USE).isEmpty();
  }

  @Test
  void allocation_ofADeclaredOffer_showsEachKind() {
    Resource offer =
        node(8, "32GiB").and(gpu(2)).and(custom("PROBE", 4)).and(token("licence")).and(capacity(5));
    Grain.runCombine(
        () -> {
          Allocation mine =
              Grain.exec(
                  cpu(2)
                      .and(memory("4GiB"))
                      .and(gpu(1))
                      .and(custom("PROBE", 1.5))
                      .and(token("licence"))
                      .and(capacity(2)),
                  Grain::allocation);

          assertThat(mine.cores()).hasSize(2);
          assertThat(mine.gpus()).hasSize(1);
          assertThat(mine.memory()).isEqualTo(4L << 30);
          assertThat(mine.amount("PROBE")).isEqualTo(1.5);
          assertThat(mine.amount("capacity")).isEqualTo(2);
          assertThat(mine.node()).isEqualTo("local");
        },
        RunOptions.defaults().local(offer));
  }

  @Test
  void fractionsOfAGpu_shareOne() {
    Grain.runCombine(
        () -> {
          Signal all = Signal.create(4);
          var group = Grain.openWaitGroup();
          try (group) {
            for (int job = 0; job < 4; job++) {
              group.submit(
                  gpu(0.25),
                  () -> {
                    all.fireAndAwait(all);
                    return Grain.allocation().gpus();
                  });
            }
          }
          assertThat(new HashSet<>(group.results())).hasSize(1);
        },
        RunOptions.defaults().local(cpu(2).and(gpu(2))));
  }

  @Test
  void none_runsBesideAFullWorker() throws InterruptedException {
    Grain.runCombine(
        () -> {
          Signal started = Signal.create();
          try (var group = Grain.openWaitGroup()) {
            Job<?> full = group.submit(cpu(1), InterruptionTest::block, started);
            started.await();
            Allocation nothing = Grain.exec(none(), Grain::allocation);
            assertThat(nothing.cores()).isEmpty();
            full.cancel();
          }
        },
        RunOptions.defaults().local(cpu(1)));
  }

  // ---- requests that cannot be met

  @Test
  void request_thatNobodyCouldMeet_endsAtOnceNamingBoth() {
    assertThatThrownBy(() ->
            Grain.runCombine(
                () -> Grain.exec(JobOptions.of(cpu(5)).named("big"), () -> 1),
                RunOptions.defaults().local(node(4, "1GiB"))))
        .isInstanceOf(JobNotStartedException.class)
        .hasMessageStartingWith("Job 1 (big) was not started")
        .hasMessageContaining("cpu(5)")
        .hasMessageContaining("4");
  }

  @Test
  void requests_ofUnknownKinds_endAtOnce() {
    Grain.runCombine(
        () -> {
          for (Resource request :
              List.of(gpu(1), custom("SENSOR", 1), token("licence"), memory("1TiB"))) {
            assertThatThrownBy(() -> Grain.exec(request, () -> 1))
                .isInstanceOf(JobNotStartedException.class)
                .hasMessageContaining("request less, or declare more by RunOptions.local");
          }
        },
        RunOptions.defaults().local(cpu(4).and(memory("1GiB"))));
  }

  @Test
  void request_thatNamesAKindTwice_isRefused() {
    assertThatThrownBy(() -> cpu(1).and(cpu(2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cpu");
  }

  // ---- what is used of a worker

  @Test
  void perWorker_andWhatIsOffered_theSmallerCounts() {
    RunOptions sixteen = RunOptions.defaults().local(node(16, "8GiB"));
    assertThat(largestCpu(sixteen.perWorker(cpu(3)))).isEqualTo(3);
    assertThat(largestCpu(sixteen.perWorker(cpu(64)))).isEqualTo(16);
    assertThat(largestCpu(sixteen.perWorker(memory("1GiB")))).isEqualTo(16);
  }

  private static int largestCpu(RunOptions options) {
    return Grain.runCombine(
        () -> {
          int largest = 0;
          for (int cores = 1; cores <= 64; cores++) {
            try {
              largest = Grain.exec(cpu(cores), () -> Grain.allocation().cores().size());
            } catch (JobNotStartedException e) {
              return largest;
            }
          }
          return largest;
        },
        options);
  }

  @Test
  void thirdArgument_boundsWhatIsUsed() {
    assertThatThrownBy(() -> Grain.runCombine(() -> Grain.exec(cpu(2), () -> 1), List.of(), cpu(1)))
        .isInstanceOf(JobNotStartedException.class);
  }

  // ---- many at once

  @Test
  void threeHundredJobs_thatBlock_runAtOnce() {
    List<Integer> results =
        Grain.runCombine(
            () -> {
              Signal all = Signal.create(300);
              List<Integer> inputs = IntStream.range(0, 300).boxed().toList();
              return Grain.map(
                  cpu(1),
                  each -> {
                    all.fireAndAwait(all);
                    return each;
                  },
                  inputs);
            },
            RunOptions.defaults().local(cpu(300)));

    assertThat(results).hasSize(300).isSorted();
  }

  @Test
  void jobs_thatComputeOnAllCores_leaveTheProgramRoom() {
    int cores = Runtime.getRuntime().availableProcessors();
    Grain.runCombine(
        () -> {
          Signal spinning = Signal.create(cores);
          Signal stop = Signal.create();
          var group = Grain.openWaitGroup();
          List<Job<?>> jobs = new ArrayList<>();
          try (group) {
            for (int core = 0; core < cores; core++) {
              jobs.add(
                  group.submit(
                      cpu(1),
                      () -> {
                        spinning.fire();
                        while (!stop.fired()) {
                          Thread.onSpinWait();
                        }
                      }));
            }
            // runs on a virtual thread, which the spinning jobs must not keep waiting
            group.start(() -> {
              spinning.await();
              stop.fire();
            });
          }
          assertThat(jobs).hasSize(cores);
        },
        RunOptions.defaults().local(cpu(cores)));
  }
}
