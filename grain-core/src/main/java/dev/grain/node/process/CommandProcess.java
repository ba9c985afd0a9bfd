package dev.grain.node.process;

import dev.grain.Allocation;
import dev.grain.bytes.Bytes;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CommandInput;
import dev.grain.message.CommandLine;
import dev.grain.message.Isolation;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.node.JobRunner;
import dev.grain.node.confine.Confinement;
import dev.grain.node.prepare.Ready;
import dev.grain.node.prepare.Workspaces;
import dev.grain.node.prepare.Workspaces.Workspace;
import dev.grain.text.Exceptions;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One attempt of a command, from start to end. */
final class CommandProcess implements JobRunner.Running {

  /** How long output waits at most; the pauses grow to that while nothing is printed. */
  private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(20);

  private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

  /** How long after the start its output is looked at first; many have ended until then. */
  private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(5);

  private static final Path NOTHING = Path.of("/dev/null");

  private final CommandRunner runner;
  private final long number;
  private final Order order;
  private final Allocation allocation;
  private final Ready beforehand;
  private final JobRunner.Events events;
  private final String mark;

  // set by the thread that starts it, before the watch gets it
  private @Nullable CommandLine line;
  private @Nullable Preparation prepared;
  private @Nullable CommandFiles files;
  private @Nullable Workspace workspace;
  private boolean hasInput;
  private @Nullable Confinement confinement;
  private @Nullable Child process;
  private @Nullable GrowingFile stdout;
  private @Nullable GrowingFile stderr;
  private long startedAt;

  // set by any thread
  private volatile boolean toStop;
  private volatile boolean toKill;

  // set by the thread that starts it, then only accessed by the watch
  private long lookAt;
  // all only accessed by the watch
  private long pause = SHORTEST_PAUSE;
  private boolean looked;
  private boolean told;
  private boolean killed;
  private boolean exited;
  private long cpu = -1;
  private long peakMemory = -1;
  private @Nullable Throwable problem;

  /**
   * Makes one that has not begun.
   *
   * @param number distinguishes the commands of the runner
   */
  CommandProcess(
      CommandRunner runner,
      long number,
      Order order,
      Allocation allocation,
      Ready ready,
      JobRunner.Events events) {
    this.runner = runner;
    this.number = number;
    this.order = order;
    this.allocation = allocation;
    this.beforehand = ready;
    this.events = events;
    this.mark = runner.mark(number);
  }

  // ---------------------------------------------------------------- starting

  /** Starts the process, or reports why it cannot be started. */
  void begin() {
    if (toStop) {
      events.notRun(new AttemptEnd.Cancelled());
      return;
    }
    try {
      start();
    } catch (NotPossible e) {
      giveUp(runner.impossible(e));
    } catch (IOException e) {
      Confinement mine = confinement;
      boolean tooMuch = mine != null && mine.exceedsMemory();
      giveUp(
          tooMuch
              ? outOfMemory()
              : runner.unable("its process could not be started: " + e.getMessage()));
    } catch (RuntimeException | Error e) {
      giveUp(failure(e));
    }
  }

  private void giveUp(AttemptEnd end) {
    close(stdout);
    close(stderr);
    deleteFiles();
    closeConfinement();
    if (end instanceof AttemptEnd.Failure || end instanceof AttemptEnd.OutOfMemory) {
      events.ended(end);
    } else {
      events.notRun(end);
    }
  }

  private void start() throws IOException, NotPossible {
    CommandLine read = CommandLine.decode(((Work.Command) order.spec().work()).line());
    CommandInput input = CommandInput.decode(order.input());
    CommandFiles own = makeFiles();
    files = own;
    Workspaces workspaces = beforehand.workspaces();
    Workspace mine = workspaces == null ? null : workspaces.open();
    workspace = mine;
    Preparation ready =
        Preparation.of(
            read, input, order, allocation, beforehand, mine, own, variables(read, input, own));
    line = read;
    prepared = ready;
    if (input.file() != null) {
      hasInput = true;
      try (OutputStream out = Files.newOutputStream(own.input())) {
        for (byte[] chunk : input.file().chunks()) {
          out.write(chunk);
        }
      }
    }
    if (ready.stdout() == null) {
      stdout = new GrowingFile(own.stdout(), text -> printed(text, false));
    }
    if (ready.stderr() == null) {
      stderr = new GrowingFile(own.stderr(), text -> printed(text, true));
    }
    Launch launch =
        new Launch(
            ready.words(),
            ready.environment(),
            ready.folder(),
            ready.stdin() == null ? NOTHING : ready.stdin(),
            output(ready.stdout(), own.stdout()),
            output(ready.stderr(), own.stderr()));
    Confinement limits = runner.enforcement().confine(allocation);
    confinement = limits;
    startedAt = System.nanoTime();
    lookAt = startedAt + FIRST_PAUSE;
    runner.watch().expect();
    try {
      limits.start(
          launch.words(), words -> process = runner.children().start(launch.withWords(words)));
    } catch (IOException | RuntimeException | Error e) {
      if (process == null) {
        throw e;
      }
      // it runs, but this thread could not leave its group, for example
      fail(e);
    } finally {
      if (process == null) {
        runner.watch().forget();
      } else {
        runner.watch().add(this);
      }
    }
  }

