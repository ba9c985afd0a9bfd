package dev.grain.cli.run;

import dev.grain.Command;
import dev.grain.CommandResult;
import dev.grain.EncodingException;
import dev.grain.GrainException;
import dev.grain.GrainExecutor;
import dev.grain.GrainInterruptedException;
import dev.grain.Job;
import dev.grain.JobException;
import dev.grain.JobOptions;
import dev.grain.JobStatus;
import dev.grain.OutputListener.Output;
import dev.grain.RunOptions;
import dev.grain.cli.run.Ending.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes jobs of inputs, and stops them when it is time to. The calling thread submits; another
 * thread reads the inputs, because reading cannot be interrupted; the ends of jobs are reported on
 * virtual threads of the library.
 */
final class JobRun {
  /** How many jobs are not reported yet at a time; those that wait for others take little. */
  private static final int WINDOW = 1024;

  private static final int WINDOW_BY_NUMBER = 16 * 1024;
  private static final int READ_AHEAD = 64;

  /** After how many jobs that could not start for the same reason none will. */
  private static final int HOPELESS = 20;

  private final Plan plan;
  private final Path folder;
  private final Semaphore window;
  private final Semaphore atOnce;
  private final Consumer<Task> onEnd;
  private final BlockingQueue<Next> inputs = new ArrayBlockingQueue<>(READ_AHEAD);
  private final Thread submitter = Thread.currentThread();
  // added to by the submitter, removed from by the reporter
  private final Map<Long, Task> tasks = new ConcurrentHashMap<>();

  // only accessed by the submitter
  private long taken;

  // all guarded by this
  private boolean submitting = true;
  private boolean hasReadAll;
  private Halt.@Nullable When stop;
  private @Nullable String failure;
  private long begun;
  private long succeeded;
  private long failed;
  private long started;
  private String lastReason = "";
  private int sameReason;

  /** What the reading thread hands over. */
  private sealed interface Next {
    record One(Input input) implements Next {}

    record End(@Nullable String problem) implements Next {}
  }

  /**
   * Makes a run of which nothing has begun; for the thread that submits.
   *
   * @param folder an existing folder for what jobs print
   * @param onEnd receives each job once it has ended, on any thread
   */
  JobRun(Plan plan, Path folder, Consumer<Task> onEnd) {
    this.plan = plan;
    this.folder = folder;
    this.onEnd = onEnd;
    this.window =
        new Semaphore(plan.display().order() == Plan.Order.BY_NUMBER ? WINDOW_BY_NUMBER : WINDOW);
    this.atOnce = new Semaphore(plan.atOnce() == 0 ? Integer.MAX_VALUE : plan.atOnce());
  }

  /** Returns the options of the run. */
  RunOptions options() {
    RunOptions options = plan.run().echo(false);
    return plan.remote() ? options.onOutput(this::onOutput) : options;
  }

  /**
   * Submits a job for each input, until they are over or the run is stopped. Returns how many jobs
   * were begun.
   */
  long submitAll(GrainExecutor grain) {
    Thread.ofPlatform().daemon().name("grain-run-inputs").start(this::read);
    try {
      for (Input input = take(); input != null; input = take()) {
        atOnce.acquire();
        window.acquire();
        begin(grain, input);
      }
    } catch (InterruptedException | GrainInterruptedException e) {
      // by stop()
    } catch (GrainException e) {
      fail(String.valueOf(e.getMessage()));
    }
    synchronized (this) {
      submitting = false;
      // one that was stopped may not have come to the end that was there already
      hasReadAll |=
          taken == begun && inputs.peek() instanceof Next.End(String problem) && problem == null;
      var _ = Thread.interrupted();
      return begun;
    }
  }

  private @Nullable Input take() throws InterruptedException {
    if (isStopped()) {
      return null;
    }
    return switch (inputs.take()) {
      case Next.One(Input input) -> {
        taken++;
        yield input;
      }
      case Next.End(String problem) -> {
        if (problem == null) {
          onAllRead();
        } else {
          fail(problem);
        }
        yield null;
      }
    };
  }

  private synchronized void onAllRead() {
    hasReadAll = true;
  }

  private void read() {
    String problem = null;
    try {
      Iterator<Input> all = plan.inputs().open();
      while (all.hasNext() && !isStopped()) {
        inputs.put(new Next.One(all.next()));
      }
    } catch (UncheckedIOException e) {
      problem = Source.sentence(e);
    } catch (RuntimeException | Error e) {
      // whatever it is, the thread that submits must not wait for further inputs
      problem = "Reading the inputs failed: " + e;
    } catch (InterruptedException e) {
      // nobody does
    }
    try {
      inputs.put(new Next.End(problem));
    } catch (InterruptedException e) {
      // nobody does
    }
  }

  private void begin(GrainExecutor grain, Input input) {
    Task task = new Task(input, file(input, "out"), file(input, "err"));
    synchronized (this) {
      begun++;
    }
    tasks.put(input.number(), task);
    String problem = plan.template().problem(input);
    if (problem != null) {
      ended(task, Ending.notStarted(problem));
      return;
    }
    Job<CommandResult> job;
    try {
      job = grain.submit(optionsOf(input), command(), valuesOf(task));
    } catch (EncodingException e) {
      ended(task, Ending.notStarted(String.valueOf(e.getMessage())));
      return;
    } catch (RuntimeException e) {
      ended(task, cancelled());
      throw e;
    }
    task.submitted(job);
    if (isStopped()) {
      stop(task);
    }
    var _ = job.toFuture().whenComplete((result, error) -> onEnd(task, job, result, error));
  }

