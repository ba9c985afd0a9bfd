package dev.grain.minion;

import dev.grain.Command;
import dev.grain.CommandException;
import dev.grain.CommandResult;
import dev.grain.EncodingException;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.JobCancelledException;
import dev.grain.JobFailedException;
import dev.grain.JobNotStartedException;
import dev.grain.JobStatus;
import dev.grain.Resource;
import dev.grain.RunOptions;
import dev.grain.folder.ProcessFolder;
import dev.grain.minion.report.MinionEvent.Action;
import dev.grain.text.Exceptions;
import dev.grain.text.Placeholders;
import dev.grain.text.Spelling;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Where the jobs of a minion run. Jobs are started by any thread. */
final class Workplace implements AutoCloseable {
  /** How many items that cost little more than a call are started at a time. */
  private static final int BATCH = 64;

  private static final String OUT = "grain.minion.out";
  private static final String ERR = "grain.minion.err";

  /** With a number behind it, stands for the value of a variable. */
  private static final String VARIABLE = "grain.minion.variable.n";

  /** A job that has ended before it was started. */
  private static final Started OVER =
      new Started() {
        @Override
        public boolean hasBegun() {
          return true;
        }

        @Override
        public void stop() {}
      };

  private final MinionWork work;
  private final Room room;
  private final GrainExecutor grain;
  private final @Nullable FunctionCalls calls;
  private final @Nullable Command template;
  private final ProcessFolder temporary;
  private final @Nullable OutputCopier output;
  private final Set<String> names;
  private final List<String> variables;

  /** How the job of an item has ended. */
  sealed interface End {
    /** It has succeeded; with what it has timed, if that is reported. */
    record Done(List<Action> actions) implements End {
      static final Done PLAIN = new Done(List.of());
    }

    /** It has failed: it is not known whether it would again. */
    record Failed(Throwable why, String words) implements End {}

    /** It can never succeed: the item does not fit the command. */
    record Impossible(String words) implements End {}

    /** It was not started, for a reason that has nothing to do with the item. */
    record NotStarted(String words) implements End {}

    /** It was stopped, because the minion was. */
    record Stopped(boolean begun) implements End {}
  }

  /** A job that was started. */
  interface Started {
    /** Returns whether it runs, or has run. */
    boolean hasBegun();

    /** Stops it; its end comes as for others. */
    void stop();
  }

  private Workplace(
      MinionWork work,
      Room room,
      Minion.Settings settings,
      GrainExecutor grain,
      @Nullable Command template,
      ProcessFolder temporary,
      @Nullable OutputCopier output,
      Set<String> names,
      List<String> variables) {
    this.work = work;
    this.room = room;
    this.grain = grain;
    this.template = template;
    this.temporary = temporary;
    this.output = output;
    this.calls =
        work instanceof MinionWork.OfFunction(var function) && room.request() instanceof Resource
            ? new FunctionCalls(
                grain,
                room.request(),
                function,
                room.items(),
                settings.isReported(),
                Workplace::toEnd)
            : null;
    this.names = names;
    this.variables = variables;
  }

  static Workplace open(MinionWork work, Minion.Settings settings, Room room) throws IOException {
    RunOptions given = settings.run;
    RunOptions options =
        (given == null ? RunOptions.defaults() : given)
            .local(room.offer())
            .progress(false)
            .summary(false)
            .echo(false)
            .onOutput(each -> print(each.error() ? settings.err : settings.out, each.text()));
    ProcessFolder temporary =
        ProcessFolder.temporary(Path.of(System.getProperty("java.io.tmpdir")), "grain-minion-");
    Command template = null;
    OutputCopier output = null;
    Set<String> names = Set.of();
    if (work instanceof MinionWork.OfTemplate named) {
      template =
          named
              .template(settings.decoder)
              .env(placeholders(settings.variables))
              .stdout(Path.of("{" + OUT + "}"))
              .stderr(Path.of("{" + ERR + "}"));
      if (settings.workingDir != null) {
        template = template.workingDir(settings.workingDir);
      }
      names = settings.decoder == Parameter.Decoder.JSON ? named.names() : names;
      output = new OutputCopier(temporary.open(), settings.out, settings.err, room.items() > 1);
    }
    return new Workplace(
        work,
        room,
        settings,
        GrainExecutor.open(options),
        template,
        temporary,
        output,
        names,
        List.copyOf(settings.variables.values()));
  }

  /** Returns variables whose values are filled in, as they may have braces themselves. */
  private static Map<String, String> placeholders(Map<String, String> variables) {
    Map<String, String> filled = new LinkedHashMap<>();
    variables.keySet().forEach(name -> filled.put(name, "{" + VARIABLE + filled.size() + "}"));
    return filled;
  }

  private static void print(PrintStream stream, String text) {
    stream.print(text);
    stream.flush();
  }

  /** Returns whether code of the program makes the command of each item, which may take long. */
  boolean startsByCode() {
    return work instanceof MinionWork.OfCommand;
  }

