package dev.grain;

import dev.grain.code.Codec;
import dev.grain.function.Act0;
import dev.grain.function.Act1;
import dev.grain.function.Act2;
import dev.grain.function.Act3;
import dev.grain.function.Act4;
import dev.grain.function.Fn0;
import dev.grain.function.Fn1;
import dev.grain.function.Fn2;
import dev.grain.function.Fn3;
import dev.grain.function.Fn4;
import dev.grain.job.Allocation;
import dev.grain.job.AttemptId;
import dev.grain.job.Request;
import dev.grain.job.Resource;
import dev.grain.job.SubtaskFailedException;
import dev.grain.node.call.RunningJob;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The way in: starts runs, and is what their orchestration code and their jobs call.
 *
 * <pre>{@code
 * List<Double> energies = Grain.runCombine(() -> {
 *   var wg = Grain.openWaitGroup();
 *   try (wg) {
 *     for (Molecule m : molecules) {
 *       wg.submit(cpu(3).and(memory("4GiB")), Jobs::energy, m);
 *     }
 *   }
 *   return wg.results(Double.class);
 * });
 * }</pre>
 *
 * <p>{@code openWaitGroup}, {@code waitGroup}, {@code exec}, {@code map}, {@code forEach} and
 * {@code stream} are for the main of a run and its subtasks. They find their run by a scoped value,
 * which parallel streams, executors and callbacks do not have; there, use a {@link GrainExecutor}.
 */
public final class Grain {
  private Grain() {}

  // ---- runs

  /**
   * Starts a run, runs the main in it, and ends the run. Jobs run in this process, on the cores of
   * this machine.
   *
   * @param main the orchestration code; it runs on the calling thread
   * @return the value of the main
   * @throws X what the main throws, as it is; jobs that have not ended are then cancelled
   */
  public static <R extends @Nullable Object, X extends Exception> R runCombine(
      Main<? extends R, ? extends X> main) throws X {
    return runCombine(main, RunOptions.defaults());
  }

  /** Starts a run whose main returns nothing; see {@link #runCombine(Main)}. */
  public static <X extends Exception> void runCombine(MainAct<? extends X> main) throws X {
    runCombine(main, RunOptions.defaults());
  }

  /**
   * Starts a run with options; see {@link #runCombine(Main)}.
   *
   * @throws X what the main throws, as it is
   */
  public static <R extends @Nullable Object, X extends Exception> R runCombine(
      Main<? extends R, ? extends X> main, RunOptions options) throws X {
    return GrainExecutor.open(options).runMain(main);
  }

  /** Starts a run with options whose main returns nothing; see {@link #runCombine(Main)}. */
  public static <X extends Exception> void runCombine(MainAct<? extends X> main, RunOptions options)
      throws X {
    Main<@Nullable Void, X> returning =
        () -> {
          main.run();
          return null;
        };
    runCombine(returning, options);
  }

  /**
   * Starts a run over workers; see {@link #runCombine(Main)}.
   *
   * @param workers the addresses of workers; none for this process alone
   * @throws X what the main throws, as it is
   * @throws dev.grain.job.NoWorkersException if a worker cannot be reached
   */
  public static <R extends @Nullable Object, X extends Exception> R runCombine(
      Main<? extends R, ? extends X> main, List<String> workers) throws X {
    return runCombine(main, RunOptions.defaults().workers(workers));
  }

  /** Starts a run over workers whose main returns nothing; see {@link #runCombine(Main, List)}. */
  public static <X extends Exception> void runCombine(
      MainAct<? extends X> main, List<String> workers) throws X {
    runCombine(main, RunOptions.defaults().workers(workers));
  }

  /**
   * Starts a run over workers, and bounds what is used of each; see {@link #runCombine(Main,
   * List)}.
   *
   * @param perWorker what to use of each worker at most, as {@link RunOptions#perWorker}
   * @throws X what the main throws, as it is
   */
  public static <R extends @Nullable Object, X extends Exception> R runCombine(
      Main<? extends R, ? extends X> main, List<String> workers, Resource perWorker) throws X {
    return runCombine(main, RunOptions.defaults().workers(workers).perWorker(perWorker));
  }

