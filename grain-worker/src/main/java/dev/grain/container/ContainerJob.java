package dev.grain.container;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.ContainerConfig;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import dev.grain.Allocation;
import dev.grain.bytes.Bytes;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CommandInput;
import dev.grain.message.CommandLine;
import dev.grain.message.ContainerSetting;
import dev.grain.message.Isolation;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.node.JobRunner;
import dev.grain.node.process.CommandOutcome;
import dev.grain.node.process.FilledCommand;
import dev.grain.node.process.NotPossible;
import dev.grain.text.Exceptions;
import dev.grain.text.MemoryUnit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One attempt of a command in a container, from start to end. */
final class ContainerJob implements JobRunner.Running {
  private static final int KILLED = 137;
  private static final int NOT_EXECUTABLE = 126;
  private static final int NOT_FOUND = 127;
  private static final String USUAL_STOP_SIGNAL = "SIGTERM";

  /** How an init process of containers says that there is no such program. */
  private static final String INIT_FAILED = "[FATAL tini";

  /** How long an engine has to end a container that it was told to kill. */
  private static final long KILL_LIMIT = TimeUnit.SECONDS.toNanos(10);

  private final ContainerRunner runner;
  private final DockerEngine engine;
  private final long number;
  private final Order order;
  private final Allocation allocation;
  private final JobRunner.Events events;

  // all only accessed by its thread
  private @Nullable JobFolder folder;
  private @Nullable CommandLine line;
  private @Nullable ContainerOutput stdout;
  private @Nullable ContainerOutput stderr;
  private @Nullable InputStream stdin;
  private boolean outOfMemory;

  // all guarded by this
  private @Nullable String container;
  private String stopSignal = USUAL_STOP_SIGNAL;
  private boolean started;
  private boolean toStop;
  private boolean toKill;
  private boolean told;
  private boolean killed;
  private long killedAt;
  private boolean abandoned;
  private @Nullable Thread thread;
  private @Nullable AutoCloseable reading;
  private @Nullable ProcessHandle process;
  private @Nullable Instant processStarted;

  // only accessed by the watch, then read by its thread
  private volatile ContainerUse use = ContainerUse.UNKNOWN;

  ContainerJob(
      ContainerRunner runner,
      long number,
      Order order,
      Allocation allocation,
      JobRunner.Events events) {
    this.runner = runner;
    this.engine = runner.engine();
    this.number = number;
    this.order = order;
    this.allocation = allocation;
    this.events = events;
  }

  // ---------------------------------------------------------------- its thread

  /** Runs the container, from start to end. */
  void run() {
    AttemptEnd end;
    synchronized (this) {
      thread = Thread.currentThread();
    }
    try {
      end = isToStop() ? new AttemptEnd.Cancelled() : runAll();
    } catch (NotPossible e) {
      end = new AttemptEnd.NotStarted("could not start its program: " + e.reason());
    } catch (IOException e) {
      end = lost(e);
    } catch (RuntimeException e) {
      end = isOfGrain(e) ? failure(e) : lost(e);
    } catch (Error e) {
      end = failure(e);
    }
    synchronized (this) {
      thread = null;
    }
    // what was meant for what it did
    Thread.interrupted();
    close(stdout);
    close(stderr);
    close(stdin);
    String mine = container();
    if (mine != null) {
      runner.remove(mine);
    }
    if (folder != null) {
      folder.delete();
    }
    runner.ended(this);
    tell(end);
  }

  private void tell(AttemptEnd end) {
    try {
      if (container() == null && !(end instanceof AttemptEnd.Failure)) {
        events.notRun(end);
      } else {
        events.ended(end);
      }
    } catch (RejectedExecutionException e) {
      // the loop has ended, and nobody waits for it
    }
  }

