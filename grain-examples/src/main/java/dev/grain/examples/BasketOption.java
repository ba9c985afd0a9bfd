package dev.grain.examples;

import static dev.grain.resource.Resources.cpu;

import dev.grain.Grain;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Prices basket options by simulation, over a grid of volatility, correlation and strike.
 *
 * <p>What it teaches: a parameter sweep.
 *
 * <ul>
 *   <li>{@code Grain.map} runs one function over many inputs, each a job, and returns the results
 *       in the order of the inputs. There is no need for a group.
 *   <li>The input of a job is a record with everything it needs, its own seed included. So every
 *       price is the same in each run, on any number of cores and in whatever order jobs run.
 *   <li>A result can be trusted only if something checks it. Each job also simulates an option on
 *       the <em>geometric</em> mean of the same paths, whose price is known exactly, and the table
 *       shows how many standard errors lie between the two. With one asset both means are the same,
 *       and so is the formula of Black and Scholes.
 * </ul>
 *
 * <p>A basket call pays at the end by how much the mean price of some assets is above the strike.
 * Prices follow correlated geometric Brownian motions. The option on the geometric mean also serves
 * as control variate: what the simulation misses of it, it misses of the other one too.
 */
public final class BasketOption {
  private static final double SPOT = 100;
  private static final double RATE = 0.03;
  private static final double YEARS = 1;

  /**
   * A point of the grid.
   *
   * @param assets how many assets are in the basket
   * @param volatility of each asset, in a year
   * @param correlation of any two assets
   * @param paths how many ends of the market are drawn
   */
  record Point(
      int assets, double volatility, double correlation, double strike, int paths, long seed) {}

  /**
   * What was found at a point.
   *
   * @param price of the option on the arithmetic mean
   * @param error its standard error
   * @param geometric the price of the option on the geometric mean, simulated
   * @param geometricError its standard error
   */
  private record Price(double price, double error, double geometric, double geometricError) {}

  private BasketOption() {}

  /**
   * Runs the program. Arguments: the number of paths at each point, 400,000 if it is not given, and
   * the number of assets, 5 if it is not given.
   */
  public static void main(String[] arguments) {
    int paths = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 400_000;
    int assets = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;

    List<Point> grid = new ArrayList<>();
    SplittableRandom seeds = new SplittableRandom(2026);
    for (double volatility : new double[] {0.15, 0.3, 0.45}) {
      for (double correlation : new double[] {0, 0.4, 0.8}) {
        for (double strike : new double[] {90, 100, 110}) {
          grid.add(new Point(assets, volatility, correlation, strike, paths, seeds.nextLong()));
        }
      }
    }

    List<Price> prices = Grain.runCombine(() -> Grain.map(cpu(1), BasketOption::simulate, grid));

    System.out.printf(
        Locale.ROOT, "%d assets, %,d paths at each of %d points%n%n", assets, paths, grid.size());
    System.out.println("  vol  corr  strike     price   +-error   geometric     exact  off by");
    double worst = 0;
    for (int i = 0; i < grid.size(); i++) {
      Point point = grid.get(i);
      Price price = prices.get(i);
      double exact = exactGeometric(point);
      double offBy = (price.geometric() - exact) / price.geometricError();
      worst = Math.max(worst, Math.abs(offBy));
      System.out.printf(
          Locale.ROOT,
          " %.2f  %.2f    %4.0f  %8.4f  %8.4f    %8.4f  %8.4f  %+.2f errors%n",
          point.volatility(),
          point.correlation(),
          point.strike(),
          price.price(),
          price.error(),
          price.geometric(),
          exact,
          offBy);
    }
    System.out.printf(
        Locale.ROOT,
        "%nThe simulated geometric prices are at most %.2f standard errors off the exact ones.%n",
        worst);
  }

  /** The job: draws the ends of the market and averages what the options pay. */
  private static Price simulate(Point point) {
    SplittableRandom random = new SplittableRandom(point.seed());
    int assets = point.assets();
    double drift = (RATE - 0.5 * point.volatility() * point.volatility()) * YEARS;
    double scale = point.volatility() * Math.sqrt(YEARS);
    // One source of chance common to all assets, and one of its own for each.
    double common = Math.sqrt(point.correlation());
    double own = Math.sqrt(1 - point.correlation());
    double discount = Math.exp(-RATE * YEARS);

    double sum = 0;
    double sumOfSquares = 0;
    double geometricSum = 0;
    double geometricSumOfSquares = 0;
    double sumOfProducts = 0;
    for (int path = 0; path < point.paths(); path++) {
      double market = random.nextGaussian();
      double prices = 0;
      double logarithms = 0;
      for (int asset = 0; asset < assets; asset++) {
        double logarithm = drift + scale * (common * market + own * random.nextGaussian());
        prices += SPOT * Math.exp(logarithm);
        logarithms += logarithm;
      }
      double pays = discount * Math.max(prices / assets - point.strike(), 0);
      double geometricPays =
          discount * Math.max(SPOT * Math.exp(logarithms / assets) - point.strike(), 0);
      sum += pays;
      sumOfSquares += pays * pays;
      geometricSum += geometricPays;
      geometricSumOfSquares += geometricPays * geometricPays;
      sumOfProducts += pays * geometricPays;
    }

    double count = point.paths();
    double mean = sum / count;
    double geometricMean = geometricSum / count;
    double variance = sumOfSquares / count - mean * mean;
    double geometricVariance = geometricSumOfSquares / count - geometricMean * geometricMean;
    double covariance = sumOfProducts / count - mean * geometricMean;
    double slope = covariance / geometricVariance;
    double rest = Math.max(variance - slope * covariance, 0);
    return new Price(
        mean - slope * (geometricMean - exactGeometric(point)),
        Math.sqrt(rest / count),
        geometricMean,
        Math.sqrt(geometricVariance / count));
  }

  /**
   * Returns the exact price of the option on the geometric mean: the logarithm of the mean is
   * normal, so it is the formula of Black and Scholes with the mean's own volatility and drift.
   */
  static double exactGeometric(Point point) {
    int assets = point.assets();
    double square = point.volatility() * point.volatility();
    double ofMean = square * (1 + (assets - 1) * point.correlation()) / assets;
    double deviation = Math.sqrt(ofMean * YEARS);
    double logOfMean = Math.log(SPOT) + (RATE - 0.5 * square) * YEARS;
    double above = (logOfMean - Math.log(point.strike())) / deviation;
    return Math.exp(-RATE * YEARS)
        * (Math.exp(logOfMean + 0.5 * deviation * deviation) * normal(above + deviation)
            - point.strike() * normal(above));
  }

  /** Returns the probability that a standard normal variable is at most {@code x}. */
  private static double normal(double x) {
    // The integral of the density from 0 to x by Simpson's rule; 2,000 steps are exact to 1e-13.
    int steps = 2_000;
    double step = x / steps;
    double sum = 1 + Math.exp(-x * x / 2);
    for (int i = 1; i < steps; i++) {
      double at = i * step;
      sum += (i % 2 == 0 ? 2 : 4) * Math.exp(-at * at / 2);
    }
    return 0.5 + sum * step / 3 / Math.sqrt(2 * Math.PI);
  }
}