  private CommandFiles makeFiles() throws IOException {
    Path folder = runner.folder();
    return order.spec().setting().isolation().kind() == Isolation.Kind.APPTAINER
        ? CommandFiles.apart(folder, number, ApptainerCommand.FILES)
        : CommandFiles.in(folder, number);
  }

  private static Launch.Output output(@Nullable Path wanted, Path own) {
    return wanted == null ? new Launch.Output(own, true) : new Launch.Output(wanted, false);
  }

  private Map<String, String> variables(CommandLine read, CommandInput input, CommandFiles own) {
    Map<String, String> variables = new HashMap<>();
    int equals = mark.indexOf('=');
    variables.put(mark.substring(0, equals), mark.substring(equals + 1));
    if (input.file() != null) {
      variables.put("GRAIN_INPUT_FILE", own.ofCommand(own.input()));
    }
    if (read.returnsResult()) {
      variables.put("GRAIN_RESULT_FILE", own.ofCommand(own.result()));
    }
    return variables;
  }

  private void printed(byte[] text, boolean error) {
    try {
      events.printed(Bytes.of(text), error);
    } catch (RejectedExecutionException e) {
      // the run is over, and nobody listens
    }
    runner.echo().print(order, text, error);
  }

  // ---------------------------------------------------------------- stopping, for any thread

  @Override
  public void stop() {
    toStop = true;
    runner.children().wake();
  }

  @Override
  public boolean kill() {
    toStop = true;
    toKill = true;
    runner.children().wake();
    return true;
  }

  // ---------------------------------------------------------------- for the watch

  /**
   * Sends it signals, and passes on what it has printed if it is time for that; returns when the
   * next time is.
   *
   * @param buffer is used for what it has printed
   */
  long attend(ByteBuffer buffer) throws IOException {
    boolean ends = !exited && !process().isAlive();
    exited |= ends;
    if (toKill && !killed) {
      killed = true;
      signal(Signals.KILL);
      confinement().kill();
    } else if (toStop && !told) {
      told = true;
      signal(Signals.TERM);
    }
    long now = System.nanoTime();
    looked = ends || now - lookAt >= 0;
    if (ends) {
      pause = SHORTEST_PAUSE;
      lookAt = now + pause;
    } else if (looked) {
      int printed = advance(buffer);
      pause = printed > 0 ? SHORTEST_PAUSE : Math.min(2 * pause, LONGEST_PAUSE);
      // what fills the buffer is probably not all
      lookAt = printed >= buffer.capacity() ? now : now + pause;
    }
    return lookAt;
  }

  Child process() {
    return Objects.requireNonNull(process);
  }

  long startedAt() {
    return startedAt;
  }

  private int advance(ByteBuffer buffer) throws IOException {
    return Math.max(advance(stdout, buffer), advance(stderr, buffer));
  }

  private static int advance(@Nullable GrowingFile file, ByteBuffer buffer) throws IOException {
    return file == null ? 0 : file.advance(buffer);
  }

  private void signal(int signal) {
    if (!exited) {
      Signals.sendToGroup(signal, process().pid());
    }
  }

  /** Something has gone wrong in starting or watching it: it is killed. */
  void fail(Throwable why) {
    problem = problem == null ? why : problem;
    toKill = true;
  }

  /** Returns whether it is to be looked for among all processes, as its first one has ended. */
  boolean needsTable() {
    return exited && looked;
  }

  /** Takes note of what its processes use. */
  void sample(ProcessTable table) {
    List<ProcessTable.Row> mine = find(table);
    if (!mine.isEmpty()) {
      cpu = Math.max(cpu, mine.stream().mapToLong(ProcessTable.Row::cpu).sum());
      long resident = ProcessTable.residentMemory(mine);
      peakMemory = Math.max(peakMemory, resident);
      confinement().sample(mine.stream().map(ProcessTable.Row::pid).toList(), resident);
    }
    if (confinement().exceedsMemory() || confinement().exceedsProcesses()) {
      toKill = true;
    }
  }

  private List<ProcessTable.Row> find(ProcessTable table) {
    return table.find(process().pid(), mark, process().startedTick());
  }

  /**
   * Returns whether nothing of it is left, and reports its end then. What is left when its first
   * process has ended is killed, unless it was asked to stop and has time for that.
   */
  boolean isOver(ProcessTable table, ByteBuffer buffer) {
    if (!needsTable()) {
      return false;
    }
    List<ProcessTable.Row> left = find(table);
    if (!left.isEmpty() || !confinement().isEmpty()) {
      if (!told || killed) {
        confinement().kill();
        left.forEach(each -> Signals.send(Signals.KILL, each.pid()));
      }
      return false;
    }
    long ran = System.nanoTime() - startedAt;
    cpu = Math.max(cpu, process().cpuTime());
    try {
      finish(stdout, buffer);
      finish(stderr, buffer);
    } catch (IOException e) {
      fail(e);
    }
    close(stdout);
    close(stderr);
    endApart(ran);
    return true;
  }

