package dev.grain.minion.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.minion.QueueEngine.Delivery;
import dev.grain.minion.file.FaultyDisk.Killed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Several minions on one queue, whose operations on files alternate at random, also those that only
 * read. Some are killed, and some are frozen for so long that they are taken for dead.
 */
final class FileQueueSimulationTest {
  private static final int RUNS = 40;
  private static final int MINIONS = 4;
  private static final int OPERATIONS = 1500;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void minions_killedAndFrozenAtRandom_loseNothing(int batch) throws Exception {
    for (int run = 0; run < RUNS; run++) {
      long seed = (long) batch * RUNS + run;
      Simulation simulation = new Simulation(seed);
      try {
        simulation.run();
      } finally {
        simulation.killAll();
      }
    }
  }

  /** One run; what happens depends on its seed alone. */
  private static final class Simulation {
    private final long seed;
    private final Random random;
    private final World world;
    private final List<Actor> actors = new ArrayList<>();
    private int filled;

    Simulation(long seed) throws Exception {
      this.seed = seed;
      this.random = new Random(seed);
      this.world = World.of(6, 3);
      world.frozen = true;
    }

    void run() throws Exception {
      for (int i = 0; i < OPERATIONS; i++) {
        while (actors.size() < MINIONS) {
          actors.add(new Actor());
        }
        Actor actor = actors.get(random.nextInt(actors.size()));
        switch (random.nextInt(200)) {
          case 0 -> actor.kill();
          case 1 -> actor.frozenUntil = i + random.nextInt(OPERATIONS / 2);
          case 2 -> {
            if (filled < 6) {
              world.fill("f" + filled++, 1 + random.nextInt(4));
            }
          }
          case 3, 4, 5 -> world.sleep(World.LEASE.dividedBy(1 + random.nextInt(8)));
          default -> {
            if (actor.frozenUntil <= i) {
              // the pace of work, so that who works does not seem dead
              world.sleep(Duration.ofMillis(100));
              actor.step();
            }
          }
        }
        for (Actor each : List.copyOf(actors)) {
          if (each.hasEnded) {
            actors.remove(each);
            if (each.problem != null) {
              throw new AssertionError("seed %s\n%s".formatted(seed, world), each.problem);
            }
          }
        }
      }
      killAll();
      world.minion().live();
      try {
        world.assertComplete();
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }

    void killAll() throws InterruptedException {
      for (Actor each : actors) {
        each.kill();
      }
      actors.clear();
    }

    /** A minion on a thread of its own, which works only when it may take a step. */
    private final class Actor {
      private final Semaphore go = new Semaphore(0);
      private final Semaphore stopped = new Semaphore(0);
      private final long own = random.nextLong();
      private final Thread thread;

      // handed over with the semaphores
      private boolean killed;
      private boolean hasEnded;
      private @Nullable Throwable problem;
      private int frozenUntil;

      Actor() {
        this.thread = Thread.ofVirtual().name("minion").start(this::work);
      }

      /** Works until before the next operation. */
      void step() throws InterruptedException {
        if (!hasEnded) {
          go.release();
          stopped.acquire();
        }
      }

      void kill() throws InterruptedException {
        killed = true;
        while (!hasEnded) {
          step();
        }
        thread.join();
      }

      private void await() {
        stopped.release();
        go.acquireUninterruptibly();
        if (killed) {
          throw new Killed();
        }
      }

      private void work() {
        go.acquireUninterruptibly();
        try {
          if (!killed) {
            live(new Random(own));
          }
        } catch (Killed e) {
          // meant
        } catch (Throwable e) {
          problem = e;
        } finally {
          hasEnded = true;
          stopped.release();
        }
      }

      private void live(Random choice) throws Exception {
        World.Minion minion = world.minion(new SteppedDisk(world.disk, this::await));
        List<Delivery> inFlight = new ArrayList<>();
        for (int left = 5 + choice.nextInt(60); left > 0; left--) {
          Delivery delivery = minion.queue().next(Duration.ZERO);
          if (delivery != null) {
            inFlight.add(delivery);
          } else {
            world.sleep(Duration.ofSeconds(1));
            assertThat(minion.queue().isDrained() && !inFlight.isEmpty()).isFalse();
          }
          while (!inFlight.isEmpty() && (inFlight.size() > 3 || choice.nextBoolean())) {
            Delivery ending = inFlight.remove(choice.nextInt(inFlight.size()));
            if (choice.nextInt(8) == 0) {
              ending.release();
            } else {
              minion.handle(ending);
            }
          }
          for (Delivery each : inFlight) {
            each.extend();
          }
        }
        if (choice.nextBoolean()) {
          minion.queue().stopTaking();
          for (Delivery each : inFlight) {
            minion.handle(each);
          }
        }
        minion.queue().close();
      }
    }
  }
}