  private AttemptEnd runAll() throws IOException, NotPossible {
    CommandLine read = CommandLine.decode(((Work.Command) order.spec().work()).line());
    CommandInput input = CommandInput.decode(order.input());
    ContainerSetting setting =
        ContainerSetting.decode(
            ((Isolation.Container) order.spec().setting().isolation()).setting());
    FilledCommand filled = FilledCommand.of(read, input, order, allocation);
    filled.ensureHeld();
    line = read;
    Path input0 = FilledCommand.input(filled.stdin());
    Path out = FilledCommand.output(filled.stdout());
    Path err = FilledCommand.output(filled.stderr());
    JobFolder made = JobFolder.make(runner.folder(), number, input.file());
    folder = made;
    stdin = input0 == null ? null : Files.newInputStream(input0);
    stdout = ContainerOutput.open(out, text -> printed(text, false));
    stderr = ContainerOutput.open(err, text -> printed(text, true));
    ContainerPlan plan =
        new ContainerPlan(runner, setting, filled, read, input, order, allocation, made);
    InspectImageResponse image = engine.inspect(setting.image());
    if (image == null) {
      return new AttemptEnd.Unable(
          "%s does not have the image %s%s"
              .formatted(
                  engine.description(),
                  setting.image(),
                  setting.local() ? ", and a local image is never pulled" : " any more"));
    }
    try {
      return runIn(plan, image);
    } catch (NoInit e) {
      runner.doWithoutInit();
      discard();
      try {
        return runIn(plan, image);
      } catch (NoInit again) {
        throw new NotPossible(String.valueOf(again.getMessage()));
      }
    }
  }

  /** The engine has no init process for containers. */
  private static final class NoInit extends Exception {
    private static final long serialVersionUID = 1;

    NoInit(String words) {
      super(words);
    }

    static boolean isMeant(String words) {
      return words.contains("docker-init")
          || words.contains("catatonit")
          || words.contains("init binary");
    }
  }

  private void discard() {
    String mine;
    synchronized (this) {
      mine = container;
      container = null;
    }
    if (mine != null) {
      runner.remove(mine);
    }
  }

  private AttemptEnd runIn(ContainerPlan plan, InspectImageResponse image)
      throws IOException, NotPossible, NoInit {
    AttemptEnd notMade = create(plan, image);
    if (notMade != null) {
      return notMade;
    }
    long startedAt = System.nanoTime();
    try (Attachment attached = attach()) {
      AttemptEnd failed = begin(plan);
      if (failed != null) {
        return failed;
      }
      findProcess();
      sendInput(attached);
      ContainerOutput.readAll(attached.output(), stdout(), stderr());
    } catch (Attachment.RefusedException e) {
      return notStarted(plan, String.valueOf(e.getMessage()));
    } finally {
      reads(null);
    }
    int code = awaitExit();
    Duration ran = Duration.ofNanos(System.nanoTime() - startedAt);
    return endOf(code, ran);
  }

  /** Makes the container; returns an end if this engine cannot. */
  private @Nullable AttemptEnd create(ContainerPlan plan, InspectImageResponse image)
      throws IOException, NotPossible, NoInit {
    String made;
    try {
      made = plan.create(String.valueOf(image.getId()), stdin != null);
    } catch (DockerException e) {
      String words = DockerEngine.reason(e);
      if (plan.usesInit() && NoInit.isMeant(words)) {
        throw new NoInit(words);
      }
      return new AttemptEnd.Unable(
          "%s could not make its container: %s".formatted(engine.description(), words));
    }
    synchronized (this) {
      container = made;
      stopSignal = stopSignal(image);
    }
    return null;
  }

  private static String stopSignal(InspectImageResponse image) {
    ContainerConfig config = image.getConfig();
    Object signal = config == null ? null : config.getRawValues().get("StopSignal");
    return signal instanceof String text && !text.isEmpty() ? text : USUAL_STOP_SIGNAL;
  }

  /** Starts the container; returns an end if there is no container that runs. */
  private @Nullable AttemptEnd begin(ContainerPlan plan) throws NotPossible, NoInit {
    try {
      engine.client().startContainerCmd(needContainer()).exec();
    } catch (DockerException e) {
      return notStarted(plan, DockerEngine.reason(e));
    }
    boolean stop;
    synchronized (this) {
      started = true;
      stop = toStop;
    }
    if (stop) {
      runner.execute(this::signal);
    }
    return null;
  }

  /** Returns why the container does not start, if that is not for want of the program. */
  private AttemptEnd notStarted(ContainerPlan plan, String words) throws NotPossible, NoInit {
    if (plan.usesInit() && NoInit.isMeant(words)) {
      throw new NoInit(words);
    }
    if (isOfProgram(words)) {
      throw new NotPossible(shortened(words));
    }
    return new AttemptEnd.Unable(
        "%s could not start its container: %s".formatted(engine.description(), shortened(words)));
  }

  private static boolean isOfProgram(String words) {
    return words.contains("executable file not found")
        || words.contains("no such file or directory")
        || words.contains("permission denied")
        || words.contains("is a directory")
        || words.contains("unable to find user")
        || words.contains("no matching entries in passwd");
  }