  /**
   * Starts the job of an item; it begins by the next {@link #flush} at the latest, if there is
   * room.
   *
   * @param onEnd called once, on any thread
   */
  Started start(Parameter parameter, Consumer<End> onEnd) {
    try {
      return switch (work) {
        case MinionWork.OfFunction _ when calls != null -> calls.add(parameter, onEnd);
        case MinionWork.OfFunction(var function) ->
            follow(
                grain.submit(room.request(), MinionCall::call, function, parameter),
                actions -> new End.Done(actions),
                onEnd);
        case MinionWork.OfCommand(var command) ->
            follow(
                grain.submit(room.request(), command.apply(parameter)), _ -> End.Done.PLAIN, onEnd);
        case MinionWork.OfTemplate named -> startTemplate(named, parameter, onEnd);
      };
    } catch (IllegalArgumentException | EncodingException e) {
      onEnd.accept(new End.Impossible(String.valueOf(e.getMessage())));
      return OVER;
    } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError e) {
      // of the code that makes the command
      onEnd.accept(new End.Failed(e, Exceptions.describe(e)));
      return OVER;
    }
  }

  /** Returns how many items are to be started at a time. */
  int batch() {
    return calls == null ? 1 : BATCH;
  }

  /** Has the jobs begin that were started. */
  void flush() {
    if (calls != null) {
      calls.flush();
    }
  }

  private Started startTemplate(
      MinionWork.OfTemplate named, Parameter parameter, Consumer<End> onEnd) {
    OutputCopier copier = output;
    Command command = template;
    if (copier == null || command == null) {
      throw new IllegalStateException("no template");
    }
    Map<String, String> values = values(parameter);
    values.values().forEach(named::ensurePassable);
    OutputCopier.Printed files = copier.newFiles();
    for (int i = 0; i < variables.size(); i++) {
      values.put(VARIABLE + i, variables.get(i));
    }
    values.put(OUT, files.out().toString());
    values.put(ERR, files.err().toString());
    Job<CommandResult> job;
    try {
      Command given = named.inputFile() ? command.input(parameter.toString()) : command;
      job = grain.submit(room.request(), given, values);
    } catch (RuntimeException e) {
      copier.end(files);
      throw e;
    }
    copier.follow(files);
    return follow(
        job,
        _ -> End.Done.PLAIN,
        end -> {
          copier.end(files);
          onEnd.accept(end);
        });
  }

  /**
   * Returns what placeholders stand for, by their names; an empty name stands for all.
   *
   * @throws IllegalArgumentException if the item lacks a part that the command uses
   */
  private Map<String, String> values(Parameter parameter) {
    Map<String, String> values = new LinkedHashMap<>(parameter.parts());
    for (String name : names) {
      if (!values.containsKey(name)) {
        String near = Spelling.nearest(name, values.keySet());
        throw new IllegalArgumentException(
            "The item has no '%s', which the command uses%s To pass the braces, write {{%s}}."
                .formatted(name, near == null ? "." : "; did you mean {" + near + "}?", name));
      }
    }
    values.put("", parameter.text());
    return values;
  }

  private <R extends @Nullable Object> Started follow(
      Job<R> job, Function<R, End> toEnd, Consumer<End> onEnd) {
    CompletableFuture<R> future = job.toFuture();
    var _ =
        future.whenComplete(
            (value, error) -> onEnd.accept(error == null ? toEnd.apply(value) : toEnd(job, error)));
    return new Started() {
      @Override
      public boolean hasBegun() {
        JobStatus status = job.status();
        return status != JobStatus.QUEUED && status != JobStatus.SENT;
      }

      @Override
      public void stop() {
        job.cancel();
      }
    };
  }

  private static End toEnd(Job<?> job, Throwable error) {
    Throwable why =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    return switch (why) {
      case JobCancelledException _ -> new End.Stopped(!job.attempts().isEmpty());
      case JobNotStartedException e -> new End.NotStarted(String.valueOf(e.getMessage()));
      case JobFailedException e when e.getCause() instanceof UnsuitableItemException unsuitable ->
          new End.Impossible(String.valueOf(unsuitable.getMessage()));
      case JobFailedException e when e.getCause() instanceof CommandException failed ->
          new End.Failed(failed, String.valueOf(failed.getMessage()));
      case JobFailedException e when e.getCause() != null ->
          new End.Failed(e.getCause(), Exceptions.describe(e.getCause()));
      default -> new End.Failed(why, String.valueOf(why.getMessage()));
    };
  }

  /**
   * Returns what would be run, for people.
   *
   * @throws RuntimeException if no command can be made of the item
   */
  String describe(Parameter parameter) {
    return switch (work) {
      case MinionWork.OfFunction _ -> "function(" + parameter + ")";
      case MinionWork.OfCommand(var command) -> command.apply(parameter).toString();
      case MinionWork.OfTemplate named ->
          Placeholders.fill(String.valueOf(template), values(parameter)::get);
    };
  }

  /** Waits for what still runs, and ends all threads. */
  @Override
  public void close() {
    try {
      if (calls != null) {
        calls.close();
      }
      grain.close();
    } finally {
      if (output != null) {
        output.close();
      }
      temporary.close();
    }
  }
}
