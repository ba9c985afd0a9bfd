package dev.grain.cli.run;

import dev.grain.GrainException;
import dev.grain.GrainExecutor;
import dev.grain.RunOptions;
import dev.grain.cli.run.Ending.Kind;
import dev.grain.folder.ProcessFolder;
import dev.grain.posix.EndSignals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A run from its start to the table at its end. For one thread, but for signals. */
final class Session {
  static final int FAILED = 1;

  /** As of a program that SIGPIPE ends, which is how others end that nobody reads. */
  static final int UNREAD = EndSignals.EXIT + 13;

  private final Plan plan;
  private final Console console;
  private final boolean takesSignals;
  // set by the thread of a signal
  private volatile int signal;

  Session(Plan plan, Console console, boolean takesSignals) {
    this.plan = plan;
    this.console = console;
    this.takesSignals = takesSignals;
  }

  /** Runs the jobs, and returns the exit code. */
  int run() {
    Path output = plan.display().output();
    try {
      return output == null ? runWithTemporaryFiles() : runInto(folder(output));
    } catch (IOException | GrainException e) {
      console.say(String.valueOf(e.getMessage()));
      return FAILED;
    }
  }

  /**
   * Runs the jobs with a folder for what they print, which a later run removes if this is killed.
   */
  private int runWithTemporaryFiles() throws IOException {
    Path parent = temporaryFiles();
    ProcessFolder temporary = ProcessFolder.temporary(parent, "grain-run-");
    Path folder;
    try {
      folder = temporary.open();
    } catch (IOException e) {
      throw new IOException(
          ("No folder for the output of jobs can be created in %s. Set TMPDIR to a folder that can"
                  + " be written.")
              .formatted(parent),
          e);
    }
    try {
      return runInto(folder);
    } finally {
      temporary.close();
    }
  }

  /** As other programs, and unlike Java. */
  private static Path temporaryFiles() {
    String named = System.getenv("TMPDIR");
    return Path.of(named == null || named.isEmpty() ? System.getProperty("java.io.tmpdir") : named)
        .toAbsolutePath();
  }

  private int runInto(Path folder) throws IOException {
    try (Records records = Records.open(plan.display(), plan.template())) {
      return run(folder, records);
    }
  }

  private static Path folder(Path output) throws IOException {
    try {
      return Files.createDirectories(output);
    } catch (IOException e) {
      throw new IOException(
          Files.exists(output)
              ? "The folder for the output, %s, is a file.".formatted(output)
              : "The folder for the output, %s, cannot be created.".formatted(output),
          e);
    }
  }

  private int run(Path folder, Records records) throws IOException {
    long began = System.nanoTime();
    Reporter reporter = new Reporter(plan, console, records);
    JobRun run = new JobRun(plan, folder, reporter::add);
    try (GrainExecutor grain = open(run.options())) {
      if (takesSignals) {
        EndSignals.onFirst(number -> onSignal(number, run));
      }
      Thread thread = reporter.start(run);
      long begun = run.submitAll(grain);
      reporter.await(thread, begun);
    }
    tellEnd(reporter, run, Duration.ofNanos(System.nanoTime() - began));
    return exitCode(reporter, run);
  }

  private static GrainExecutor open(RunOptions options) throws IOException {
    try {
      return GrainExecutor.open(options);
    } catch (IllegalStateException e) {
      // such as limits that cannot be enforced
      throw new IOException(e.getMessage(), e);
    }
  }

  private void onSignal(int number, JobRun run) {
    signal = number;
    console.say("stopping the jobs; a second Ctrl-C kills them at once");
    run.stop(Halt.When.NOW);
  }

  private int exitCode(Reporter reporter, JobRun run) {
    if (signal != 0) {
      return EndSignals.EXIT + signal;
    }
    if (reporter.isUnread()) {
      return UNREAD;
    }
    return run.failure() != null || reporter.summary().failed() > 0 ? FAILED : 0;
  }

  private void tellEnd(Reporter reporter, JobRun run, Duration took) {
    String failure = run.failure();
    if (failure != null) {
      console.say(failure);
    }
    long alike = reporter.alike();
    if (alike > 0) {
      console.say(
          "%s not started for the same reason"
              .formatted(alike == 1 ? "one more job was" : alike + " more jobs were"));
    }
    if (plan.display().quiet() || reporter.isUnread()) {
      return;
    }
    Summary summary = reporter.summary();
    if (failure != null && summary.total() == 0) {
      return;
    }
    List<String> table = summary.total() == 1 ? List.of() : summary.table();
    table.forEach(console::line);
    console.line("grain run: " + line(summary, run, took));
  }

  private String line(Summary summary, JobRun run, Duration took) {
    if (summary.total() == 0 && !run.wasStopped()) {
      return "there were no inputs, so nothing was run";
    }
    boolean failures = summary.failed() > 0 && plan.halt().equals(Halt.AT_FIRST_FAILURE);
    String line = summary.line(took, plan.inputs().count(), run.hasReadAll());
    boolean left = summary.count(Kind.CANCELLED) + summary.count(Kind.STOPPED) > 0;
    return failures && run.wasStopped() && (left || hasMore(summary, run))
        ? line + "; --keep-going runs them all the same"
        : line;
  }

  private boolean hasMore(Summary summary, JobRun run) {
    return !run.hasReadAll() && plan.inputs().count().orElse(Long.MAX_VALUE) > summary.total();
  }
}