  /** Returns the part of the words of an engine that says what is wrong. */
  private static String shortened(String words) {
    int begin = words.lastIndexOf("exec: ");
    return (begin < 0 ? words : words.substring(begin)).strip().replaceAll("[\\s}\"]+$", "");
  }

  private Attachment attach() throws IOException {
    Attachment attached =
        engine.attach(
            "/containers/%s/attach?stream=1&stdout=1&stderr=1%s"
                .formatted(needContainer(), stdin == null ? "" : "&stdin=1"));
    reads(attached);
    return attached;
  }

  /** Sends the input on a thread of its own, as a program may print before it has read all. */
  private void sendInput(Attachment attached) {
    InputStream input = stdin;
    if (input != null) {
      runner.execute(() -> attached.send(input));
    }
  }

  /** Waits for the end of what has closed its output, and returns the exit code. */
  private int awaitExit() throws IOException {
    try (DockerHttpClient.Response response =
        engine.stream(
            Request.builder().method(Request.Method.POST),
            "/containers/" + needContainer() + "/wait")) {
      reads(response);
      String answer = new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8);
      if (response.getStatusCode() != 200) {
        throw new IOException("it does not tell of the end: " + answer.strip());
      }
    } finally {
      reads(null);
    }
    InspectContainerResponse.ContainerState state = state();
    Long code = state.getExitCodeLong();
    if (code == null || Boolean.TRUE.equals(state.getRunning())) {
      throw new IOException("it does not tell the exit code of the container");
    }
    outOfMemory = Boolean.TRUE.equals(state.getOOMKilled());
    return code.intValue();
  }

  private InspectContainerResponse.ContainerState state() {
    return engine.client().inspectContainerCmd(needContainer()).exec().getState();
  }

  private AttemptEnd endOf(int code, Duration ran) throws IOException {
    close(stdout);
    close(stderr);
    boolean stopped;
    boolean forced;
    synchronized (this) {
      stopped = told;
      forced = killed;
    }
    boolean limited = allocation.memory() > 0;
    if (!stopped && limited && (outOfMemory || isProbablyOutOfMemory(code, forced))) {
      return new AttemptEnd.OutOfMemory(needed(), allocation.memory(), use.peakMemory());
    }
    if (stopped || forced) {
      return new AttemptEnd.Cancelled();
    }
    CommandOutcome outcome =
        new CommandOutcome(
            line(), code, ran, use.cpu(), use.peakMemory(), stdout().end(), stderr().end());
    String errors = new String(stderr().end().bytes(), StandardCharsets.UTF_8);
    if ((code == NOT_FOUND || code == NOT_EXECUTABLE) && errors.startsWith(INIT_FAILED)) {
      int from = errors.indexOf("exec ");
      return new AttemptEnd.NotStarted(
          "could not start its program: "
              + (from < 0 ? errors : errors.substring(from)).strip()
              + " in the image");
    }
    return outcome.toEnd(folder().result(), runner.codec(), runner.resultLimit());
  }

  /** Podman does not say why something was killed. */
  private boolean isProbablyOutOfMemory(int code, boolean forced) {
    return engine.isPodman() && code == KILLED && !forced;
  }

  private String needed() {
    long peak = use.peakMemory();
    return "\"%s\" used more than the %s that it requested%s (enforced by its container); request more, for example memory(\"%s\")"
        .formatted(
            String.join(" ", line().words()),
            MemoryUnit.readable(allocation.memory()),
            outOfMemory ? "" : ", as far as can be known",
            MemoryUnit.readable(2 * Math.max(peak, allocation.memory())).replace(" ", ""));
  }

  private void printed(byte[] text, boolean error) {
    try {
      events.printed(Bytes.of(text), error);
    } catch (RejectedExecutionException e) {
      // the run is over, and nobody listens
    }
    runner.echo().print(order, text, error);
  }

  // ---------------------------------------------------------------- failures

  private static boolean isOfGrain(RuntimeException e) {
    return !(e instanceof DockerException) && e.getCause() == null;
  }

  private AttemptEnd failure(Throwable e) {
    return new AttemptEnd.Failure(runner.codec().encodeFailure(e), Exceptions.brief(e));
  }

  /** The engine does not answer any more: what is left of the container is killed. */
  private AttemptEnd lost(Exception e) {
    boolean stopped;
    synchronized (this) {
      stopped = toStop;
    }
    killProcess();
    return stopped
        ? new AttemptEnd.Cancelled()
        : new AttemptEnd.Unable(
            "%s failed while it ran the container: %s"
                .formatted(engine.description(), DockerEngine.reason(e)));
  }

  /** Kills the first process of the container, with which all end, if it can be found here. */
  private void killProcess() {
    ProcessHandle first;
    Instant since;
    synchronized (this) {
      first = process;
      since = processStarted;
    }
    if (first != null && first.info().startInstant().equals(Optional.ofNullable(since))) {
      first.destroyForcibly();
    }
  }

  // ---------------------------------------------------------------- stopping, for any thread

  @Override
  public void stop() {
    synchronized (this) {
      toStop = true;
    }
    later(this::signal);
  }

  @Override
  public boolean kill() {
    synchronized (this) {
      toStop = true;
      toKill = true;
      killedAt = killedAt == 0 ? System.nanoTime() : killedAt;
    }
    later(this::signal);
    return true;
  }

  private void later(Runnable task) {
    try {
      runner.execute(task);
    } catch (RejectedExecutionException e) {
      // the worker ends, and kills all itself
      Thread.ofPlatform().daemon().name("grain-container-end").start(task);
    }
  }

  private synchronized boolean isToStop() {
    return toStop;
  }

  /** Sends the signal that is due, if the container runs. */
  private void signal() {
    String mine;
    String signal;
    synchronized (this) {
      mine = container;
      if (!started || mine == null || killed || (told && !toKill)) {
        return;
      }
      told = true;
      killed = toKill;
      signal = toKill ? "SIGKILL" : stopSignal;
    }
    try {
      engine.client().killContainerCmd(mine).withSignal(signal).exec();
    } catch (NotFoundException | ConflictException e) {
      // it has ended
    } catch (RuntimeException e) {
      killProcess();
    }
  }

  // ---------------------------------------------------------------- for the watch

  /**
   * Takes note of what it uses, and gives an engine up that does not kill it.
   *
   * @param samples whether it is time to ask what it uses
   */
  void lookAfter(boolean samples) {
    String mine;
    boolean late;
    synchronized (this) {
      mine = started ? container : null;
      late = toKill && System.nanoTime() - killedAt > KILL_LIMIT;
    }
    if (late) {
      abandon();
    } else if (mine != null && samples) {
      try {
        use = use.and(ContainerUse.of(engine, mine));
      } catch (IOException | RuntimeException e) {
        // its thread finds out if the engine has ended
      }
    }
  }

  /** Looks for the process on this machine; the engine may be in another space of processes. */
  private void findProcess() {
    String mine = needContainer();
    Long pid = state().getPidLong();
    if (pid == null || pid <= 0) {
      return;
    }
    Path groups = Path.of("/proc", pid.toString(), "cgroup");
    Optional<ProcessHandle> found = ProcessHandle.of(pid);
    try {
      if (found.isPresent()
          && Files.readString(groups, StandardCharsets.ISO_8859_1).contains(mine)) {
        Instant since = found.get().info().startInstant().orElse(null);
        synchronized (this) {
          process = found.get();
          processStarted = since;
        }
      }
    } catch (IOException e) {
      // it has ended, or is not of this machine
    }
  }

  /** Waits for the engine no longer. */
  void abandon() {
    AutoCloseable open;
    synchronized (this) {
      if (abandoned) {
        return;
      }
      abandoned = true;
      open = reading;
      if (thread != null) {
        thread.interrupt();
      }
    }
    killProcess();
    close(open);
  }

  // ---------------------------------------------------------------- fields

  private synchronized void reads(@Nullable AutoCloseable response) {
    reading = response;
  }

  private synchronized @Nullable String container() {
    return container;
  }

  private String needContainer() {
    String mine = container();
    if (mine == null) {
      throw new IllegalStateException("There is no container");
    }
    return mine;
  }

  private CommandLine line() {
    return Objects.requireNonNull(line);
  }

  private JobFolder folder() {
    return Objects.requireNonNull(folder);
  }

  private ContainerOutput stdout() {
    return Objects.requireNonNull(stdout);
  }

  private ContainerOutput stderr() {
    return Objects.requireNonNull(stderr);
  }

  private static void close(@Nullable AutoCloseable closeable) {
    try {
      if (closeable != null) {
        closeable.close();
      }
    } catch (Exception e) {
      // nothing depends on it
    }
  }
}
