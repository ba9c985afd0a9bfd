package dev.grain;

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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A handle to a run that you open and close yourself. Use it in programs that cannot pass a main to
 * {@link Grain#runCombine(Main)}, and from parallel streams, callbacks and servers. Its methods may
 * be called from any thread.
 *
 * <p>A job that is submitted to the executor belongs to no wait group; {@link #close()} waits for
 * it.
 *
 * <pre>{@code
 * try (var grain = GrainExecutor.open()) {
 *   List<Integer> lengths = grain.map(cpu(1), String::length, words);
 * }
 * }</pre>
 */
public final class GrainExecutor extends Submitter implements AutoCloseable {
  private final Run run;
  private final ShutdownHook sentinel;

  private GrainExecutor(RunOptions options) {
    this.run = Run.open(options);
    this.sentinel = ShutdownHook.watch(run);
  }

  /** Starts a run whose jobs run in this process, on the cores of this machine. */
  public static GrainExecutor open() {
    return open(RunOptions.defaults());
  }

  /**
   * Starts a run with options and waits for the workers that they require.
   *
   * @throws dev.grain.NoWorkersException if they cannot be reached; the message names them and the
   *     reasons
   * @throws dev.grain.JournalException if it is to have a journal that cannot be opened
   * @throws dev.grain.GrainInterruptedException if the thread is interrupted while it waits
   */
  public static GrainExecutor open(RunOptions options) {
    return new GrainExecutor(options);
  }

  /**
   * Returns the address at which workers can join this run, as {@code HOST:PORT}, if it {@linkplain
   * RunOptions#listen(int) listens}.
   */
  public Optional<String> address() {
    return run.address();
  }

  /**
   * Returns statistics of this run. The call is cheap, takes a few milliseconds at most, and
   * ignores interrupts. After the executor is closed, it returns the final statistics.
   */
  public RunStats stats() {
    return run.stats();
  }

  /**
   * Explains in one sentence why a job is in its state, as {@link Job#explain()} does. It does not
   * know how a job has ended, and searches the whole queue for one that has not; prefer {@link
   * Job#explain()}.
   *
   * @throws IllegalArgumentException if no job of this run has the id
   */
  public String explain(JobId job) {
    return run.explain(job);
  }

  /** Runs the main, then ends the run; if the main throws, its jobs are cancelled. */
  <R extends @Nullable Object, X extends Exception> R runMain(Main<R, X> main) throws X {
    R value;
    try {
      value = Orchestration.call(run, null, run.path().nextMain(), main);
    } catch (Throwable e) {
      try {
        close(true);
      } catch (RuntimeException atEnd) {
        e.addSuppressed(atEnd);
      }
      throw e;
    }
    close(false);
    return value;
  }

  /**
   * Opens a wait group that the current thread owns. Use it in try-with-resources.
   *
   * @throws IllegalStateException if the executor is closed
   */
  public WaitGroup openWaitGroup() {
    return openWaitGroup(GroupOptions.defaults());
  }

  /** Opens a wait group with options; see {@link #openWaitGroup()}. */
  public WaitGroup openWaitGroup(GroupOptions options) {
    return new WaitGroup(Group.open(run, options));
  }

  /**
   * Runs code with a wait group that the current thread owns, and closes it. If the code throws any
   * exception, the group is cancelled; an exception that the code catches has no effect on the
   * group.
   *
   * @param body what to do with the group
   * @return what the code returns
   * @throws IllegalStateException if the executor is closed
   */
  public <R extends @Nullable Object> R waitGroup(Function<WaitGroup, R> body) {
    return waitGroup(GroupOptions.defaults(), body);
  }

  /** Runs code with a wait group that has options; see {@link #waitGroup(Function)}. */
  public <R extends @Nullable Object> R waitGroup(
      GroupOptions options, Function<WaitGroup, R> body) {
    return Group.open(run, options).run(body);
  }

  @Override
  <R extends @Nullable Object> Job<R> submitBody(Request request, JobBody body) {
    return run.submitAlone(request, body);
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
  public <R extends @Nullable Object> R exec(Request request, Fn0<R> function) {
    return run.exec(request, function);
  }

  /** Runs one job with a function of one argument; see {@link #exec(Request, Fn0)}. */
  public <A extends @Nullable Object, R extends @Nullable Object> R exec(
      Request request, Fn1<A, R> function, A a) {
    return run.exec(request, function, a);
  }

  /** Runs one job with a function of two arguments; see {@link #exec(Request, Fn0)}. */
  public <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      R exec(Request request, Fn2<A, B, R> function, A a, B b) {
    return run.exec(request, function, a, b);
  }

  /** Runs one job with a function of three arguments; see {@link #exec(Request, Fn0)}. */
  public <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          R extends @Nullable Object>
      R exec(Request request, Fn3<A, B, C, R> function, A a, B b, C c) {
    return run.exec(request, function, a, b, c);
  }

  /** Runs one job with a function of four arguments; see {@link #exec(Request, Fn0)}. */
  public <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object,
          R extends @Nullable Object>
      R exec(Request request, Fn4<A, B, C, D, R> function, A a, B b, C c, D d) {
    return run.exec(request, function, a, b, c, d);
  }

  /**
   * Runs one job with a function of no arguments that returns nothing; see {@link #exec(Request,
   * Fn0)}.
   */
  public void exec(Request request, Act0 function) {
    run.exec(request, function);
  }

  /**
   * Runs one job with a function of one argument that returns nothing; see {@link #exec(Request,
   * Fn0)}.
   */
  public <A extends @Nullable Object> void exec(Request request, Act1<A> function, A a) {
    run.exec(request, function, a);
  }

  /**
   * Runs one job with a function of two arguments that returns nothing; see {@link #exec(Request,
   * Fn0)}.
   */
  public <A extends @Nullable Object, B extends @Nullable Object> void exec(
      Request request, Act2<A, B> function, A a, B b) {
    run.exec(request, function, a, b);
  }

  /**
   * Runs one job with a function of three arguments that returns nothing; see {@link #exec(Request,
   * Fn0)}.
   */
  public <A extends @Nullable Object, B extends @Nullable Object, C extends @Nullable Object>
      void exec(Request request, Act3<A, B, C> function, A a, B b, C c) {
    run.exec(request, function, a, b, c);
  }

  /**
   * Runs one job with a function of four arguments that returns nothing; see {@link #exec(Request,
   * Fn0)}.
   */
  public <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object>
      void exec(Request request, Act4<A, B, C, D> function, A a, B b, C c, D d) {
    run.exec(request, function, a, b, c, d);
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
  public CommandResult exec(Request request, Command command) {
    return run.exec(request, JobBody.Started.of(command));
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
  public <R extends @Nullable Object> R exec(
      Request request, FunctionRef<R> function, @Nullable Object... arguments) {
    return run.exec(request, new JobBody.Named(request, function, arguments));
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
  public <A extends @Nullable Object, R extends @Nullable Object> List<R> map(
      Request request, Fn1<A, R> function, Iterable<? extends A> inputs) {
    return MapCall.<A, R>ofAll(run, request, MapWork.of(function), inputs).toList();
  }

  /**
   * Runs a program with many inputs, each a job; see {@link #map(Request, Fn1, Iterable)}.
   *
   * @param template a command in which placeholders stand for an input; see {@link
   *     Command#template}
   * @throws IllegalArgumentException if the command is no template
   * @throws dev.grain.MapException if inputs failed, or have no value for a placeholder
   */
  public <A extends @Nullable Object> List<CommandResult> map(
      Request request, Command template, Iterable<? extends A> inputs) {
    return MapCall.<A, CommandResult>ofAll(run, request, MapWork.of(template), inputs).toList();
  }

  /**
   * Runs a function by its name over many inputs, each a job; see {@link #map(Request, Fn1,
   * Iterable)} and {@link FunctionRef}.
   *
   * @param function the name of a function of one parameter
   */
  public <R extends @Nullable Object> List<R> map(
      Request request, FunctionRef<R> function, Iterable<?> inputs) {
    return MapCall.<@Nullable Object, R>ofAll(run, request, MapWork.of(request, function), inputs)
        .toList();
  }

  /**
   * Runs a function that returns nothing over many inputs, each a job; see {@link #map(Request,
   * Fn1, Iterable)}. There may be any number of inputs: only a bounded window of them is in
   * progress.
   *
   * @throws dev.grain.MapException if inputs failed; it names them
   */
  public <A extends @Nullable Object> void forEach(
      Request request, Act1<A> function, Iterable<? extends A> inputs) {
    MapCall.<A, @Nullable Void>ofWindow(run, request, MapWork.of(function), inputs).drain();
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
  public <A extends @Nullable Object, R extends @Nullable Object>
      Stream<CompletableFuture<R>> mapAsync(
          Request request, Fn1<A, R> function, Iterable<? extends A> inputs) {
    return MapFutures.<A, R>stream(run, request, MapWork.of(function), inputs);
  }

  /** Runs a program with many inputs, each a job; see {@link #mapAsync(Request, Fn1, Iterable)}. */
  public <A extends @Nullable Object> Stream<CompletableFuture<CommandResult>> mapAsync(
      Request request, Command template, Iterable<? extends A> inputs) {
    return MapFutures.<A, CommandResult>stream(run, request, MapWork.of(template), inputs);
  }

  /**
   * Runs a function by its name over many inputs, each a job; see {@link #mapAsync(Request, Fn1,
   * Iterable)} and {@link FunctionRef}.
   *
   * @param function the name of a function of one parameter
   */
  public <R extends @Nullable Object> Stream<CompletableFuture<R>> mapAsync(
      Request request, FunctionRef<R> function, Iterable<?> inputs) {
    return MapFutures.<@Nullable Object, R>stream(
        run, request, MapWork.of(request, function), inputs);
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
  public <A extends @Nullable Object, R extends @Nullable Object> Stream<R> stream(
      Request request, Fn1<A, R> function, Iterable<? extends A> inputs) {
    return MapCall.<A, R>ofWindow(run, request, MapWork.of(function), inputs).stream();
  }

  /**
   * Returns an executor service each of whose tasks is a job with the same request. Tasks must be
   * serializable, for example {@code (Callable<Integer> & Serializable) () -> 7}.
   *
   * <p>Shutting it down does not close this executor.
   *
   * @param request what each job needs
   */
  public ExecutorService asExecutorService(Request request) {
    return new ExecutorAdapter(run, request);
  }

  /**
   * Stops accepting jobs, waits for the submitted ones, and ends the run. If the thread is
   * interrupted, the jobs are cancelled. Closing the executor again only waits until it is closed.
   *
   * @throws dev.grain.GrainInterruptedException if the thread was interrupted
   */
  @Override
  public void close() {
    close(false);
  }

  private void close(boolean cancel) {
    try {
      run.close(cancel);
    } finally {
      sentinel.dismiss();
    }
  }
}
