package dev.grain.minion.report;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalLong;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What minions have done and do, as of a moment. Times are in seconds since 1970, durations in
 * seconds. A <em>generation</em> is an item that a minion is done with, well or not.
 *
 * @param time when it was made
 * @param start when the first generation began, or the first minion was started; null if there is
 *     nothing
 * @param end when the last generation ended; as long as a minion is alive, the time
 * @param generations all generations
 * @param successes those without an error
 * @param failures those with an error
 * @param inFlight the items that were being processed over time
 * @param activity the nodes that have done most
 * @param minions what concerns the number of minions
 * @param summary the numbers of the run as a whole
 * @param queues the queues that minions work from, as they have seen them
 * @param table a line for each minion, in the order of their starts
 * @param unreadable what was in the files but is no event
 */
public record Report(
    double time,
    @Nullable Double start,
    @Nullable Double end,
    Outcomes generations,
    Outcomes successes,
    Outcomes failures,
    InFlight inFlight,
    Activity activity,
    Minions minions,
    Summary summary,
    List<Queue> queues,
    List<OfMinion> table,
    Unreadable unreadable) {
  /** Makes a report. */
  public Report {
    queues = List.copyOf(queues);
    table = List.copyOf(table);
  }

  /**
   * Returns it as a JSON object, with the names of the components in lower case and with
   * underscores, such as {@code recent_rate}; what is not known is null.
   */
  public String toJson() {
    return ReportJson.JSON.writeValueAsString(this);
  }

  /** Returns whether no minion has reported anything. */
  public boolean isEmpty() {
    return table.isEmpty();
  }

  /**
   * Generations of one kind.
   *
   * @param count how many there are
   * @param durations how long their commands or functions took; those whose setup failed took none
   * @param rate how many ended per second, over time
   */
  public record Outcomes(long count, Distribution durations, Rate rate) {}

  /**
   * How many per second.
   *
   * @param mean over all of the time
   * @param series in each step
   */
  public record Rate(double mean, Series series) {}

  /**
   * Numbers over time, for steps of equal length.
   *
   * @param start when the first step begins
   * @param step how long a step is, at least 0.1 seconds
   * @param values the mean of each step
   */
  public record Series(double start, double step, List<Double> values) {
    /** Makes a series. */
    public Series {
      values = List.copyOf(values);
    }

    /** Returns the means of each step with those before it, as many as there are up to a number. */
    public Series over(int steps) {
      double[] means = new double[values.size()];
      double sum = 0;
      for (int i = 0; i < means.length; i++) {
        sum += values.get(i);
        if (i >= steps) {
          sum -= values.get(i - steps);
        }
        means[i] = Math.max(0, sum) / Math.min(steps, i + 1);
      }
      return of(start, step, means);
    }

    /** Returns the largest value; 0 if there is none. */
    public double most() {
      return values.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    }

    static Series of(double start, double step, double[] values) {
      return new Series(start, step, Arrays.stream(values).boxed().toList());
    }
  }

  /**
   * How numbers are distributed; all 0 if there are none.
   *
   * @param count how many there are
   * @param least the least
   * @param mean the mean
   * @param median half of them are not larger
   * @param most95 95 per cent of them are not larger
   * @param most the largest
   * @param bins how many there are in each of 1 to 10 parts of equal width
   */
  public record Distribution(
      long count,
      double least,
      double mean,
      double median,
      double most95,
      double most,
      List<Bin> bins) {
    /** Makes a distribution. */
    public Distribution {
      bins = List.copyOf(bins);
    }
  }

  /**
   * A part of a distribution.
   *
   * @param from its begin
   * @param to its end
   * @param count how many there are within it
   */
  public record Bin(double from, double to, long count) {}

  /**
   * Items that are being processed.
   *
   * @param now how many there are now; only known of minions that report their status
   * @param most the most at a time, as the mean of a step
   * @param series how many there were in each step
   */
  public record InFlight(long now, double most, Series series) {}

  /**
   * The five largest numbers of generations by node.
   *
   * @param window how long the last window before the end is: twice the mean duration
   * @param generations of all time
   * @param recent those in the last window
   * @param errors of all time
   * @param recentErrors those in the last window
   */
  public record Activity(
      double window,
      List<Busiest> generations,
      List<Busiest> recent,
      List<Busiest> errors,
      List<Busiest> recentErrors) {}

  /**
   * A node with its number.
   *
   * @param nodename the name of the machine
   * @param job the job of a batch system that its minions belong to; empty if there is none
   * @param count the number
   */
  public record Busiest(String nodename, String job, long count) {}

  /**
   * All minions.
   *
   * @param lifetimes how long they have lived
   * @param generations how many generations they have
   * @param alive how many there were, over time
   */
  public record Minions(Distribution lifetimes, Distribution generations, Series alive) {}

  /**
   * The run as a whole.
   *
   * @param seconds from its start to its end
   * @param generations how many items were done, well or not
   * @param successes how many of them had no error
   * @param errors how many had one
   * @param notProcessed how many of these had their error before the command or function
   * @param percentFailed errors by generations, in per cent
   * @param rate generations per second, over all of the time
   * @param recentRate the same, of the last ten seconds, or twice the mean duration if that is
   *     longer
   * @param minions how many minions have reported
   * @param alive how many of them are at work, as far as is known
   * @param perMinion the mean number of generations of a minion
   * @param oldest how long the oldest minion has lived
   * @param streak the longest series of items that one minion did without an error
   */
  public record Summary(
      double seconds,
      long generations,
      long successes,
      long errors,
      long notProcessed,
      double percentFailed,
      double rate,
      double recentRate,
      int minions,
      int alive,
      double perMinion,
      double oldest,
      long streak) {}

  /**
   * A queue. What it cannot tell is empty.
   *
   * @param address which one, without what is secret
   * @param time when it was asked
   * @param minions how many minions that report here work from it
   * @param ready the items that wait for a minion
   * @param inFlight those that minions have, or that wait for the end of a delay
   * @param done those that were acknowledged
   * @param dead those among the dead letters
   * @param secondsLeft how long the rest takes at the recent rate; null if that is not known
   */
  public record Queue(
      String address,
      double time,
      int minions,
      OptionalLong ready,
      OptionalLong inFlight,
      OptionalLong done,
      OptionalLong dead,
      @Nullable Double secondsLeft) {}

  /**
   * A minion.
   *
   * @param uid identifies the process
   * @param nodename the name of the machine
   * @param pid the process there; 0 if it is not known
   * @param batch the ids that batch systems have given to it
   * @param state what it does
   * @param failure why it could not go on; null if it could, or that is not known
   * @param start when it was started, or began with its first item
   * @param last the last time of which something is known
   * @param generations how many items it is done with, well or not
   * @param errors how many of them had an error
   * @param rate generations per second, recently
   * @param meanSeconds how long its commands or functions took
   * @param running how many items it has
   * @param items the items that it has, the oldest first, but only the first few
   * @param lastParam the last item that it was done with, as text, shortened; null if there is none
   * @param lastError its last error; null if there was none
   * @param output the last lines that were printed
   * @param errorOutput the last lines that were printed on standard error
   */
  public record OfMinion(
      String uid,
      String nodename,
      long pid,
      SequencedMap<String, String> batch,
      MinionState state,
      @Nullable String failure,
      double start,
      double last,
      long generations,
      long errors,
      double rate,
      double meanSeconds,
      int running,
      List<MinionStatus.Item> items,
      @Nullable String lastParam,
      @Nullable String lastError,
      List<String> output,
      List<String> errorOutput) {
    /** Makes one. */
    public OfMinion {
      batch = new LinkedHashMap<>(batch);
      items = List.copyOf(items);
      output = List.copyOf(output);
      errorOutput = List.copyOf(errorOutput);
    }
  }

  /**
   * Lines that are no events, and files that cannot be read.
   *
   * @param count how many there are
   * @param first the first few of them: where, and what is wrong
   */
  public record Unreadable(long count, List<String> first) {
    /** Makes one. */
    public Unreadable {
      first = List.copyOf(first);
    }
  }
}
