package dev.grain.minion.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.minion.QueueEngine.Delivery;
import dev.grain.minion.QueueException;
import dev.grain.minion.file.FaultyDisk.Extent;
import dev.grain.minion.file.FaultyDisk.Fault;
import dev.grain.minion.file.FaultyDisk.Killed;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Kills and freezes minions at every operation on the files of a queue. */
final class FileQueueKillTest {
  private static final int[] SIZES = {6, 3, 5};
  private static final int[] SMALL = {3, 2};

  private static Fault kill(int step, Extent extent) {
    return at -> at == step ? extent : Extent.ALL;
  }

  @Test
  void finish_nobodyKilled_deliversEachItemAsOftenAsItMust() throws Exception {
    World world = World.of(SIZES);
    assertThat(world.runAndKill(_ -> Extent.ALL)).isFalse();
    world.assertComplete();
    for (String item : world.items) {
      assertThat(world.begun(item)).as(item).isEqualTo(Set.of("3", "7").contains(item) ? 2 : 1);
    }
  }

  @Test
  void minion_toWhichAnswersAreLost_repeatsNothing() throws Exception {
    World world = World.of(SIZES);
    World.Minion minion = world.minion(new FaultyDisk(world.disk, _ -> Extent.ANSWERED_TWICE));
    // the log becomes so long meanwhile that a new one is started
    Delivery first = Objects.requireNonNull(minion.queue().next(Duration.ZERO));
    minion.work();
    minion.handle(first);
    minion.finish();
    world.assertComplete();
    for (String item : world.items) {
      assertThat(world.begun(item)).as(item).isEqualTo(Set.of("3", "7").contains(item) ? 2 : 1);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Extent.class,
      names = {"ALL", "REFUSED", "ANSWERED_TWICE"},
      mode = EnumSource.Mode.EXCLUDE)
  void minion_killedAtAnyStep_losesNothing_andRepeatsNothingAcknowledged(Extent extent)
      throws Exception {
    boolean killed = true;
    int step = 0;
    for (; killed; step++) {
      World world = World.of(SIZES);
      killed = world.runAndKill(kill(step, extent));
      Set<String> acknowledged = new TreeSet<>(world.acknowledged);
      world.begun.clear();
      world.minion().finish();
      world.assertComplete();
      assertThat(world.begun.keySet())
          .as("killed at step %s: acknowledged items are not delivered again\n%s", step, world)
          .noneMatch(acknowledged::contains);
      assertThat(world.begun.values().stream().mapToInt(times -> times).max().orElse(0))
          .as("killed at step %s: no item is repeated without end", step)
          .isLessThanOrEqualTo(2);
    }
    assertThat(step).isGreaterThan(50);
  }

  @ParameterizedTest
  @EnumSource(
      value = Extent.class,
      names = {"ALL", "REFUSED", "ANSWERED_TWICE"},
      mode = EnumSource.Mode.EXCLUDE)
  void minion_killedAtAnyStep_andItsSuccessorAtAnyStep_losesNothing(Extent extent)
      throws Exception {
    boolean killed = true;
    for (int first = 0; killed; first++) {
      boolean killedAgain = true;
      for (int second = 0; killed && killedAgain; second++) {
        World world = World.of(SIZES);
        killed = world.runAndKill(kill(first, extent));
        killedAgain = world.runAndKill(kill(second, extent));
        world.minion().finish();
        world.assertComplete();
      }
    }
  }

  @Test
  void minion_frozenAtAnyStep_losesNothing_whenOthersHaveTakenOver() throws Exception {
    boolean frozen = true;
    for (int step = 0; frozen; step++) {
      World world = World.of(SIZES);
      frozen = freeze(world, step, Integer.MAX_VALUE, Extent.ALL, () -> world.minion().finish());
      world.minion().finish();
      world.assertComplete();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Extent.class,
      names = {"ALL", "REFUSED", "ANSWERED_TWICE"},
      mode = EnumSource.Mode.EXCLUDE)
  void minion_frozenAtAnyStep_andKilledAtAnyLaterOne_losesNothing(Extent extent) throws Exception {
    boolean frozen = true;
    for (int step = 0; frozen; step++) {
      for (int more = 0; frozen && more < 8; more++) {
        World world = World.of(SIZES);
        frozen = freeze(world, step, step + more, extent, () -> world.minion().finish());
        world.minion().finish();
        world.assertComplete();
      }
    }
  }

  /** The other one has not had the time to claim what is left, so that the first one can. */
  @ParameterizedTest
  @EnumSource(
      value = Extent.class,
      names = {"ALL", "REFUSED", "ANSWERED_TWICE"},
      mode = EnumSource.Mode.EXCLUDE)
  void minion_frozenAtAnyStep_andItsSuccessorKilledAtAnyStep_losesNothing(Extent extent)
      throws Exception {
    boolean frozen = true;
    for (int step = 0; frozen; step++) {
      AtomicBoolean killed = new AtomicBoolean(true);
      for (int second = 0; frozen && killed.get(); second++) {
        Fault fault = kill(second, extent);
        for (int more : new int[] {0, 1, 2, 3, Integer.MAX_VALUE - step}) {
          World world = World.of(SMALL);
          frozen =
              freeze(
                  world,
                  step,
                  step + more,
                  Extent.ALL_AND_KILLED,
                  () -> killed.set(world.runAndKill(fault)));
          world.minion().finish();
          world.assertComplete();
        }
      }
    }
  }

  /** A file server refuses to write to a file that was removed, or has no room for it. */
  @Test
  void minion_frozenAtAnyStep_whoseNextStepIsRefused_losesNothing() throws Exception {
    boolean frozen = true;
    for (int step = 0; frozen; step++) {
      AtomicBoolean killed = new AtomicBoolean(true);
      for (int second = 0; frozen && killed.get(); second++) {
        Fault fault = kill(second, Extent.ALL_AND_KILLED);
        World world = World.of(SMALL);
        frozen =
            freeze(world, step, step, Extent.REFUSED, () -> killed.set(world.runAndKill(fault)));
        world.minion().finish();
        world.assertComplete();
      }
    }
  }

  @Test
  void minion_frozenWhileItTakesOver_andItsSuccessorKilledAtAnyStep_losesNothing()
      throws Exception {
    for (int dead = 4; dead < 14; dead++) {
      boolean frozen = true;
      for (int step = 0; frozen && step < 12; step++) {
        AtomicBoolean killed = new AtomicBoolean(true);
        for (int third = 0; frozen && killed.get() && third < 12; third++) {
          Fault fault = kill(third, Extent.ALL_AND_KILLED);
          for (int more = 0; more < 4; more++) {
            World world = World.of(SMALL);
            var _ = world.runAndKill(kill(dead, Extent.NOTHING));
            frozen =
                freeze(
                    world,
                    step,
                    step + more,
                    Extent.ALL_AND_KILLED,
                    () -> killed.set(world.runAndKill(fault)));
            world.minion().live();
            world.assertComplete();
          }
        }
      }
    }
  }

  /** The other one leaves segments, so that what the first one is about to claim may be there. */
  @Test
  void minion_frozenAtAnyStep_losesNothing_whenItsLogWasRemoved_andItemsAreLeft() throws Exception {
    boolean frozen = true;
    for (int step = 0; frozen; step++) {
      for (int some = 0; some < 12; some++) {
        for (int more : new int[] {0, 1, 2, 3, Integer.MAX_VALUE - step}) {
          World world = World.of(2, 2, 2);
          int count = some;
          frozen =
              freeze(
                  world,
                  step,
                  step + more,
                  Extent.ALL_AND_KILLED,
                  () -> world.minion().workOnSome(count));
          world.minion().live();
          world.assertComplete();
        }
      }
    }
  }

  /** What others do meanwhile. */
  @FunctionalInterface
  private interface Meanwhile {
    void run() throws Exception;
  }

  /**
   * Has a minion work until a step, then others, and then the first one go on, until another step.
   *
   * @return whether it has come to the first step
   */
  private static boolean freeze(World world, int step, int kill, Extent extent, Meanwhile meanwhile)
      throws Exception {
    world.frozen = true;
    SynchronousQueue<Boolean> reached = new SynchronousQueue<>();
    SynchronousQueue<Boolean> goOn = new SynchronousQueue<>();
    List<Throwable> problems = new ArrayList<>();
    Fault fault =
        at -> {
          if (at == step) {
            handOver(reached, true);
            await(goOn);
          }
          return at == kill ? extent : Extent.ALL;
        };
    Thread thread =
        Thread.ofPlatform()
            .name("frozen")
            .start(() -> {
              try {
                liveUnlessRefused(world, new FaultyDisk(world.disk, fault));
              } catch (Killed e) {
                // meant
              } catch (Throwable e) {
                problems.add(e);
              }
            });
    @Nullable Boolean frozen = null;
    while (frozen == null && thread.isAlive()) {
      frozen = reached.poll(1, TimeUnit.MILLISECONDS);
    }
    if (Boolean.TRUE.equals(frozen)) {
      meanwhile.run();
      handOver(goOn, true);
    }
    thread.join();
    assertThat(problems).as("frozen at step %s\n%s", step, world).isEmpty();
    return Boolean.TRUE.equals(frozen);
  }

  private static void liveUnlessRefused(World world, Disk disk) throws Exception {
    World.Minion minion;
    try {
      minion = world.minion(disk);
    } catch (IOException e) {
      assertThat(e).hasMessage("Stale file handle");
      return;
    }
    try {
      minion.live();
    } catch (QueueException e) {
      assertThat(e).hasMessageContaining("Stale file handle");
      minion.queue().close();
    }
  }

  private static void handOver(SynchronousQueue<Boolean> queue, boolean value) {
    try {
      queue.put(value);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static @Nullable Boolean await(SynchronousQueue<Boolean> queue) {
    try {
      return queue.take();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
