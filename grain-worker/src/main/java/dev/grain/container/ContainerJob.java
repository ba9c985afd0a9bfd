package dev.grain.container;

import com.github.dockerjava.api.exception.DockerException;
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
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Ready;
import dev.grain.node.prepare.Workspaces;
import dev.grain.node.prepare.Workspaces.Workspace;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** One attempt of a command in a container, from start to end. */
final class ContainerJob implements JobRunner.Running {
  private static final int NOT_EXECUTABLE = 126;
  private static final int NOT_FOUND = 127;

  /** How an init process of containers says that there is no such program. */
  private static final String INIT_FAILED = "[FATAL tini";

  private final ContainerRunner runner;
  private final Container container;
  private final long number;
  private final Order order;
  private final Allocation allocation;
  private final Ready ready;
  private final JobRunner.Events events;

  // all only accessed by its thread
  private @Nullable JobFolder folder;
  private @Nullable CommandLine line;
  private @Nullable ContainerOutput stdout;
  private @Nullable ContainerOutput stderr;
  private @Nullable InputStream stdin;
  private @Nullable Workspace workspace;

  ContainerJob(
      ContainerRunner runner,
      long number,
      Order order,
      Allocation allocation,
      Ready ready,
      JobRunner.Events events) {
    this.runner = runner;
    this.container = new Container(runner.containers());
    this.number = number;
    this.order = order;
    this.allocation = allocation;
    this.ready = ready;
    this.events = events;
  }

  // ---------------------------------------------------------------- its thread

  /** Runs the container, from start to end. */
  void run() {
    AttemptEnd end;
    container.enter();
    try {
      end = container.isToStop() ? new AttemptEnd.Cancelled() : runAll();
    } catch (NotPossible e) {
      end = new AttemptEnd.NotStarted("could not start its program: " + e.reason());
    } catch (PreparationException e) {
      end = new AttemptEnd.Unable(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      end = lost(e);
    } catch (RuntimeException e) {
      end = isOfGrain(e) ? failure(e) : lost(e);
    } catch (Error e) {
      end = failure(e);
    }
    container.leave();
    close(stdout);
    close(stderr);
    close(stdin);
    boolean ran = container.id() != null;
    // nobody else gets it while the container may still be there
    if (container.remove()) {
      close(workspace);
    }
    if (folder != null) {
      folder.delete();
    }
    tell(end, ran);
  }

  private void tell(AttemptEnd end, boolean ran) {
    try {
      if (ran || end instanceof AttemptEnd.Failure) {
        events.ended(end);
      } else {
        events.notRun(end);
      }
    } catch (RejectedExecutionException e) {
      // the loop has ended, and nobody waits for it
    }
  }

  private AttemptEnd runAll() throws IOException, NotPossible, PreparationException {
    CommandLine read = CommandLine.decode(((Work.Command) order.spec().work()).line());
    CommandInput input = CommandInput.decode(order.input());
    ContainerSetting setting =
        ContainerSetting.decode(
                ((Isolation.Container) order.spec().setting().isolation()).setting())
            .at(ready.image());
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
    ContainerPlan.Program program =
        new ContainerPlan.Program(
            filled.words(),
            false,
            environment(setting, filled, input),
            JobFolder.workingDir(filled.folder(), ready.code()),
            ContainerUser.usual(made.path()),
            stdin != null);
    List<ContainerSetting.Mount> mounts = new ArrayList<>(List.of(made.mount()));
    mounts.addAll(made.mountCode(ready.code(), workspace(made, setting)));
    return runIn(
        new ContainerPlan(setting, program, mounts, labels(), allocation, allocation.memory()));
  }

  /** Returns the folder in which the command may change its code; null if it has none. */
  private @Nullable Path workspace(JobFolder made, ContainerSetting setting) throws IOException {
    Workspaces all = ready.workspaces();
    if (all == null) {
      return null;
    }
    Workspace mine = all.open();
    workspace = mine;
    String user = setting.user().isEmpty() ? ContainerUser.usual(made.path()) : setting.user();
    if (!user.equals(ContainerUser.own(made.path()))) {
      SharedFiles.openAll(mine.path());
    }
    return mine.path();
  }

  private Map<String, String> labels() {
    return Map.of(
        DockerEngine.HEAD_LABEL,
        order.run(),
        "dev.grain.job",
        String.valueOf(order.job()),
        "dev.grain.attempt",
        String.valueOf(order.attempt()));
  }

  /** Returns what is set beside what the image sets; later ones win. */
  private Map<String, String> environment(
      ContainerSetting setting, FilledCommand filled, CommandInput input) {
    Map<String, String> all = new LinkedHashMap<>(setting.environment());
    all.putAll(filled.ofGrain());
    if (input.file() != null) {
      all.put("GRAIN_INPUT_FILE", JobFolder.inputInside());
    }
    if (line().returnsResult()) {
      all.put("GRAIN_RESULT_FILE", JobFolder.resultInside());
    }
    all.putAll(filled.ofUser());
    return all;
  }

  private AttemptEnd runIn(ContainerPlan plan)
      throws IOException, NotPossible, PreparationException {
    try (Attachment attached = container.start(plan)) {
      sendInput(attached);
      ContainerOutput.readAll(attached.output(), stdout(), stderr());
    }
    int code = container.awaitExit();
    return endOf(code, container.age());
  }

  /** Sends the input on a thread of its own, as a program may print before it has read all. */
  private void sendInput(Attachment attached) {
    InputStream input = stdin;
    if (input != null) {
      runner.containers().execute(() -> attached.send(input));
    }
  }

  private AttemptEnd endOf(int code, Duration ran) throws IOException {
    close(stdout);
    close(stderr);
    boolean stopped = container.wasStopped();
    boolean forced = container.wasKilled();
    boolean limited = allocation.memory() > 0;
    if (!stopped && limited && (container.isOutOfMemory() || isProbablyOutOfMemory(code, forced))) {
      return new AttemptEnd.OutOfMemory(needed(), allocation.memory(), peakAbove());
    }
    if (stopped || forced) {
      return new AttemptEnd.Cancelled();
    }
    CommandOutcome outcome =
        new CommandOutcome(
            line(), code, ran, use().cpu(), use().peakMemory(), stdout().end(), stderr().end());
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

  /** What is killed for want of memory has had all of it, however short that was. */
  private long peakAbove() {
    return Math.max(allocation.memory(), use().peakMemory());
  }

  private ContainerUse use() {
    return container.use();
  }

  /** Podman does not say why something was killed. */
  private boolean isProbablyOutOfMemory(int code, boolean forced) {
    return engine().isPodman() && code == Container.KILLED && !forced;
  }

  private String needed() {
    return "\"%s\" used more than the %s that it requested%s (enforced by its container); request more, for example memory(\"%s\")"
        .formatted(
            String.join(" ", line().words()),
            MemoryUnit.readable(allocation.memory()),
            container.isOutOfMemory() ? "" : ", as far as can be known",
            MemoryUnit.readable(2 * peakAbove()).replace(" ", ""));
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
    boolean stopped = container.isToStop();
    container.killProcess();
    return stopped
        ? new AttemptEnd.Cancelled()
        : new AttemptEnd.Unable(
            "%s failed while it ran the container: %s"
                .formatted(engine().description(), DockerEngine.reason(e)));
  }

  // ---------------------------------------------------------------- stopping, for any thread

  @Override
  public void stop() {
    container.stop();
  }

  @Override
  public boolean kill() {
    container.kill();
    return true;
  }

  // ---------------------------------------------------------------- fields

  private DockerEngine engine() {
    return runner.containers().engine();
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