  /**
   * Starts a run over workers whose main returns nothing, and bounds what is used of each; see
   * {@link #runCombine(Main, List, Resource)}.
   */
  public static <X extends Exception> void runCombine(
      MainAct<? extends X> main, List<String> workers, Resource perWorker) throws X {
    runCombine(main, RunOptions.defaults().workers(workers).perWorker(perWorker));
  }

  /**
   * Starts a run and runs several mains in it side by side. If one fails, the others are cancelled.
   *
   * @param mains the orchestration codes; they run on virtual threads
   * @return their values, in the order of the mains
   * @throws RuntimeException what a main throws, as it is, if it is unchecked; the same holds for
   *     an {@code Error}; what further mains throw is suppressed in it
   * @throws dev.grain.job.SubtaskFailedException if a main throws a checked exception, which is the
   *     cause: the types of a list of lambdas do not tell which it could be
   */
  public static <R extends @Nullable Object> List<R> runCombine(
      List<? extends Main<? extends R, ? extends Exception>> mains) {
    return runCombine(mains, RunOptions.defaults());
  }

  /** Starts a run with options and runs several mains in it; see {@link #runCombine(List)}. */
  public static <R extends @Nullable Object> List<R> runCombine(
      List<? extends Main<? extends R, ? extends Exception>> mains, RunOptions options) {
    return runCombine(() -> sideBySide(mains), options);
  }

  /**
   * Starts a run over workers and runs several mains in it; see {@link #runCombine(List)} and
   * {@link #runCombine(Main, List)}.
   */
  public static <R extends @Nullable Object> List<R> runCombine(
      List<? extends Main<? extends R, ? extends Exception>> mains, List<String> workers) {
    return runCombine(mains, RunOptions.defaults().workers(workers));
  }

  /**
   * Starts a run over workers, bounds what is used of each, and runs several mains in it; see
   * {@link #runCombine(List)} and {@link #runCombine(Main, List, Resource)}.
   */
  public static <R extends @Nullable Object> List<R> runCombine(
      List<? extends Main<? extends R, ? extends Exception>> mains,
      List<String> workers,
      Resource perWorker) {
    return runCombine(mains, RunOptions.defaults().workers(workers).perWorker(perWorker));
  }

  private static <R extends @Nullable Object> List<R> sideBySide(
      List<? extends Main<? extends R, ? extends Exception>> mains) {
    List<Subtask<? extends R>> started = new ArrayList<>();
    try (WaitGroup group = openWaitGroup(GroupOptions.defaults().named("of the mains"))) {
      mains.forEach(main -> started.add(group.start(main)));
    } catch (SubtaskFailedException e) {
      throw thrownByMain(e);
    }
    List<R> values = new ArrayList<>();
    started.forEach(main -> values.add(main.result()));
    return Collections.unmodifiableList(values);
  }

  /** Throws what the main has thrown where that is possible; else returns what to throw. */
  private static SubtaskFailedException thrownByMain(SubtaskFailedException failure) {
    Throwable thrown = failure.getCause();
    if (thrown instanceof RuntimeException || thrown instanceof Error) {
      for (Throwable suppressed : failure.getSuppressed()) {
        thrown.addSuppressed(suppressed);
      }
    }
    return switch (thrown) {
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case null, default -> failure;
    };
  }

  // ---- for the main and its subtasks

  /**
   * Opens a wait group that the current thread owns; to be used in try-with-resources.
   *
   * @throws IllegalStateException outside of a run
   * @throws dev.grain.job.GroupCancelledException if a group around it was cancelled
   */
  public static WaitGroup openWaitGroup() {
    return openWaitGroup(GroupOptions.defaults());
  }

