package dev.grain.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a function costs that runs in a JVM of its own, beside one in the worker. */
final class Isolated implements Question {
  private static final int CALLS = 2000;
  private static final int QUICK_CALLS = 400;
  private static final int WARM_UP = 4;
  private static final int ROUNDS = 15;
  private static final int QUICK_ROUNDS = 5;
  private static final String HEAP = "512m";
  private static final String HELLO = "dev.grain.benchmarks.start.PlainHello";

  @Override
  public String name() {
    return "isolated";
  }

  @Override
  public String asks() {
    return "what does a function cost that runs in a JVM of its own?";
  }

  /** One kind of call, round after round. */
  private static final class Calls implements Series {
    private final String name;
    private final Round round;
    private final Samples micros = new Samples();

    /** Makes calls, and returns how many microseconds one took in the middle. */
    @FunctionalInterface
    interface Round {
      double micros() throws IOException;
    }

    Calls(String name, Round round) {
      this.name = name;
      this.round = round;
    }

    @Override
    public void warmUp(Report report) throws IOException {
      round.micros();
    }

    @Override
    public void measure(Report report) throws IOException {
      micros.add(round.micros());
    }
  }

  @Override
  public void answer(Settings settings, Report report) throws Exception {
    int calls = settings.probe().jobsOr(settings.quick() ? QUICK_CALLS : CALLS);
    int rounds = settings.probe().roundsOr(settings.quick() ? QUICK_ROUNDS : ROUNDS);
    List<Jvm> started = new ArrayList<>();
    try (Scratch scratch = Scratch.create()) {
      Jvm worker = startWorker(settings, scratch.folder());
      started.add(worker);
      String port =
          worker.await("grain-worker").replaceFirst(".* ready on 127\\.0\\.0\\.1:(\\d+): .*", "$1");
      Jvm remote = startProgram(settings, port);
      started.add(remote);
      Jvm embedded = startProgram(settings, "");
      started.add(embedded);
      Calls here = new Calls("in the worker", () -> ask(remote, "shared", calls));
      Calls apart = new Calls("isolated, warm", () -> ask(remote, "isolated", calls));
      Calls hereEmbedded = new Calls("in the program", () -> ask(embedded, "shared", calls));
      Calls apartEmbedded =
          new Calls("isolated beside the program, warm", () -> ask(embedded, "isolated", calls));
      Series.race(List.of(here, apart, hereEmbedded, apartEmbedded), WARM_UP, rounds, report);
      report.table(table("A call, median", List.of(here, apart, hereEmbedded, apartEmbedded)));
      report.ratio("isolated", "worker", "call-p50", median(apart) / median(here));
      report.ratio(
          "isolated embedded", "program", "call-p50", median(apartEmbedded) / median(hereEmbedded));

      Calls cold = new Calls("isolated, the first call", () -> ask(remote, "cold", 1));
      Calls hello = new Calls("java Hello, a whole program", () -> hello(report));
      Series.race(List.of(cold, hello), 1, rounds, report);
      report.table(table("A JVM that is started", List.of(cold, hello)));
      report.ratio("isolated cold", "java Hello", "start", median(cold) / median(hello));
    } finally {
      started.reversed().forEach(Jvm::close);
    }
  }

  private static Jvm startWorker(Settings settings, Path folder) throws IOException {
    return Jvm.start(
        "the worker",
        settings.workerFlags(HEAP),
        Tether.class,
        "dev.grain.worker.GrainCommand",
        "worker",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--cpus",
        "2",
        "--insecure",
        "--cache-dir",
        folder.resolve("cache").toString());
  }

  private static Jvm startProgram(Settings settings, String port) throws IOException {
    return Jvm.start("the program", settings.headFlags(HEAP), IsolatedCalls.class, port);
  }

  private static double ask(Jvm program, String what, int calls) throws IOException {
    return Double.parseDouble(program.ask(what + " " + calls, "took")) / 1e3;
  }

  /** Runs a program that prints a line and does nothing else. */
  private static double hello(Report report) throws IOException {
    long began = System.nanoTime();
    Process process =
        Leftovers.watch(
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    HELLO)
                .start());
    try (BufferedReader output = process.inputReader()) {
      String line = output.readLine();
      report.require("hello".equals(line), "java Hello printed '%s'.".formatted(line));
      process.waitFor();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw new IOException("interrupted while java Hello ran", e);
    } finally {
      Leftovers.forget(process);
    }
    return (System.nanoTime() - began) / 1e3;
  }

  private static double median(Calls calls) {
    return calls.micros.median();
  }

  private static Table table(String title, List<Calls> all) {
    Table table = new Table(title, "function", "µs", "spread");
    for (Calls each : all) {
      table.row(
          each.name,
          Table.figure(each.micros.median(), 0),
          Table.figure(100 * each.micros.spread(), 0) + " %");
    }
    return table;
  }
}
