package dev.grain.top;

import dev.grain.cli.HelpFlag;
import dev.grain.cli.Screens;
import dev.grain.minion.report.Report;
import dev.grain.minion.report.ReportReader;
import dev.grain.posix.EndSignals;
import dev.tamboui.backend.jline3.JLineBackend;
import dev.tamboui.terminal.Backend;
import dev.tamboui.tui.TuiConfig;
import dev.tamboui.tui.TuiRunner;
import dev.tamboui.tui.error.ErrorAction;
import dev.tamboui.tui.event.Event;
import dev.tamboui.tui.event.KeyEvent;
import dev.tamboui.tui.event.TickEvent;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The command {@code mtop}. */
@Command(
    name = "mtop",
    sortOptions = false,
    description = {
      "Shows minions at work, live: a table of them, throughput, durations, how much the queue has."
          + " h lists the keys, and q quits.",
      "It reads the folder that minions with MINION_REPORTER=json write to, and nothing else. The"
          + " folder is found as minions find it: by the variable REPORTER_JSON_DIRECTORY, which may"
          + " be in the file .env, or reporterFolder in .minion.yml; otherwise, it is minion-report."
          + " NO_COLOR=1 turns colors off."
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the user has quit",
      "1:it failed",
      "2:the command line or the configuration is wrong, or there is no terminal",
      "143:ended by SIGTERM; 129 by SIGHUP"
    })
final class TopCommand implements Callable<Integer> {
  private static final Duration TICK = Duration.ofMillis(200);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final long PAUSE_MILLIS = 1000;

  private final PrintStream err;
  private final Path working;
  private final Map<String, String> variables;
  private final InstantSource clock;
  private final AtomicReference<News> news = new AtomicReference<>(new News(null, null));
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>(null);

  // set by the thread that draws, read by the one that reads
  private volatile int steps = 1;

  @Parameters(
      arity = "0..1",
      paramLabel = "FOLDER",
      description = "The folder that the minions report to.")
  private @Nullable Path folder;

  @Mixin
  @SuppressWarnings("UnusedVariable") // picocli does what it stands for
  private final HelpFlag help = new HelpFlag();

  /** What was read last; a new object each time. */
  private record News(@Nullable Report report, @Nullable String problem) {}

  /**
   * Makes the command.
   *
   * @param working the folder from which others are named
   */
  TopCommand(PrintStream err, Path working, Map<String, String> variables, InstantSource clock) {
    this.err = err;
    this.working = working;
    this.variables = variables;
    this.clock = clock;
  }

  @Override
  public Integer call() throws Exception {
    Path named = ReportFolder.of(folder, working, variables);
    String terminal = variables.getOrDefault("TERM", "");
    if (!Screens.isInteractive()) {
      err.println(
          "mtop: this is not a terminal, as input or output go elsewhere. Use minion-status, or"
              + " minion-status --watch.");
      return 2;
    }
    if (terminal.isEmpty() || terminal.equals("dumb")) {
      err.println(
          "mtop: the terminal '%s' cannot fill a screen. Set TERM, as in TERM=xterm mtop, or use minion-status --watch."
              .formatted(terminal));
      return 2;
    }
    AtomicInteger signal = new AtomicInteger();
    EndSignals.onEach(number -> signal.compareAndSet(0, number));
    run(named, new JLineBackend(), signal);
    Throwable thrown = failure.get();
    if (thrown != null) {
      err.println("mtop: it failed, which is a bug in Grain:");
      thrown.printStackTrace(err);
      return 1;
    }
    return signal.get() == 0 ? 0 : EndSignals.EXIT + signal.get();
  }

  /**
   * Fills the screen until the user quits or a signal comes.
   *
   * @param signal not 0 from when one has come
   */
  void run(Path named, Backend backend, AtomicInteger signal) throws Exception {
    View view = new View();
    TopScreen screen =
        new TopScreen(
            named.toString(),
            new Look(Letters.of(variables), variables.getOrDefault("NO_COLOR", "").isEmpty()),
            ZoneId.systemDefault());
    steps = TopScreen.steps(backend.size().width());
    TuiConfig config =
        TuiConfig.builder()
            .backend(backend)
            .tickRate(TICK)
            .pollTimeout(POLL)
            .errorOutput(err)
            .errorHandler((error, _) -> {
              failure.compareAndSet(null, error.cause());
              return ErrorAction.QUIT_IMMEDIATELY;
            })
            .build();
    Thread reading = Thread.ofPlatform().daemon().name("mtop-reader").unstarted(() -> read(named));
    try (TuiRunner runner = TuiRunner.create(config)) {
      reading.start();
      News[] shown = {news.get()};
      runner.run(
          (event, running) -> {
            boolean changed = onEvent(event, view, shown);
            if (view.isOver() || signal.get() != 0) {
              running.quit();
            }
            return changed;
          },
          frame -> {
            steps = TopScreen.steps(frame.width());
            screen.draw(view, frame.buffer());
          });
    } finally {
      reading.interrupt();
      reading.join();
    }
  }

  /** Returns why it ended by itself; null if it did not. */
  @Nullable Throwable failure() {
    return failure.get();
  }

  /** Returns whether the screen changes. */
  private boolean onEvent(Event event, View view, News[] shown) {
    return switch (event) {
      case KeyEvent key -> {
        view.onKey(key);
        yield true;
      }
      case TickEvent _ -> {
        News now = news.get();
        if (now == shown[0] && !view.isPaused()) {
          yield false;
        }
        shown[0] = now;
        yield view.onReport(now.report(), now.problem());
      }
      default -> false;
    };
  }

  /** Reads what is new each second, until it is interrupted. */
  private void read(Path named) {
    ReportReader reader = ReportReader.of(working.resolve(named), _ -> {}, clock);
    try {
      while (true) {
        try {
          Report report = reader.read(steps);
          news.set(new News(report, report.isEmpty() ? StatusCommand.noStat(report, named) : null));
        } catch (IOException e) {
          news.set(new News(null, StatusCommand.words(e, named)));
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      // the screen is closed
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
    }
  }
}