  /** Opens a wait group with options; see {@link #openWaitGroup()}. */
  public static WaitGroup openWaitGroup(GroupOptions options) {
    return new WaitGroup(Group.open(run("openWaitGroup"), options));
  }

  /**
   * Runs code with a wait group, and closes it. Whatever exception leaves the code, the group is
   * cancelled; one that the code catches does nothing to it.
   *
   * @param body what to do with the group
   * @return what the code returns
   */
  public static <R extends @Nullable Object> R waitGroup(Function<WaitGroup, R> body) {
    return waitGroup(GroupOptions.defaults(), body);
  }

  /** Runs code with a wait group that has options; see {@link #waitGroup(Function)}. */
  public static <R extends @Nullable Object> R waitGroup(
      GroupOptions options, Function<WaitGroup, R> body) {
    return Group.open(run("waitGroup"), options).run(body);
  }

  /**
   * Runs one job and waits for its value: a function that is sent to a worker with what it
   * captures.
   *
   * @param request what the job needs, such as {@code cpu(3)}, or {@link JobOptions}
   * @param function the function; lambdas and method references are fine
   * @throws dev.grain.job.JobException if the job failed
   * @throws dev.grain.job.EncodingException if the function or an argument cannot be encoded
   * @throws dev.grain.job.GrainInterruptedException if the thread is interrupted; the job is
   *     cancelled
   */
  public static <R extends @Nullable Object> R exec(Request request, Fn0<R> function) {
    return run("exec").exec(request, function);
  }

  /** Runs one job with a function of one argument; see {@link #exec(Request, Fn0)}. */
  public static <A extends @Nullable Object, R extends @Nullable Object> R exec(
      Request request, Fn1<A, R> function, A a) {
    return run("exec").exec(request, function, a);
  }

  /** Runs one job with a function of two arguments; see {@link #exec(Request, Fn0)}. */
  public static <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      R exec(Request request, Fn2<A, B, R> function, A a, B b) {
    return run("exec").exec(request, function, a, b);
  }

  /** Runs one job with a function of three arguments; see {@link #exec(Request, Fn0)}. */
  public static <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          R extends @Nullable Object>
      R exec(Request request, Fn3<A, B, C, R> function, A a, B b, C c) {
    return run("exec").exec(request, function, a, b, c);
  }

  /** Runs one job with a function of four arguments; see {@link #exec(Request, Fn0)}. */
  public static <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object,
          R extends @Nullable Object>
      R exec(Request request, Fn4<A, B, C, D, R> function, A a, B b, C c, D d) {
    return run("exec").exec(request, function, a, b, c, d);
  }

  /**
   * Runs one job with a function of no arguments that returns nothing; see {@link #exec(Request,
   * Fn0)}.
   */
  public static void exec(Request request, Act0 function) {
    run("exec").exec(request, function);
  }

  /**
   * Runs one job with a function of one argument that returns nothing; see {@link #exec(Request,
   * Fn0)}.
   */
  public static <A extends @Nullable Object> void exec(Request request, Act1<A> function, A a) {
    run("exec").exec(request, function, a);
  }

  /**
   * Runs one job with a function of two arguments that returns nothing; see {@link #exec(Request,
   * Fn0)}.
   */
  public static <A extends @Nullable Object, B extends @Nullable Object> void exec(
      Request request, Act2<A, B> function, A a, B b) {
    run("exec").exec(request, function, a, b);
  }

  /**
   * Runs one job with a function of three arguments that returns nothing; see {@link #exec(Request,
   * Fn0)}.
   */
  public static <A extends @Nullable Object, B extends @Nullable Object, C extends @Nullable Object>
      void exec(Request request, Act3<A, B, C> function, A a, B b, C c) {
    run("exec").exec(request, function, a, b, c);
  }

  /**
   * Runs one job with a function of four arguments that returns nothing; see {@link #exec(Request,
   * Fn0)}.
   */
  public static <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object>
      void exec(Request request, Act4<A, B, C, D> function, A a, B b, C c, D d) {
    run("exec").exec(request, function, a, b, c, d);
  }

