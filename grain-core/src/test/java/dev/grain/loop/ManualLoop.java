package dev.grain.loop;

import java.util.PriorityQueue;

/** A loop whose tasks run, and whose time passes, when a test asks for it. */
public final class ManualLoop implements Loop {
  private record Task(long time, long number, Runnable action) implements Comparable<Task> {
    @Override
    public int compareTo(Task other) {
      int byTime = Long.compare(time, other.time);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  private final PriorityQueue<Task> tasks = new PriorityQueue<>();
  private long now = -1_000_000;
  private long nextNumber;

  @Override
  public void post(Runnable task) {
    tasks.add(new Task(now, nextNumber++, task));
  }

  @Override
  public Timer schedule(long delayNanos, Runnable action) {
    Task task = new Task(now + delayNanos, nextNumber++, action);
    tasks.add(task);
    return () -> tasks.remove(task);
  }

  @Override
  public long now() {
    return now;
  }

  @Override
  public boolean inLoop() {
    return true;
  }

  /** Lets the time pass, and runs the tasks that are due. */
  public void pass(long nanos) {
    long end = now + nanos;
    while (!tasks.isEmpty() && tasks.peek().time <= end) {
      Task task = tasks.remove();
      now = task.time;
      task.action.run();
    }
    now = end;
  }
}
