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
import dev.grain.job.JobId;
import dev.grain.job.Request;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A run in the hand, for programs that have no main of their own to give to {@link
 * Grain#runCombine(Main)}, and for threads that are not the run's: parallel streams, callbacks,
 * servers. Safe for all threads.
 *
 * <p>A job that is submitted to it belongs to nothing but this executor, and {@link #close()} waits
 * for it. Any thread may submit.
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
   * Starts a run with options, and waits for the workers that it asks for.
   *
   * @throws dev.grain.job.NoWorkersException if they cannot be had: which ones, and why
   * @throws dev.grain.job.JournalException if it is to have a journal that cannot be opened
   * @throws dev.grain.job.GrainInterruptedException if the thread is interrupted while it waits
   */
  public static GrainExecutor open(RunOptions options) {
    return new GrainExecutor(options);
  }

  /**
   * Returns where workers can dial this program, as {@code HOST:PORT}, if it {@linkplain
   * RunOptions#listen(int) listens}.
   */
  public Optional<String> address() {
    return run.address();
  }

  /**
   * Returns what this run has done and has open at the moment. For all threads, as often as one
   * likes: it waits for one turn of the run's loop, a few milliseconds at most while that is busy,
   * an interrupt or not, and costs jobs nothing. Once the executor is closed, it says how it was at
   * the end.
   */
  public RunStats stats() {
    return run.stats();
  }

  /**
   * Says in one sentence why a job is where it is, as {@link Job#explain()}. How a job has ended is
   * known to its {@link Job} alone; and one that has not is looked for in the whole queue.
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
   * Opens a wait group that the current thread owns; to be used in try-with-resources.
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
   * Runs code with a wait group that the current thread owns, and closes it. Whatever exception
   * leaves the code, the group is cancelled; one that the code catches does nothing to it.
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
  <R extends @Nullable Object> Job<R> submitCall(
      Request request, Serializable function, @Nullable Object... arguments) {
    return run.submitAlone(request, function, arguments);
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
  public <A extends @Nullable Object, R extends @Nullable Object> List<R> map(
      Request request, Fn1<A, R> function, Iterable<? extends A> inputs) {
    return MapCall.<A, R>ofAll(run, request, function, inputs).toList();
  }

  /**
   * Runs a function that returns nothing over many inputs, each a job; see {@link #map}. Inputs may
   * be endless in number: only a window of them is on its way.
   *
   * @throws dev.grain.job.MapException if inputs failed; it names them
   */
  public <A extends @Nullable Object> void forEach(
      Request request, Act1<A> function, Iterable<? extends A> inputs) {
    MapCall.<A, @Nullable Void>ofWindow(run, request, function, inputs).drain();
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
    return MapCall.<A, R>ofWindow(run, request, function, inputs).stream();
  }

  /**
   * Returns an executor service for code that is written against one: each of its tasks is a job
   * that asks for the same. Tasks travel as jobs do: lambdas must be serializable, for example
   * {@code (Callable<Integer> & Serializable) () -> 7}.
   *
   * <p>Shutting it down does not close this executor.
   *
   * @param request what each job needs
   */
  public ExecutorService asExecutorService(Request request) {
    return new ExecutorAdapter(run, request);
  }

  /**
   * Takes no more jobs, waits for those that were submitted, and ends the run. If the thread is
   * interrupted they are cancelled. Closing it once more does nothing but wait for the end, if that
   * is still to come.
   *
   * @throws dev.grain.job.GrainInterruptedException if the thread was interrupted
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
