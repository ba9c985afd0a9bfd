package dev.grain.minion;

import dev.grain.Command;
import dev.grain.JobOptions;
import dev.grain.Request;
import dev.grain.RunOptions;
import dev.grain.function.Act1;
import dev.grain.minion.report.Reporter;
import dev.grain.text.Durations;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A minion takes items from a queue, and runs a command or a function on each, as a job of this
 * machine. It acknowledges an item when it is done with it; what is not acknowledged goes to
 * another minion, so an item may be processed more than once. Immutable: each method returns a
 * changed copy.
 *
 * <pre>{@code
 * Minion.process(p -> Command.of("a.out", "--arg1", p.text("arg1"), p.text("arg2")))
 *     .decoder(Parameter.Decoder.JSON)
 *     .queue("file:sweeps")
 *     .run();
 * }</pre>
 */
public final class Minion {
  private final MinionWork work;
  private final Settings settings;

  /** All that can be set. */
  static final class Settings implements Cloneable {
    @Nullable QueueAddress queue;
    QueueSettings queueSettings = new QueueSettings(Duration.ZERO, System.getenv());
    Parameter.Decoder decoder = Parameter.Decoder.IDENTITY;
    // null for a core, or a share of the machine if there are more items than cores
    @Nullable Request request;
    @Nullable Duration timeout;
    @Nullable UnaryOperator<JobOptions> options;
    // null for what the request itself needs
    @Nullable RunOptions run;
    int parallel = 1;
    OnFailure onFailure = OnFailure.ACK;
    int maxDeliveries = 5;
    Duration retryDelay = Duration.ofSeconds(1);
    Duration grace = Duration.ofSeconds(20);
    boolean follow;
    boolean dryRun;
    Reporter reporter = Reporter.NONE;
    Map<String, String> variables = Map.of();
    @Nullable Path workingDir;
    @Nullable Consumer<Parameter> setup;
    @Nullable Consumer<Parameter> teardownOk;
    @Nullable BiConsumer<Parameter, Throwable> teardownKo;
    PrintStream out = System.out;
    PrintStream err = System.err;

    /** Returns whether anybody is told what becomes of each item. */
    boolean isReported() {
      return reporter != Reporter.NONE;
    }

