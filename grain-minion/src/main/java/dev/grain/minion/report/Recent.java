package dev.grain.minion.report;

import java.util.PriorityQueue;

/** The latest times among many, in any order. For one thread. */
final class Recent {
  private final int most;
  private final PriorityQueue<Double> times = new PriorityQueue<>();
  private boolean full;

  /**
   * Makes one.
   *
   * @param most how many are kept
   */
  Recent(int most) {
    this.most = most;
  }

  void add(double time) {
    if (times.size() < most) {
      times.add(time);
      return;
    }
    full = true;
    if (time > times.element()) {
      times.remove();
      times.add(time);
    }
  }

  /** Returns how many are later than a time, as far as they are kept. */
  long since(double from) {
    return times.stream().filter(time -> time > from).count();
  }

  /** Returns how many there were per second within a window before a time. */
  double rate(double now, double window) {
    if (times.isEmpty()) {
      return 0;
    }
    double from = now - window;
    double oldest = times.element();
    return full && oldest > from
        ? times.size() / Math.max(now - oldest, Tally.STEP)
        : since(from) / Math.max(window, Tally.STEP);
  }
}
