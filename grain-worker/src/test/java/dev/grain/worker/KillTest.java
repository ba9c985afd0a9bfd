package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.grain.GrainExecutor;
import dev.grain.Job;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Workers that are killed and started again while they have all that they can do. {@code
 * -Dgrain.kills=1000} kills more of them, {@code -Dgrain.seed=7} others, and both print their
 * progress.
 */
final class KillTest {
  private static final int USUAL = 20;
  private static final int KILLS = Integer.getInteger("grain.kills", USUAL);
  private static final long SEED = Long.getLong("grain.seed", 1);
  private static final int WORKERS = 3;

  /** How many jobs have not been checked at a time. */
  private static final int OPEN = 300;

  /** How many jobs there are from one kill to the next at most. */
  private static final int DISTANCE = 300;

  @TempDir private Path folder;

  /** A worker, the one that takes its place when it is killed, and so on. */
  private static final class Place {
    private final Cluster cluster;
    private final int port;
    private Future<WorkerProcess> current;

    Place(Cluster cluster, ExecutorService starters) throws IOException {
      this.cluster = cluster;
      this.port = Ports.free();
      this.current = start(starters);
    }

    private Future<WorkerProcess> start(ExecutorService starters) {
      return starters.submit(() -> cluster.start(port, "--name", "at-" + port));
    }

    String address() throws Exception {
      return current.get().address();
    }

    void kill(ExecutorService starters) throws Exception {
      current.get().close();
      current = start(starters);
    }
  }

  /** Some are over at once, others take a while, so that there are always some to be lost. */
  private static int work(int number) {
    if (number % 4 == 0) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(number % 20));
    }
    return number + 1;
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.HOURS)
  void killedWorkers_underLoad_loseNoJob() {
    // a job that is lost for good ends a usual run within minutes
    assertTimeoutPreemptively(
        Duration.ofMinutes(2).plusSeconds(10L * KILLS), this::killWorkersUnderLoad);
  }

  private void killWorkersUnderLoad() throws Exception {
    try (Cluster cluster = new Cluster(folder, "128m");
        ExecutorService starters = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Place> places = new ArrayList<>();
      for (int number = 0; number < WORKERS; number++) {
        places.add(new Place(cluster, starters));
      }
      List<String> addresses = new ArrayList<>();
      for (Place place : places) {
        addresses.add(place.address());
      }
      try (GrainExecutor executor = GrainExecutor.open(cluster.options().workers(addresses))) {
        Checker checker = new Checker(executor);
        kill(executor, checker, places, starters);
        for (Place place : places) {
          place.address();
        }
        checker.assertNothingElse();
        assertThat(executor.stats().lost()).isPositive();
        tell(executor.stats().toString());
      }
      Checker.assertEndsCleanly(cluster);
    }
  }

  private static void kill(
      GrainExecutor executor, Checker checker, List<Place> places, ExecutorService starters)
      throws Exception {
    Random random = new Random(SEED);
    Queue<Job<Integer>> open = new ArrayDeque<>();
    int submitted = 0;
    int ended = 0;
    int killed = 0;
    int next = 0;
    while (killed < KILLS || !open.isEmpty()) {
      while (killed < KILLS && open.size() < OPEN) {
        open.add(executor.submit(cpu(1), KillTest::work, submitted++));
      }
      checker.assertValueOrLost(open.remove(), ++ended);
      if (killed < KILLS && ended >= next) {
        places.get(random.nextInt(WORKERS)).kill(starters);
        next = ended + random.nextInt(DISTANCE);
        killed++;
        if (killed % USUAL == 0) {
          tell("%s of %s killed, %s jobs ended".formatted(killed, KILLS, ended));
        }
      }
    }
  }

  private static void tell(String progress) {
    if (KILLS > USUAL) {
      System.out.println(progress);
    }
  }
}
