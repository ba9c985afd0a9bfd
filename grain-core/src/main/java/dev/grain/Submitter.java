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
import dev.grain.spec.JobSpec;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What takes jobs: a wait group, or an executor. Each specifies which threads may submit to it, and
 * what happens to the jobs when it is closed.
 */
public abstract sealed class Submitter permits WaitGroup, GrainExecutor {
  Submitter() {}

  /**
   * Submits a job: a function that is sent to a worker with what it captures. It waits until a
   * worker has what the request asks for.
   *
   * <p>Waits itself while the arguments of unfinished jobs take too much memory.
   *
   * @param request what the job needs, such as {@code cpu(3)}, or {@link JobOptions}
   * @param function the function, such as a lambda or a method reference
   * @return the job, for those who want it before the submitter is closed
   * @throws dev.grain.EncodingException if the function or an argument cannot be encoded
   * @throws dev.grain.GroupCancelledException if this is a group that was cancelled
   * @throws dev.grain.GrainInterruptedException if the thread is interrupted while it waits
   * @throws IllegalStateException if the submitter is closed, or this is a group and the thread is
   *     not one of it
   */
  public <R extends @Nullable Object> Job<R> submit(Request request, Fn0<R> function) {
    return submitCall(request, function);
  }

  /** Submits a function of one argument; see {@link #submit(Request, Fn0)}. */
  public <A extends @Nullable Object, R extends @Nullable Object> Job<R> submit(
      Request request, Fn1<A, R> function, A a) {
    return submitCall(request, function, a);
  }

  /** Submits a function of two arguments; see {@link #submit(Request, Fn0)}. */
  public <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object>
      Job<R> submit(Request request, Fn2<A, B, R> function, A a, B b) {
    return submitCall(request, function, a, b);
  }

  /** Submits a function of three arguments; see {@link #submit(Request, Fn0)}. */
  public <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          R extends @Nullable Object>
      Job<R> submit(Request request, Fn3<A, B, C, R> function, A a, B b, C c) {
    return submitCall(request, function, a, b, c);
  }

  /** Submits a function of four arguments; see {@link #submit(Request, Fn0)}. */
  public <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object,
          R extends @Nullable Object>
      Job<R> submit(Request request, Fn4<A, B, C, D, R> function, A a, B b, C c, D d) {
    return submitCall(request, function, a, b, c, d);
  }

  /** Submits a function of no arguments that returns nothing; see {@link #submit(Request, Fn0)}. */
  public Job<@Nullable Void> submit(Request request, Act0 function) {
    return submitCall(request, function);
  }

  /** Submits a function of one argument that returns nothing; see {@link #submit(Request, Fn0)}. */
  public <A extends @Nullable Object> Job<@Nullable Void> submit(
      Request request, Act1<A> function, A a) {
    return submitCall(request, function, a);
  }

  /**
   * Submits a function of two arguments that returns nothing; see {@link #submit(Request, Fn0)}.
   */
  public <A extends @Nullable Object, B extends @Nullable Object> Job<@Nullable Void> submit(
      Request request, Act2<A, B> function, A a, B b) {
    return submitCall(request, function, a, b);
  }

  /**
   * Submits a function of three arguments that returns nothing; see {@link #submit(Request, Fn0)}.
   */
  public <A extends @Nullable Object, B extends @Nullable Object, C extends @Nullable Object>
      Job<@Nullable Void> submit(Request request, Act3<A, B, C> function, A a, B b, C c) {
    return submitCall(request, function, a, b, c);
  }

  /**
   * Submits a function of four arguments that returns nothing; see {@link #submit(Request, Fn0)}.
   */
  public <
          A extends @Nullable Object,
          B extends @Nullable Object,
          C extends @Nullable Object,
          D extends @Nullable Object>
      Job<@Nullable Void> submit(Request request, Act4<A, B, C, D> function, A a, B b, C c, D d) {
    return submitCall(request, function, a, b, c, d);
  }

  /**
   * Submits a program as a job, with the same rules as for a function. Its program, its files and
   * its working directory are those of the worker's machine.
   *
   * @param request what the job needs, such as {@code cpu(2)}, or {@link JobOptions}
   * @param command the program and its arguments
   * @throws IllegalArgumentException if the command is a template
   * @throws dev.grain.GroupCancelledException if this is a group that was cancelled
   * @throws dev.grain.GrainInterruptedException if the thread is interrupted while it waits
   * @throws IllegalStateException as for a function
   */
  public Job<CommandResult> submit(Request request, Command command) {
    return submitBody(request, JobBody.Started.of(command));
  }

  /**
   * Submits a program as a job; see {@link #submit(Request, Command)}.
   *
   * @param template a command in which placeholders stand for the input
   * @param input what {@code {}} stands for, as text; for a map or a record, {@code {name}} stands
   *     for the value of that name
   * @throws IllegalArgumentException if the command is no template
   * @throws dev.grain.EncodingException if the input has no value for a placeholder
   */
  public Job<CommandResult> submit(Request request, Command template, @Nullable Object input) {
    return submitBody(request, JobBody.Started.of(template, input));
  }

  /**
   * Submits a function by its name, with the same rules as for other functions. Its code need not
   * be part of the program; see {@link FunctionRef}.
   *
   * @param request what the job needs, such as {@code cpu(2)}; with {@link JobOptions}, also where
   *     the code of the function comes from
   * @param function the name of the function
   * @param arguments are converted to JSON
   * @throws dev.grain.EncodingException if an argument has no JSON
   * @throws dev.grain.GroupCancelledException if this is a group that was cancelled
   * @throws dev.grain.GrainInterruptedException if the thread is interrupted while it waits
   * @throws IllegalStateException as for other functions; or if the program has no Jackson 3
   */
  public <R extends @Nullable Object> Job<R> submit(
      Request request, FunctionRef<R> function, @Nullable Object... arguments) {
    return submitBody(request, new JobBody.Named(request, function, arguments));
  }

  /**
   * Submits a job that a spec describes, with the same rules as for other jobs. The result of a
   * command is a {@link CommandResult}, that of a function is JSON, as text. The id and the labels
   * have no effect here, as only a head that programs share knows jobs by them.
   *
   * @throws IllegalArgumentException if a part of the spec is not allowed, or its parts do not fit
   *     together; or if it is held, or has the code of a program in it, which take such a head
   * @throws dev.grain.GroupCancelledException if this is a group that was cancelled
   * @throws dev.grain.GrainInterruptedException if the thread is interrupted while it waits
   * @throws IllegalStateException as for a function
   */
  public Job<?> submit(JobSpec spec) {
    JobOptions options = JobOptions.of(spec);
    return submitBody(options, Specified.body(spec, options));
  }

  private <R extends @Nullable Object> Job<R> submitCall(
      Request request, Serializable function, @Nullable Object... arguments) {
    return submitBody(request, new JobBody.Called(function, arguments));
  }

  /** Submits what a job does. */
  abstract <R extends @Nullable Object> Job<R> submitBody(Request request, JobBody body);
}
