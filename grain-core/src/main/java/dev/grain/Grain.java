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
import dev.grain.node.call.RunningJob;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The entry point: starts runs, opens wait groups and submits jobs.
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
 * {@code stream} must be called in the main of a run or in one of its subtasks. They find the run
 * by a scoped value, which parallel streams, executors and callbacks do not inherit; use a {@link
 * GrainExecutor} there.
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
   * @throws X the exception that the main throws, unwrapped; jobs that have not ended are then
   *     cancelled
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
   * @throws X the exception that the main throws, unwrapped
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
   * @param workers the addresses of workers; an empty list runs the jobs in this process
   * @throws X the exception that the main throws, unwrapped
   * @throws dev.grain.NoWorkersException if a worker cannot be reached
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
   * Starts a run over workers and limits what it uses of each; see {@link #runCombine(Main, List)}.
   *
   * @param perWorker what to use of each worker at most, as {@link RunOptions#perWorker}
   * @throws X the exception that the main throws, unwrapped
   */
  public static <R extends @Nullable Object, X extends Exception> R runCombine(
      Main<? extends R, ? extends X> main, List<String> workers, Resource perWorker) throws X {
    return runCombine(main, RunOptions.defaults().workers(workers).perWorker(perWorker));
  }

  /**
   * Starts a run over workers whose main returns nothing and limits what it uses of each; see
   * {@link #runCombine(Main, List, Resource)}.
   */
  public static <X extends Exception> void runCombine(
      MainAct<? extends X> main, List<String> workers, Resource perWorker) throws X {
    runCombine(main, RunOptions.defaults().workers(workers).perWorker(perWorker));
  }

  /**
   * Starts a run and runs several mains in it concurrently. If one fails, the others are cancelled.
   *
   * @param mains the orchestration code; each main runs on a virtual thread
   * @return their values, in the order of the mains
   * @throws RuntimeException the unchecked exception that a main throws, unwrapped; an {@code
   *     Error} likewise. Exceptions of further mains are suppressed in it
   * @throws dev.grain.SubtaskFailedException if a main throws a checked exception, which is the
   *     cause
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
   * Starts a run over workers, limits what it uses of each, and runs several mains in it; see
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
   * Opens a wait group that the current thread owns. Use it in try-with-resources.
   *
   * @throws IllegalStateException if called outside a run
   * @throws dev.grain.GroupCancelledException if a group around it was cancelled
   */
  public static WaitGroup openWaitGroup() {
    return openWaitGroup(GroupOptions.defaults());
  }

  /** Opens a wait group with options; see {@link #openWaitGroup()}. */
  public static WaitGroup openWaitGroup(GroupOptions options) {
    return new WaitGroup(Group.open(run("openWaitGroup"), options));
  }

  /**
   * Runs code with a wait group, and closes it. If the code throws any exception, the group is
   * cancelled; an exception that the code catches has no effect on the group.
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
   * Runs one job and waits for its value. The function is sent to a worker together with its
   * captured values.
   *
   * @param request what the job needs, such as {@code cpu(3)}, or {@link JobOptions}
   * @param function the function, such as a lambda or a method reference
   * @throws dev.grain.JobException if the job failed
   * @throws dev.grain.EncodingException if the function or an argument cannot be encoded
   * @throws dev.grain.GrainInterruptedException if the thread is interrupted; the job is cancelled
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
   * Runs one job with a program and waits for its end.
   *
   * @param request what the job needs, such as {@code cpu(2)}, or {@link JobOptions}
   * @param command the program and its arguments
   * @throws dev.grain.JobException if the job failed; the cause of a {@link JobFailedException} is
   *     a {@link CommandException} if the program ended with another exit code
   * @throws dev.grain.GrainInterruptedException if the thread is interrupted; the job is cancelled
   */
  public static CommandResult exec(Request request, Command command) {
    return run("exec").exec(request, JobBody.Started.of(command));
  }

  /**
   * Runs one job with a function by its name and waits for its value; see {@link FunctionRef}.
   *
   * @param request what the job needs, such as {@code cpu(2)}; with {@link JobOptions}, also where
   *     the code of the function comes from
   * @param function the name of the function
   * @param arguments are converted to JSON
   * @throws dev.grain.JobException if the job failed
   * @throws dev.grain.EncodingException if an argument has no JSON
   * @throws dev.grain.GrainInterruptedException if the thread is interrupted; the job is cancelled
   */
  public static <R extends @Nullable Object> R exec(
      Request request, FunctionRef<R> function, @Nullable Object... arguments) {
    return run("exec").exec(request, new JobBody.Named(request, function, arguments));
  }

  /**
   * Runs a function over many inputs, each a job, and returns the results in the order of the
   * inputs. Inputs are read as the queue has room for them. Unlike a wait group, a map tries every
   * input even if others fail.
   *
   * @param request what each job needs
   * @param function the function of one input
   * @param inputs the inputs; read lazily by the calling thread
   * @throws dev.grain.MapException if inputs failed or could not be encoded; it names them and has
   *     the results of the others
   * @throws dev.grain.EncodingException if the function cannot be encoded
   * @throws dev.grain.GrainInterruptedException if the thread is interrupted; unfinished jobs are
   *     cancelled
   */
  public static <A extends @Nullable Object, R extends @Nullable Object> List<R> map(
      Request request, Fn1<A, R> function, Iterable<? extends A> inputs) {
    return MapCall.<A, R>ofAll(run("map"), request, MapWork.of(function), inputs).toList();
  }

  /**
   * Runs a program with many inputs, each a job; see {@link #map(Request, Fn1, Iterable)}.
   *
   * @param template a command in which placeholders stand for an input; see {@link
   *     Command#template}
   * @throws IllegalArgumentException if the command is no template
   * @throws dev.grain.MapException if inputs failed, or have no value for a placeholder
   */
  public static <A extends @Nullable Object> List<CommandResult> map(
      Request request, Command template, Iterable<? extends A> inputs) {
    return MapCall.<A, CommandResult>ofAll(run("map"), request, MapWork.of(template), inputs)
        .toList();
  }

  /**
   * Runs a function by its name over many inputs, each a job; see {@link #map(Request, Fn1,
   * Iterable)} and {@link FunctionRef}.
   *
   * @param function the name of a function of one parameter
   */
  public static <R extends @Nullable Object> List<R> map(
      Request request, FunctionRef<R> function, Iterable<?> inputs) {
    return MapCall.<@Nullable Object, R>ofAll(
            run("map"), request, MapWork.of(request, function), inputs)
        .toList();
  }

  /**
   * Runs a function that returns nothing over many inputs, each a job; see {@link #map(Request,
   * Fn1, Iterable)}. There may be any number of inputs: only a bounded window of them is in
   * progress.
   *
   * @throws dev.grain.MapException if inputs failed; it names them
   */
  public static <A extends @Nullable Object> void forEach(
      Request request, Act1<A> function, Iterable<? extends A> inputs) {
    MapCall.<A, @Nullable Void>ofWindow(run("forEach"), request, MapWork.of(function), inputs)
        .drain();
  }

  /**
   * Runs a function over many inputs, each a job, and returns a future for each, in the order of
   * the inputs. An input is taken, and its job submitted, when its future is taken from the stream;
   * that waits while 1,024 jobs of the stream are unfinished. So inputs may be endless in number.
   *
   * <p>A future that completes with an exception has a {@link JobException}, and the others go on.
   * Cancelling a future cancels its job. What depends on a future runs as soon as its job has
   * ended. Closing the stream only takes no more inputs.
   *
   * <p>The stream is sequential, for one thread at a time. It throws {@code EncodingException} if
   * the function cannot be encoded, and {@code GrainInterruptedException} if the thread is
   * interrupted while it waits.
   *
   * @param request what each job needs
   * @param function the function of one input
   * @param inputs the inputs; taken lazily by the thread that takes the futures
   */
  public static <A extends @Nullable Object, R extends @Nullable Object>
      Stream<CompletableFuture<R>> mapAsync(
          Request request, Fn1<A, R> function, Iterable<? extends A> inputs) {
    return MapFutures.<A, R>stream(run("mapAsync"), request, MapWork.of(function), inputs);
  }

  /** Runs a program with many inputs, each a job; see {@link #mapAsync(Request, Fn1, Iterable)}. */
  public static <A extends @Nullable Object> Stream<CompletableFuture<CommandResult>> mapAsync(
      Request request, Command template, Iterable<? extends A> inputs) {
    return MapFutures.<A, CommandResult>stream(
        run("mapAsync"), request, MapWork.of(template), inputs);
  }

  /**
   * Runs a function by its name over many inputs, each a job; see {@link #mapAsync(Request, Fn1,
   * Iterable)} and {@link FunctionRef}.
   *
   * @param function the name of a function of one parameter
   */
  public static <R extends @Nullable Object> Stream<CompletableFuture<R>> mapAsync(
      Request request, FunctionRef<R> function, Iterable<?> inputs) {
    return MapFutures.<@Nullable Object, R>stream(
        run("mapAsync"), request, MapWork.of(request, function), inputs);
  }

  /**
   * Runs a function over many inputs, each a job, and returns the results as they come, whichever
   * is first. Only a window of inputs is on its way or waits to be consumed, so inputs may be
   * endless in number, and may come slowly: a result is there before the next input is. Results
   * that wait to be consumed take at most a quarter of the heap, or there is one. Every input is
   * tried even if others fail.
   *
   * <p>The stream is sequential, for one thread at a time. Closing it cancels what is on its way,
   * and interrupts the iterator of the inputs. Its end throws {@code MapException} if inputs
   * failed, which names them; what the iterator throws, the stream throws at once.
   *
   * @param request what each job needs
   * @param function the function of one input
   * @param inputs the inputs; taken lazily, from the first look for a result on, by a virtual
   *     thread of the run, which may block as long as it likes
   */
  public static <A extends @Nullable Object, R extends @Nullable Object> Stream<R> stream(
      Request request, Fn1<A, R> function, Iterable<? extends A> inputs) {
    return MapCall.<A, R>ofWindow(run("stream"), request, MapWork.of(function), inputs).stream();
  }

  // ---- for jobs

  /**
   * Returns the allocation of the running job: the cores, GPUs and memory that it may use.
   *
   * @throws IllegalStateException if the current thread does not run a job. A job that starts
   *     threads itself must pass the value to them
   */
  public static Allocation allocation() {
    return runningJob("allocation").allocation();
  }

  /**
   * Returns the id of the running attempt: run, job and number. It can be used in file names.
   *
   * @throws IllegalStateException if the current thread does not run a job. A job that starts
   *     threads itself must pass the value to them
   */
  public static AttemptId job() {
    return runningJob("job").id();
  }

  private static RunningJob runningJob(String method) {
    return RunningJob.current()
        .orElseThrow(() ->
            new IllegalStateException(
                ("Grain.%s() must be called by the thread that runs a job, but was called by "
                        + "%s. If the job starts threads itself, call it in the job and pass the "
                        + "value to them.")
                    .formatted(method, Thread.currentThread())));
  }

  private static Run run(String method) {
    return Orchestration.current().map(Orchestration::run).orElseThrow(() -> outsideOfRun(method));
  }

  private static IllegalStateException outsideOfRun(String method) {
    String way =
        RunningJob.current().isPresent()
            ? Codec.NO_FURTHER_JOBS
            : "Call it in the main of Grain.runCombine or in a subtask. In parallel streams, "
                + "executors and callbacks, use a GrainExecutor, whose methods may be called from "
                + "any thread.";
    return new IllegalStateException(
        "Grain.%s() was called outside a run, by %s. %s"
            .formatted(method, Thread.currentThread(), way));
  }
}
