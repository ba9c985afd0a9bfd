package dev.grain.sim;

import dev.grain.loop.Loop;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A loop whose tasks are events of the world: in the order of posting, each a little later than the
 * one before. Its clock has an origin of its own. It may stand still for a while, and it may die.
 */
final class SimulatedLoop implements Loop {
  /** How long after its time a task runs, at most, in nanoseconds, unless the loop stands still. */
  static final int MOST_LATENESS = 20_000;

  private final World world;
  private final long origin;
  private final Runnable afterTask;
  private long lastPosted;
  private long stillUntil;
  // what has become due while it stood still
  private final Deque<Runnable> late = new ArrayDeque<>();
  private boolean dead;
  private boolean inside;

  /**
   * Makes a loop.
   *
   * @param afterTask called after each task, to look at what it has done
   */
  SimulatedLoop(World world, Runnable afterTask) {
    this.world = world;
    this.origin = world.random().nextLong(1L << 50) - (1L << 49);
    this.afterTask = afterTask;
  }

  @Override
  public void post(Runnable task) {
    lastPosted = Math.max(lastPosted, world.now() + world.below(MOST_LATENESS));
    world.at(lastPosted, () -> run(task));
  }

  /** Runs the task on this loop at a time of the world, without regard to those posted. */
  void at(long time, Runnable task) {
    world.at(time, () -> run(task));
  }

  @Override
  public Timer schedule(long delayNanos, Runnable task) {
    boolean[] cancelled = {false};
    at(
        world.now() + delayNanos + world.below(MOST_LATENESS),
        () -> {
          if (!cancelled[0]) {
            task.run();
          }
        });
    return () -> cancelled[0] = true;
  }

  /** Runs nothing before that time; what is due waits. */
  void standStill(long until) {
    stillUntil = Math.max(stillUntil, until);
  }

  /** Returns when it goes on, or went on last. */
  long stillUntil() {
    return stillUntil;
  }

  /** Runs nothing any more. */
  void die() {
    dead = true;
  }

  /** Does something another thread of its process does, if there still is one. */
  void whenAlive(Runnable action) {
    if (!dead) {
      action.run();
    }
  }

  boolean isDead() {
    return dead;
  }

  private void run(Runnable task) {
    if (dead) {
      return;
    }
    if (world.now() < stillUntil || !late.isEmpty()) {
      late.add(task);
      if (late.size() == 1) {
        world.at(stillUntil, this::goOn);
      }
      return;
    }
    runNow(task);
  }

  private void goOn() {
    if (world.now() < stillUntil) {
      world.at(stillUntil, this::goOn);
      return;
    }
    while (!late.isEmpty() && !dead) {
      runNow(late.element());
      late.remove();
    }
  }

  private void runNow(Runnable task) {
    inside = true;
    try {
      task.run();
    } finally {
      inside = false;
    }
    afterTask.run();
  }

  @Override
  public long now() {
    return origin + world.now();
  }

  @Override
  public boolean inLoop() {
    return inside;
  }
}
