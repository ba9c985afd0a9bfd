package dev.grain.examples;

import static dev.grain.resource.Resources.cpu;

import dev.grain.Grain;
import dev.grain.WaitGroup;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Finds where a function of two variables is least, with proof.
 *
 * <p>What it teaches: work that is not known before it is done.
 *
 * <ul>
 *   <li>A search is <em>orchestration code</em>: it opens a wait group with four jobs, looks at
 *       what they found, and opens a second one with a subtask for each place that is worth a
 *       closer look. Each subtask is a search of its own, with groups of its own, to any depth.
 *       There may be any number of them: a subtask that waits costs next to nothing.
 *   <li>Jobs do the work, and hold a core while they do. Subtasks decide what work there is, and
 *       hold nothing.
 *   <li>A search decides by what its own jobs and those above it have found, and by nothing that
 *       happens to be ready elsewhere. So every run does the same work and gives the same result,
 *       however many cores there are.
 * </ul>
 *
 * <p>The function is problem 4 of Trefethen's <em>Hundred-dollar, Hundred-digit Challenge</em>
 * (SIAM News, 2002); it has thousands of local minima. The search is a branch and bound with
 * interval arithmetic: a job divides its box into cells and drops those that cannot hold the
 * minimum, because the function is too large in all of the cell or has a slope everywhere. What is
 * dropped is dropped for certain, rounding included, so the least value lies between the two
 * numbers printed.
 */
public final class AdaptiveSearch {
  private static final int CELLS = 8;
  private static final int SAMPLES = 60;

  /** A rectangle in the plane. */
  private record Box(Interval x, Interval y) {
    /** Returns the boxes that one divides into, {@code parts} along each side. */
    List<Box> divided(int parts) {
      List<Box> boxes = new ArrayList<>();
      for (int i = 0; i < parts; i++) {
        for (int j = 0; j < parts; j++) {
          boxes.add(new Box(part(x, i, parts), part(y, j, parts)));
        }
      }
      return boxes;
    }

    private static Interval part(Interval whole, int index, int parts) {
      return new Interval(edge(whole, index, parts), edge(whole, index + 1, parts));
    }

    private static double edge(Interval whole, int index, int parts) {
      return index == parts
          ? whole.high()
          : whole.low() + (whole.high() - whole.low()) * index / parts;
    }
  }

  /** A value that the function has at a point. */
  private record Best(double value, double x, double y) {
    Best orLess(Best other) {
      return other.value < value ? other : this;
    }
  }

  /** A cell that may hold the minimum: the function is nowhere in it below the bound. */
  private record Candidate(Box box, double bound) {}

  /** What a job found in its box. */
  private record Examined(List<Candidate> candidates, Best best) {}

  /**
   * What a search found in its box.
   *
   * @param bound the function is nowhere in the box below it, except where the minimum cannot be
   * @param jobs how many jobs it took
   * @param groups how many wait groups
   * @param depth how many searches inside each other
   */
  private record Found(double bound, Best best, int jobs, int groups, int depth) {}

  private AdaptiveSearch() {}

  /** Runs the program. Argument: how exact the result is to be; 1e-10 if it is not given. */
  public static void main(String[] arguments) {
    double tolerance = arguments.length == 1 ? Double.parseDouble(arguments[0]) : 1e-10;
    // The first terms are never below 1/e - 3 - sin(1), so outside of this the function is above
    // -3.23, and inside it is below -3.3 somewhere.
    Box everywhere = new Box(new Interval(-1, 1), new Interval(-1, 1));

    Found found =
        Grain.runCombine(() -> {
          Best start =
              Grain.map(cpu(1), AdaptiveSearch::sample, everywhere.divided(2)).stream()
                  .reduce(Best::orLess)
                  .orElseThrow();
          return search(everywhere, start, tolerance);
        });

    System.out.printf(
        Locale.ROOT,
        "The least value is between %s%n                       and %s%n",
        rounded(found.bound(), RoundingMode.FLOOR),
        rounded(found.best().value(), RoundingMode.CEILING));
    System.out.printf(Locale.ROOT, "near x = %.7f, y = %.7f%n", found.best().x(), found.best().y());
    System.out.printf(
        Locale.ROOT,
        "The search took %,d jobs in %,d wait groups, %d levels deep.%n",
        found.jobs(),
        found.groups(),
        found.depth());
  }

  private static BigDecimal rounded(double number, RoundingMode mode) {
    return new BigDecimal(number).setScale(12, mode);
  }