  private void endApart(long ran) {
    try {
      runner.execute(() -> end(ran));
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      // there is no thread to be had, and all others wait for this one
      end(ran);
    }
  }

  private static void finish(@Nullable GrowingFile file, ByteBuffer buffer) throws IOException {
    if (file != null) {
      // a process that hides itself may go on with it
      file.advanceToEnd(buffer);
      file.finish();
    }
  }

  private static void close(@Nullable GrowingFile file) {
    try {
      if (file != null) {
        file.close();
      }
    } catch (IOException e) {
      // it was only read
    }
  }

  // ---------------------------------------------------------------- ending

  private void end(long ran) {
    AttemptEnd end;
    closeConfinement();
    try {
      end = endOf(process().exitCode(), Duration.ofNanos(ran));
    } catch (IOException | RuntimeException | Error e) {
      end = failure(e);
    }
    deleteFiles();
    try {
      events.ended(end);
    } catch (RejectedExecutionException e) {
      // the loop has ended, and nobody waits for it
    }
  }

  private AttemptEnd endOf(int code, Duration ran) throws IOException {
    Throwable wrong = problem;
    if (wrong != null) {
      return failure(wrong);
    }
    if (!told && confinement().exceedsMemory()) {
      return outOfMemory();
    }
    if (!told && confinement().exceedsProcesses()) {
      return outcome(code, ran).failed(tooManyProcesses(), runner.codec());
    }
    if (told || killed) {
      return new AttemptEnd.Cancelled();
    }
    CommandOutcome outcome = outcome(code, ran);
    return line().successCodes().contains(code)
        ? outcome.toEnd(files().resultOfEnded(), runner.codec(), runner.resultLimit())
        : outcome.failed(tooManyProcesses(), runner.codec());
  }

  private CommandOutcome outcome(int code, Duration ran) throws IOException {
    return new CommandOutcome(
        line(),
        code,
        ran,
        cpu < 0 ? null : Duration.ofNanos(cpu),
        peakMemory < 0 ? confinement().peakMemory() : peakMemory,
        tail(stdout, prepared().stdout()),
        tail(stderr, prepared().stderr()));
  }

  private static OutputTail tail(@Nullable GrowingFile own, @Nullable Path wanted)
      throws IOException {
    if (own != null) {
      return own.end();
    }
    OutputTail tail = new OutputTail();
    // the command may have moved it, and a pipe would have this wait for another writer
    if (wanted != null && Files.isRegularFile(wanted)) {
      try (RandomAccessFile file = new RandomAccessFile(wanted.toFile(), "r")) {
        byte[] end = new byte[(int) Math.min(OutputTail.MOST, file.length())];
        file.seek(file.length() - end.length);
        file.readFully(end);
        tail.add(end, 0, end.length);
      }
    }
    return tail;
  }

  private AttemptEnd outOfMemory() {
    return new AttemptEnd.OutOfMemory(
        "\"%s\" %s"
            .formatted(
                String.join(" ", line().words()),
                confinement().memoryExceeded("that it requested")),
        confinement().memoryLimit(),
        confinement().peakMemory());
  }

  /** Returns what to add to a failure if there could be no more processes; mostly nothing. */
  private String tooManyProcesses() {
    return confinement().reachesProcesses()
        ? " after it had reached the limit of %s processes and threads (--max-processes)"
            .formatted(confinement().processLimit())
        : "";
  }

  private Confinement confinement() {
    return Objects.requireNonNull(confinement);
  }

  private void closeConfinement() {
    Confinement mine = confinement;
    if (mine != null) {
      mine.close();
    }
  }

  private CommandLine line() {
    return Objects.requireNonNull(line);
  }

  private Preparation prepared() {
    return Objects.requireNonNull(prepared);
  }

  private CommandFiles files() {
    return Objects.requireNonNull(files);
  }

  private AttemptEnd failure(Throwable e) {
    return new AttemptEnd.Failure(runner.codec().encodeFailure(e), Exceptions.brief(e));
  }

  private void deleteFiles() {
    CommandFiles mine = files;
    if (mine != null) {
      delete(mine.stdout(), stdout != null);
      delete(mine.stderr(), stderr != null);
      delete(mine.input(), hasInput);
      delete(mine.result(), line != null && line.returnsResult());
      mine.deleteFolder();
    }
    Workspace used = workspace;
    if (used != null) {
      used.close();
    }
  }

  private static void delete(Path file, boolean mayExist) {
    try {
      if (mayExist) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // it goes with its folder
    }
  }
}