  private static Ending cancelled() {
    Ending like = Ending.notStarted("the run was stopped");
    return new Ending(
        Kind.CANCELLED, -1, null, like.ran(), null, -1, "", 0, false, like.reason(), like.at(), "");
  }

  private Path file(Input input, String ending) {
    String number = Long.toString(input.number());
    return folder.resolve("0".repeat(Math.max(0, 6 - number.length())) + number + "." + ending);
  }

  private JobOptions optionsOf(Input input) {
    JobOptions options = plan.job();
    if (plan.remote()) {
      options = options.named(Long.toString(input.number()));
    }
    return plan.journal() == null ? options : options.key(plan.template().key(input));
  }

  private Command command() {
    return plan.remote() ? plan.template().command() : plan.template().commandToFiles();
  }

  private Map<String, String> valuesOf(Task task) {
    return plan.remote()
        ? plan.template().values(task.input())
        : plan.template().values(task.input(), task.out().path(), task.err().path());
  }

  private void onOutput(Output output) {
    Task task = output.name().isEmpty() ? null : tasks.get(Long.valueOf(output.name()));
    if (task != null) {
      try {
        task.receive(output.text(), output.error());
      } catch (IOException e) {
        fail(unwritable(e));
      }
    }
  }

  private String unwritable(IOException e) {
    return "The output of a job cannot be written to %s: %s".formatted(folder, e.getMessage());
  }

  // ---------------------------------------------------------------- the end of a job

  private void onEnd(
      Task task,
      Job<CommandResult> job,
      @Nullable CommandResult result,
      @Nullable Throwable error) {
    if (result != null) {
      awaitOutput(task, job);
      ended(task, Ending.succeeded(result, job.attempts(), job.isFromJournal()));
      return;
    }
    Throwable why =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    if (why instanceof JobException failure) {
      awaitOutput(task, job);
      ended(task, Ending.of(failure));
    } else {
      fail(String.valueOf(why == null ? null : why.getMessage()));
      ended(task, cancelled());
    }
  }

  private void awaitOutput(Task task, Job<CommandResult> job) {
    if (plan.remote()) {
      try {
        task.awaitReceived(job.output());
        if (plan.display().output() != null && !job.isFromJournal() && !job.attempts().isEmpty()) {
          task.receiveAll();
        }
      } catch (IOException e) {
        fail(unwritable(e));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void ended(Task task, Ending ending) {
    task.end(ending);
    atOnce.release();
    onEnd.accept(task);
    count(ending);
  }

  private void count(Ending ending) {
    Halt.When when = null;
    synchronized (this) {
      succeeded += ending.kind() == Kind.SUCCEEDED ? 1 : 0;
      failed += ending.kind().isFailure() ? 1 : 0;
      started += ending.kind() == Kind.NOT_STARTED || ending.kind() == Kind.CANCELLED ? 0 : 1;
      if (ending.kind() == Kind.NOT_STARTED) {
        sameReason = ending.reason().equals(lastReason) ? sameReason + 1 : 1;
        lastReason = ending.reason();
      }
      if (plan.halt().isReached(succeeded, failed)) {
        when = plan.halt().when();
      } else if (started == 0 && sameReason >= HOPELESS) {
        when = Halt.When.NOW;
        failure =
            failure == null
                ? "None of %s jobs could start, so the others were not tried.".formatted(sameReason)
                : failure;
      }
    }
    if (when != null) {
      stop(when);
    }
  }

  /** The job has been reported, and nobody needs it any more. */
  void forget(Task task) {
    tasks.remove(task.input().number());
    window.release();
  }

  /** Returns the jobs that were begun and not reported. */
  Collection<Task> tasks() {
    return tasks.values();
  }

  @Nullable Task task(long number) {
    return tasks.get(number);
  }

  /** Returns whether the job runs, as far as is known. */
  static boolean isRunning(Task task) {
    Job<CommandResult> job = task.job();
    return job != null && (job.status() == JobStatus.RUNNING || job.status() == JobStatus.STOPPING);
  }

  // ---------------------------------------------------------------- stopping, for all threads

  /** Takes no further inputs, and cancels what does not run; or what runs as well. */
  void stop(Halt.When when) {
    synchronized (this) {
      if (stop == Halt.When.NOW || stop == when) {
        return;
      }
      stop = when;
      if (submitting) {
        submitter.interrupt();
      }
    }
    tasks.values().forEach(this::stop);
  }

  private void stop(Task task) {
    Job<CommandResult> job = task.job();
    if (job != null && (isStoppedNow() || job.status() == JobStatus.QUEUED)) {
      job.cancel();
    }
  }

  /** Stops because of something that is no job's fault. */
  void fail(String why) {
    synchronized (this) {
      failure = failure == null ? why : failure;
    }
    stop(Halt.When.NOW);
  }

  private synchronized boolean isStopped() {
    return stop != null;
  }

  private synchronized boolean isStoppedNow() {
    return stop == Halt.When.NOW;
  }

  /** Returns whether it was told to end before its jobs had. */
  boolean wasStopped() {
    return isStopped();
  }

  /** Returns whether a job was made of every input. */
  synchronized boolean hasReadAll() {
    return hasReadAll;
  }

  /** Returns why it was stopped, if that is no job's fault; null otherwise. */
  synchronized @Nullable String failure() {
    return failure;
  }
}