  /**
   * Runs a function over many inputs, each a job, and returns the results in the order of the
   * inputs. Inputs are taken as the queue has room for them. Unlike a group, every input is tried
   * even if others fail.
   *
   * @param request what each job needs
   * @param function the function of one input
   * @param inputs the inputs; taken lazily, by the calling thread
   * @throws dev.grain.job.MapException if inputs failed, or could not be encoded; it names them and
   *     keeps the other results
   * @throws dev.grain.job.EncodingException if the function cannot be encoded
   * @throws dev.grain.job.GrainInterruptedException if the thread is interrupted; what is on its
   *     way is cancelled
   */
  public static <A extends @Nullable Object, R extends @Nullable Object> List<R> map(
      Request request, Fn1<A, R> function, Iterable<? extends A> inputs) {
    return new MapCall<A, R>(run("map"), request, function, inputs.iterator(), Integer.MAX_VALUE)
        .toList();
  }

  /**
   * Runs a function that returns nothing over many inputs, each a job; see {@link #map}. Inputs may
   * be endless in number: only a window of them is on its way.
   *
   * @throws dev.grain.job.MapException if inputs failed; it names them
   */
  public static <A extends @Nullable Object> void forEach(
      Request request, Act1<A> function, Iterable<? extends A> inputs) {
    new MapCall<A, @Nullable Void>(
            run("forEach"), request, function, inputs.iterator(), RunLimits.MAP_WINDOW)
        .drain();
  }

  /**
   * Runs a function over many inputs, each a job, and returns the results as they come, whichever
   * is first. Only a window of inputs is on its way or waits to be consumed, so inputs may be
   * endless in number. Every input is tried even if others fail.
   *
   * <p>The stream is consumed by the calling thread. Closing it cancels what is on its way. Its end
   * throws {@code MapException} if inputs failed, which names them.
   *
   * @param request what each job needs
   * @param function the function of one input
   * @param inputs the inputs; taken lazily, by the thread that consumes the stream
   */
  public static <A extends @Nullable Object, R extends @Nullable Object> Stream<R> stream(
      Request request, Fn1<A, R> function, Iterable<? extends A> inputs) {
    return new MapCall<A, R>(
            run("stream"), request, function, inputs.iterator(), RunLimits.MAP_WINDOW)
        .stream();
  }

  // ---- for jobs

  /**
   * Returns what the running job holds: the cores, the GPUs, the memory that it may use.
   *
   * @throws IllegalStateException in a thread that runs no job; a job reads it and hands it to the
   *     threads that it starts itself
   */
  public static Allocation allocation() {
    return runningJob("allocation").allocation();
  }

  /**
   * Returns the attempt that is running: run, job and number, fit for the names of files.
   *
   * @throws IllegalStateException in a thread that runs no job; a job reads it and hands it to the
   *     threads that it starts itself
   */
  public static AttemptId job() {
    return runningJob("job").id();
  }

  private static RunningJob runningJob(String method) {
    return RunningJob.current()
        .orElseThrow(() ->
            new IllegalStateException(
                ("Grain.%s() is for the thread that runs a job, and this is %s. In a thread that"
                        + " a job starts itself, it is not known: read it in the job and hand it"
                        + " over.")
                    .formatted(method, Thread.currentThread())));
  }

  private static Run run(String method) {
    return Orchestration.current().map(Orchestration::run).orElseThrow(() -> outsideOfRun(method));
  }

  private static IllegalStateException outsideOfRun(String method) {
    String way =
        RunningJob.current().isPresent()
            ? Codec.NO_FURTHER_JOBS
            : "Call it in the main of Grain.runCombine or in a subtask. In a parallel stream, an"
                + " executor's thread or a callback the run is not known: open a GrainExecutor there,"
                + " whose methods work in every thread.";
    return new IllegalStateException(
        "Grain.%s() was called outside of a run, in %s. %s"
            .formatted(method, Thread.currentThread(), way));
  }
}