  /** Orchestration: examines a box in four jobs, then searches what they leave. */
  private static Found search(Box box, Best known, double tolerance) {
    WaitGroup quarters = Grain.openWaitGroup();
    try (quarters) {
      for (Box quarter : box.divided(2)) {
        quarters.submit(cpu(1), AdaptiveSearch::examine, quarter, known.value());
      }
    }
    List<Examined> examined = quarters.results(Examined.class);
    Best best = examined.stream().map(Examined::best).reduce(known, Best::orLess);

    double bound = best.value();
    List<Candidate> promising = new ArrayList<>();
    for (Examined quarter : examined) {
      for (Candidate candidate : quarter.candidates()) {
        if (candidate.bound() > best.value() - tolerance) {
          bound = Math.min(bound, candidate.bound());
        } else {
          promising.add(candidate);
        }
      }
    }

    WaitGroup closer = Grain.openWaitGroup();
    try (closer) {
      for (Candidate candidate : promising) {
        closer.start(() -> search(candidate.box(), best, tolerance));
      }
    }
    Found found = new Found(bound, best, 4, 2, 1);
    for (Found deeper : closer.results(Found.class)) {
      found =
          new Found(
              Math.min(found.bound(), deeper.bound()),
              found.best().orLess(deeper.best()),
              found.jobs() + deeper.jobs(),
              found.groups() + deeper.groups(),
              Math.max(found.depth(), 1 + deeper.depth()));
    }
    return found;
  }

  /**
   * The first jobs: try the function at many points, so that the search starts with a low value.
   */
  private static Best sample(Box box) {
    Best best = valueAt(box);
    for (Box cell : box.divided(SAMPLES)) {
      best = best.orLess(valueAt(cell));
    }
    return best;
  }

  /** The other jobs: returns the cells of a box that may hold the minimum. */
  private static Examined examine(Box box, double known) {
    Best best = valueAt(box);
    List<Candidate> candidates = new ArrayList<>();
    for (Box cell : box.divided(CELLS)) {
      best = best.orLess(valueAt(cell));
      Interval slopeX = slopeX(cell.x(), cell.y());
      Interval slopeY = slopeY(cell.x(), cell.y());
      // The minimum is inside the plane, so both slopes are zero there.
      if (slopeX.containsZero() && slopeY.containsZero()) {
        candidates.add(new Candidate(cell, bound(cell, slopeX, slopeY)));
      }
    }
    double least = Math.min(known, best.value());
    candidates.removeIf(candidate -> candidate.bound() > least);
    return new Examined(candidates, best);
  }

  /** Returns a number that the function is nowhere below in the cell. */
  private static double bound(Box cell, Interval slopeX, Interval slopeY) {
    // By the mean value theorem, it is what it is in the middle and the slopes times the way there.
    Interval x = Interval.of(cell.x().middle());
    Interval y = Interval.of(cell.y().middle());
    Interval fromMiddle =
        value(x, y).plus(slopeX.times(cell.x().minus(x))).plus(slopeY.times(cell.y().minus(y)));
    return Math.max(fromMiddle.low(), value(cell.x(), cell.y()).low());
  }

  /** Returns the value in the middle, rounded up. */
  private static Best valueAt(Box box) {
    double x = box.x().middle();
    double y = box.y().middle();
    return new Best(value(Interval.of(x), Interval.of(y)).high(), x, y);
  }

  private static Interval value(Interval x, Interval y) {
    return x.times(50)
        .sin()
        .exp()
        .plus(y.exp().times(60).sin())
        .plus(x.sin().times(70).sin())
        .plus(y.times(80).sin().sin())
        .minus(x.plus(y).times(10).sin())
        .plus(x.square().plus(y.square()).times(0.25));
  }

  private static Interval slopeX(Interval x, Interval y) {
    return x.times(50)
        .cos()
        .times(x.times(50).sin().exp())
        .times(50)
        .plus(x.cos().times(x.sin().times(70).cos()).times(70))
        .minus(x.plus(y).times(10).cos().times(10))
        .plus(x.times(0.5));
  }

  private static Interval slopeY(Interval x, Interval y) {
    Interval power = y.exp().times(60);
    return power
        .times(power.cos())
        .plus(y.times(80).cos().times(y.times(80).sin().cos()).times(80))
        .minus(x.plus(y).times(10).cos().times(10))
        .plus(y.times(0.5));
  }
}