    @Override
    protected Settings clone() {
      try {
        return (Settings) super.clone();
      } catch (CloneNotSupportedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private Minion(MinionWork work, Settings settings) {
    this.work = work;
    this.settings = settings;
  }

  /**
   * Returns a minion that starts a program for each item.
   *
   * @param command makes the command; an exception that it throws fails the item
   */
  public static Minion process(Function<Parameter, Command> command) {
    return new Minion(new MinionWork.OfCommand(command), new Settings());
  }

  /**
   * Returns a minion that starts the same program for each item. <code>{}</code> in an argument
   * stands for the item, and <code>{key}</code> for a part of a JSON object; without any of them,
   * the item is one more argument.
   *
   * @param words the program and its arguments
   */
  public static Minion command(List<String> words) {
    return new Minion(new MinionWork.OfTemplate(words, null, false), new Settings());
  }

  /** Returns a minion that starts the same program for each item; see {@link #command(List)}. */
  public static Minion command(String... words) {
    return command(List.of(words));
  }

  /** Returns a minion that calls a function for each item; an exception fails the item. */
  public static Minion function(Act1<Parameter> function) {
    return new Minion(new MinionWork.OfFunction(function), new Settings());
  }

  private Minion with(Consumer<Settings> change) {
    Settings changed = settings.clone();
    change.accept(changed);
    return new Minion(work, changed);
  }

  private Minion with(MinionWork changed) {
    return new Minion(changed, settings);
  }

  private MinionWork.OfTemplate template(String what) {
    if (work instanceof MinionWork.OfTemplate template) {
      return template;
    }
    throw new IllegalStateException(what + " is for minions that are made by Minion.command.");
  }

  /**
   * Joins the words of the {@linkplain #command command} and the item with blanks, and has a shell
   * run that line, without any quoting.
   *
   * @param shell the shell, such as {@code sh}
   */
  public Minion shell(String shell) {
    return with(new MinionWork.OfTemplate(template("shell()").words(), shell, false));
  }

  /** Sets variables in the environment of the {@linkplain #command command}. */
  public Minion variables(Map<String, String> variables) {
    var _ = template("variables()");
    Map<String, String> own = Map.copyOf(variables);
    return with(changed -> changed.variables = own);
  }

  /**
   * Sets the folder that the {@linkplain #command command} runs in; by default that of this
   * process, or with code from elsewhere, its folder there.
   */
  public Minion workingDir(Path folder) {
    var _ = template("workingDir()");
    return with(changed -> changed.workingDir = folder);
  }

  /**
   * Passes the item to the {@linkplain #command command} in the file that is named by the variable
   * {@code GRAIN_INPUT_FILE}, and not as an argument.
   */
  public Minion inputFile() {
    MinionWork.OfTemplate template = template("inputFile()");
    return with(new MinionWork.OfTemplate(template.words(), template.shell(), true));
  }

  /**
   * Sets the queue; it has to be set.
   *
   * @param address such as {@code file:sweeps}
   * @throws IllegalArgumentException if it is no address
   */
  public Minion queue(String address) {
    QueueAddress parsed = QueueAddress.parse(address);
    return with(changed -> changed.queue = parsed);
  }

  /** Sets how the queue is opened. */
  public Minion queueSettings(QueueSettings queueSettings) {
    return with(changed -> changed.queueSettings = queueSettings);
  }

  /** Sets how items are read; as texts by default. What cannot be decoded is a dead letter. */
  public Minion decoder(Parameter.Decoder decoder) {
    return with(changed -> changed.decoder = decoder);
  }

  /**
   * Sets what the job of an item needs, or {@link JobOptions}. By default it is a core, or if more
   * items than cores are processed at a time, a share of the machine.
   */
  public Minion request(Request request) {
    Objects.requireNonNull(request, "request is null");
    return with(changed -> changed.request = request);
  }

  /**
   * Sets further options of the jobs of items: where their code is, their environment and their
   * isolation. Items whose code, environment or container cannot be prepared are given back, and
   * after a few of them in a row, the minion ends.
   *
   * @param options adds to the options of a job
   */
  public Minion options(UnaryOperator<JobOptions> options) {
    Objects.requireNonNull(options, "options is null");
    return with(changed -> changed.options = options);
  }

  /**
   * Limits how long an item may be processed; one that takes longer has failed.
   *
   * @param timeout more than zero
   */
  public Minion timeout(Duration timeout) {
    if (!timeout.isPositive()) {
      throw new IllegalArgumentException("timeout is not positive: " + Durations.readable(timeout));
    }
    return with(changed -> changed.timeout = timeout);
  }

  /**
   * Sets how many items are processed at a time, if the machine has room for them; 1 by default.
   *
   * @param parallel at least 1
   */
  public Minion parallel(int parallel) {
    if (parallel < 1 || parallel > 10_000) {
      throw new IllegalArgumentException(
          "parallel is %s: from 1 to 10000 items can be processed at a time".formatted(parallel));
    }
    return with(changed -> changed.parallel = parallel);
  }

  /** Sets the options of the run that the jobs belong to: enforcement and credentials. */
  public Minion runOptions(RunOptions options) {
    return with(changed -> changed.run = options);
  }

  /** Sets what becomes of an item that fails; by default it counts as done. */
  public Minion onFailure(OnFailure policy) {
    return with(changed -> changed.onFailure = policy);
  }

  /**
   * Sets how many times an item is delivered before it is a dead letter; 5 by default. Deliveries
   * to minions that have died count as well.
   *
   * @param most at least 1
   */
  public Minion maxDeliveries(int most) {
    if (most < 1) {
      throw new IllegalArgumentException(
          "maxDeliveries is %s. It must be at least 1.".formatted(most));
    }
    return with(changed -> changed.maxDeliveries = most);
  }

  /** Sets after which time an item that has failed is delivered again; 1 second by default. */
  public Minion retryDelay(Duration delay) {
    if (delay.isNegative()) {
      throw new IllegalArgumentException("retryDelay is negative: " + Durations.readable(delay));
    }
    return with(changed -> changed.retryDelay = delay);
  }

  /**
   * Sets how long items that run are waited for when the minion is stopped; 20 seconds by default.
   */
  public Minion grace(Duration grace) {
    if (grace.isNegative()) {
      throw new IllegalArgumentException("grace is negative: " + Durations.readable(grace));
    }
    return with(changed -> changed.grace = grace);
  }

  /** Waits for further items when the queue is drained; by default the minion ends then. */
  public Minion follow() {
    return with(changed -> changed.follow = true);
  }

  /** Prints what would be run, and acknowledges the items, without running anything. */
  public Minion dryRun() {
    return with(changed -> changed.dryRun = true);
  }

  /** Sets where events go; the minion closes it. */
  public Minion reporter(Reporter reporter) {
    return with(changed -> changed.reporter = reporter);
  }

  /** Sets what is called in this process before each item; an exception fails the item. */
  public Minion setup(Consumer<Parameter> hook) {
    return with(changed -> changed.setup = hook);
  }

  /** Sets what is called in this process after an item that succeeded, before it counts as done. */
  public Minion teardownOk(Consumer<Parameter> hook) {
    return with(changed -> changed.teardownOk = hook);
  }

  /** Sets what is called in this process after an item that failed, with what it failed with. */
  public Minion teardownKo(BiConsumer<Parameter, Throwable> hook) {
    return with(changed -> changed.teardownKo = hook);
  }

  /** Sets where the output of commands and functions, and notes about failures go. */
  public Minion print(PrintStream out, PrintStream err) {
    return with(changed -> {
      changed.out = out;
      changed.err = err;
    });
  }

  /**
   * Calls code, and adds how long it took to the event of the item, if the thread processes one; in
   * a function of {@link #function}.
   *
   * @param name what it is called in the event
   */
  public static <T extends @Nullable Object> T timed(String name, Callable<T> code)
      throws Exception {
    return MinionCall.timed(name, code);
  }

  /**
   * Works until the queue is drained.
   *
   * @throws QueueException if the queue cannot be used
   * @throws InterruptedException if the thread is interrupted; the minion has given back what had
   *     not begun, and waited for what ran, within its grace
   */
  public MinionResult run() throws QueueException, InterruptedException {
    return start().await();
  }

  /**
   * Starts to work, on a thread of its own.
   *
   * @throws QueueException if the queue cannot be used
   * @throws IllegalArgumentException if the command cannot run: there is no such program, or this
   *     machine does not have what a job requests
   */
  public RunningMinion start() throws QueueException {
    QueueAddress address = settings.queue;
    if (address == null) {
      throw new IllegalStateException(
          "The minion has no queue. Set one, as in queue(\"file:sweeps\").");
    }
    Room room = Room.of(settings);
    // elsewhere there are other programs
    if (!settings.dryRun && settings.options == null) {
      work.ensurePossible(settings.workingDir);
    }
    QueueProvider provider = Queues.of(address);
    return RunningMinion.start(work, settings, room, provider, address);
  }
}
