package dev.grain.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What is to be reached.
 *
 * @param what the quantity, for people
 * @param figure the name of the figure or of the ratio in the {@link Report}
 * @param bound whether it is to be at least or at most the limit
 * @param limit the limit
 * @param unit what both are in, with a space before if it needs one; empty for a ratio
 */
record Goal(String what, String figure, Bound bound, double limit, String unit) {
  /** On which side of the limit a figure is to be. */
  enum Bound {
    AT_LEAST("≥"),
    AT_MOST("≤");

    private final String sign;

    Bound(String sign) {
      this.sign = sign;
    }
  }

  /** Every goal, in the order in which the report lists them. */
  static final List<Goal> ALL =
      List.of(
          least(
              "throughput of empty jobs, one worker with two slots, to bare",
              "grain/bare throughput",
              0.8),
          least("the same with mixed requests", "grain/bare throughput-mixed", 0.7),
          most("latency, median, to bare", "grain/bare latency-p50", 1.3, ""),
          most("latency, 99 %, to bare", "grain/bare latency-p99", 2, ""),
          least("efficiency at 1 ms of computing", "grain/ideal efficiency-1ms", 0.93),
          least(
              "bulk, an argument of 64 MiB, plain, to a raw copy",
              "grain/raw bulk-argument-64MiB",
              0.7),
          least(
              "bulk, a result of 64 MiB, plain, to a raw copy", "grain/raw bulk-result-64MiB", 0.7),
          most(
              "small jobs beside bulk, 99 %, to unloaded",
              "grain-loaded/grain-unloaded small-jobs-p99", 2, ""),
          least("throughput with TLS, to plain text", "grain-tls/grain throughput", 0.85),
          most("heap of the head per queued job, without its arguments", "heap-per-job", 200, " B"),
          least("programs started, to a loop of ProcessBuilder", "grain/builder spawn-rate", 0.9),
          least(
              "items of a folder, an empty function, to a loop by hand",
              "grain/by-hand minions-function-file",
              0.8),
          most(
              "isolated call, warm, median, to one in the worker",
              "isolated/worker call-p50",
              3,
              ""),
          most("scheduling decision, at every size to 1,000 nodes", "decision", 2, " µs"),
          most("grain-worker ready, with the cache", "ready-cached", 0.35, " s"),
          most("grain-worker ready, without", "ready", 0.7, " s"),
          most(
              "first job from the connection, unseen 10 MiB of class path",
              "first-job 10 MiB unseen, worker just started",
              0.5,
              " s"),
          most("first job from the connection, cached", "first-job 10 MiB cached", 0.15, " s"),
          most("whole java Hello against a running worker", "hello", 0.8, " s"));

  private static Goal least(String what, String figure, double limit) {
    return new Goal(what, figure, Bound.AT_LEAST, limit, "");
  }

  private static Goal most(String what, String figure, double limit, String unit) {
    return new Goal(what, figure, Bound.AT_MOST, limit, unit);
  }

  /** Returns its table row: what, the goal, what was reached, and whether that will do. */
  List<String> row(Report report) {
    OptionalDouble reached = report.figure(figure);
    return List.of(
        what,
        bound.sign + " " + text(limit),
        reached.isEmpty() ? "not measured" : text(reached.getAsDouble()),
        reached.isEmpty() ? "" : isMet(reached.getAsDouble()) ? "yes" : "no");
  }

  boolean isMet(double value) {
    return bound == Bound.AT_LEAST ? value >= limit : value <= limit;
  }

  private String text(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.0f", value) + unit;
  }
}
