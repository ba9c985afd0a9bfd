package dev.grain.sim;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code simulate}: runs many seeds, shows how far it is, and prints what it finds. */
@Command(
    name = "grain simulate",
    description =
        "Runs a head and some workers on a virtual clock, with the real classes, and breaks what can"
            + " break: connections, processes, jobs. Each seed is another story, and always the same"
            + " one. After each step it is checked that no promise is broken.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    usageHelpAutoWidth = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:no seed has found anything",
      "1:some have",
      "2:the command line is wrong",
      "130:it was interrupted",
    })
final class Simulate implements Callable<Integer> {
  /** Of how many seeds one is a story of detached jobs as well. */
  private static final int DETACHED = 4;

  private static final long SECOND = 1_000_000_000;
  private static final int MOST_NODES = 200;
  private static final int MOST_JOBS = 100_000;

  /** After how many findings it gives up. */
  private static final int MOST_FOUND = 20;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "10000",
      description = "How many seeds to run. Default: ${DEFAULT-VALUE}.")
  private long seeds;

  @Option(
      names = "--from",
      paramLabel = "S",
      defaultValue = "0",
      description = "The first seed. Default: ${DEFAULT-VALUE}.")
  private long from;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description = "How many nodes each seed has. Default: 1 to 5, by the seed.")
  private int nodes;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description = "How many jobs each seed has. Default: 15 to 74, by the seed.")
  private int jobs;

  @Option(
      names = "--detached",
      description =
          "Only stories of a head whose jobs outlive it; otherwise every fourth seed is one, too.")
  private boolean detached;

  private final AtomicLong next = new AtomicLong();
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong found = new AtomicLong();
  private final long start = System.nanoTime();
  private volatile boolean over;

  @SuppressWarnings("NullAway.Init") // picocli sets the others
  private Simulate() {}

  /** Runs it and ends the process. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Simulate()).execute(arguments));
  }

  @Override
  @SuppressWarnings("SystemConsoleNull") // it is null where the console is that of java.base
  public Integer call() throws InterruptedException {
    ensure(seeds > 0, "--seeds", seeds, "at least 1");
    ensure(nodes >= 0 && nodes <= MOST_NODES, "--nodes", nodes, "from 1 to " + MOST_NODES);
    ensure(jobs >= 0 && jobs <= MOST_JOBS, "--jobs", jobs, "from 1 to " + MOST_JOBS);
    PrintWriter out = spec.commandLine().getOut();
    Thread interrupted = Thread.ofPlatform().unstarted(() -> sumUp("interrupted: "));
    Runtime.getRuntime().addShutdownHook(interrupted);
    Thread[] threads = new Thread[Runtime.getRuntime().availableProcessors()];
    for (int index = 0; index < threads.length; index++) {
      threads[index] = Thread.ofPlatform().name("grain-seeds-" + index).start(() -> work(out));
    }
    boolean terminal = System.console() != null && System.console().isTerminal();
    for (Thread thread : threads) {
      while (!thread.join(terminal ? Duration.ofSeconds(1) : Duration.ofSeconds(30))) {
        showProgress(terminal);
      }
    }
    Runtime.getRuntime().removeShutdownHook(interrupted);
    sumUp(terminal ? "\r" : "");
    return found.get() == 0 ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private void ensure(boolean right, String flag, long value, String range) {
    if (!right) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "%s is %s: %s".formatted(flag, value, range));
    }
  }

  private void work(PrintWriter out) {
    Size size = new Size(nodes, jobs);
    for (long index = next.getAndIncrement(); index < seeds && !over; ) {
      long seed = from + index;
      if (!detached) {
        Finding.of(seed, size, () -> Plant.NONE).ifPresent(finding -> show(finding, out));
      }
      if (detached || seed % DETACHED == 0) {
        Finding.ofDetached(seed, size, () -> DetachedPlant.NONE)
            .ifPresent(finding -> show(finding, out));
      }
      done.incrementAndGet();
      index = next.getAndIncrement();
    }
  }

  private void show(Finding finding, PrintWriter out) {
    over = found.incrementAndGet() >= MOST_FOUND;
    out.println(finding);
    out.flush();
  }

  private double rate() {
    return done.get() * (double) SECOND / Math.max(1, System.nanoTime() - start);
  }

  private void showProgress(boolean terminal) {
    double rate = rate();
    long left = rate == 0 ? 0 : Math.round((seeds - done.get()) / rate);
    System.err.printf(
        "%s%,d of %,d seeds, %,d violations, %.0f seeds/s, %d min %d s left%s",
        terminal ? "\r" : "",
        done.get(),
        seeds,
        found.get(),
        rate,
        left / 60,
        left % 60,
        terminal ? "  " : "%n".formatted());
    System.err.flush();
  }

  private void sumUp(String before) {
    System.err.flush();
    System.out.printf("%s%s seeds, %s violations%n", before, done.get(), found.get());
    System.out.flush();
  }
}
