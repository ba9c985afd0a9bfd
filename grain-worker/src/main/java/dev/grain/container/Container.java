package dev.grain.container;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.ContainerConfig;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.process.NotPossible;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One container, from its making to its removal. One thread makes it and waits for its end; any
 * thread may stop it.
 */
final class Container {
  private static final String USUAL_STOP_SIGNAL = "SIGTERM";

  /** How long an engine has to end a container that it was told to kill. */
  private static final long KILL_LIMIT = TimeUnit.SECONDS.toNanos(10);

  /** The exit code of what SIGKILL has ended. */
  static final int KILLED = 137;

  /** An engine may learn after the end that it was for want of memory. */
  private static final long CAUSE_LIMIT = TimeUnit.SECONDS.toNanos(2);

  private static final long CAUSE_PAUSE = TimeUnit.MILLISECONDS.toNanos(20);

  private final Containers all;
  private final DockerEngine engine;

  // all only accessed by the thread that waits for its end
  private long startedAt;
  private boolean limited;
  private boolean outOfMemory;

  // all guarded by this
  private @Nullable String id;
  private String stopSignal = USUAL_STOP_SIGNAL;
  private boolean started;
  private boolean toStop;
  private boolean toKill;
  private boolean told;
  private boolean killed;
  private long killedAt;
  private boolean abandoned;
  private @Nullable Thread waiting;
  private @Nullable AutoCloseable reading;
  private @Nullable ProcessHandle process;
  private @Nullable Instant processStarted;

  // set by the watch
  private volatile ContainerUse use = ContainerUse.UNKNOWN;

  Container(Containers all) {
    this.all = all;
    this.engine = all.engine();
  }

  // ---------------------------------------------------------------- its thread

  /** This thread makes it, or waits for it, from here on. */
  void enter() {
    synchronized (this) {
      waiting = Thread.currentThread();
    }
    all.begun(this);
  }

  /** This thread has done so; {@link #enter} may follow, or {@link #remove}. */
  void leave() {
    synchronized (this) {
      // another thread may have entered meanwhile
      if (waiting == Thread.currentThread()) {
        waiting = null;
      }
    }
    // what was meant for what it did
    Thread.interrupted();
  }

  /** Removes it with all that is in it; returns false if the engine does not do that now. */
  boolean remove() {
    String mine = id();
    boolean removed = mine == null || all.remove(mine);
    all.ended(this);
    return removed;
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

  /**
   * Makes and starts it.
   *
   * @return the connection with its standard streams; to be closed
   * @throws NotPossible if there is no such program in the image, for example
   * @throws PreparationException if this engine could not do it
   * @throws IOException if the engine does not answer as it should
   */
  Attachment start(ContainerPlan plan) throws IOException, NotPossible, PreparationException {
    InspectImageResponse image = image(plan);
    try {
      return start(plan, image, all.usesInit());
    } catch (NoInit e) {
      all.doWithoutInit();
      discard();
      try {
        return start(plan, image, false);
      } catch (NoInit again) {
        throw new NotPossible(String.valueOf(again.getMessage()));
      }
    }
  }

  private InspectImageResponse image(ContainerPlan plan) throws PreparationException {
    String name = plan.setting().image();
    InspectImageResponse image = engine.inspect(name);
    if (image == null) {
      throw PreparationException.here(
          "%s does not have the image %s%s"
              .formatted(
                  engine.description(),
                  name,
                  plan.setting().local() ? ", and a local image is never pulled" : " any more"));
    }
    return image;
  }

  private void discard() {
    String mine;
    synchronized (this) {
      mine = id;
      id = null;
    }
    if (mine != null) {
      all.remove(mine);
    }
  }

  private Attachment start(ContainerPlan plan, InspectImageResponse image, boolean init)
      throws IOException, NotPossible, PreparationException, NoInit {
    create(plan, image, init);
    limited = plan.memory() > 0;
    startedAt = System.nanoTime();
    Attachment attached = null;
    boolean runs = false;
    try {
      attached = attach(plan.program().hasInput());
      engine.client().startContainerCmd(needId()).exec();
      onStarted();
      runs = true;
      return attached;
    } catch (Attachment.RefusedException e) {
      throw notStarted(String.valueOf(e.getMessage()), init);
    } catch (DockerException e) {
      throw notStarted(DockerEngine.reason(e), init);
    } finally {
      if (!runs && attached != null) {
        attached.close();
      }
    }
  }

  private void create(ContainerPlan plan, InspectImageResponse image, boolean init)
      throws NotPossible, PreparationException, NoInit {
    String made;
    try {
      made = plan.create(all, String.valueOf(image.getId()), init);
    } catch (DockerException e) {
      String words = DockerEngine.reason(e);
      if (init && NoInit.isMeant(words)) {
        throw new NoInit(words);
      }
      if (isOfMount(words)) {
        throw notMounted(plan, words);
      }
      throw PreparationException.here(
          "%s could not make its container: %s".formatted(engine.description(), words));
    }
    synchronized (this) {
      id = made;
      stopSignal = stopSignal(image);
    }
  }

  private NotPossible notMounted(ContainerPlan plan, String words) {
    return new NotPossible(
        plan.mounts().stream().anyMatch(each -> words.contains(each.host()))
            ? "%s does not see the files of this worker (%s). It runs on another machine, or the"
                    .formatted(engine.description(), words)
                + " worker runs in a container. Start the worker where the engine runs"
            : "its container cannot have what is to be mounted (%s)".formatted(words));
  }

  /** Returns whether a file or folder to be mounted is missing; Docker and Podman say so. */
  private static boolean isOfMount(String words) {
    return words.contains("bind source path does not exist")
        || (words.contains("statfs ") && words.contains("no such file"));
  }

  private static String stopSignal(InspectImageResponse image) {
    ContainerConfig config = image.getConfig();
    Object signal = config == null ? null : config.getRawValues().get("StopSignal");
    return signal instanceof String text && !text.isEmpty() ? text : USUAL_STOP_SIGNAL;
  }

  private Attachment attach(boolean hasInput) throws IOException {
    Attachment attached =
        engine.attach(
            "/containers/%s/attach?stream=1&stdout=1&stderr=1%s"
                .formatted(needId(), hasInput ? "&stdin=1" : ""));
    reads(attached);
    return attached;
  }

  private void onStarted() {
    boolean stop;
    synchronized (this) {
      started = true;
      stop = toStop;
    }
    if (stop) {
      all.execute(this::signal);
    }
    findProcess();
  }

  /** Throws why the container does not start, if that is not for want of the program. */
  private PreparationException notStarted(String words, boolean init) throws NotPossible, NoInit {
    if (init && NoInit.isMeant(words)) {
      throw new NoInit(words);
    }
    if (isOfProgram(words)) {
      throw new NotPossible(shortened(words));
    }
    return PreparationException.here(
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

  /** Looks for the process on this machine; the engine may be in another space of processes. */
  private void findProcess() {
    String mine = needId();
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

  /** Waits for the end of what has closed its output, and returns the exit code. */
  int awaitExit() throws IOException {
    try (DockerHttpClient.Response response =
        engine.stream(
            Request.builder().method(Request.Method.POST), "/containers/" + needId() + "/wait")) {
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
    outOfMemory = isOutOfMemory(state) || (code == KILLED && awaitOutOfMemory());
    return code.intValue();
  }

  private static boolean isOutOfMemory(InspectContainerResponse.ContainerState state) {
    return Boolean.TRUE.equals(state.getOOMKilled());
  }

  /** Returns whether the engine says before long that it was killed for want of memory. */
  private boolean awaitOutOfMemory() {
    if (!limited || wasKilled() || engine.isPodman()) {
      return false;
    }
    long begin = System.nanoTime();
    do {
      LockSupport.parkNanos(CAUSE_PAUSE);
      if (isOutOfMemory(state())) {
        return true;
      }
    } while (System.nanoTime() - begin < CAUSE_LIMIT && !Thread.currentThread().isInterrupted());
    return false;
  }

  /** Returns whether the engine has said that something in it was killed for want of memory. */
  boolean isOutOfMemory() {
    return outOfMemory;
  }

  /** Returns how long ago it was started. */
  Duration age() {
    return Duration.ofNanos(System.nanoTime() - startedAt);
  }

  private InspectContainerResponse.ContainerState state() {
    return engine.client().inspectContainerCmd(needId()).exec().getState();
  }

  // ---------------------------------------------------------------- stopping, for any thread

  /** Sends it the signal that its image wants for that, as soon as it runs. */
  void stop() {
    synchronized (this) {
      toStop = true;
    }
    later(this::signal);
  }

  /** Has the engine kill it, as soon as it runs. */
  void kill() {
    synchronized (this) {
      toStop = true;
      toKill = true;
      killedAt = killedAt == 0 ? System.nanoTime() : killedAt;
    }
    later(this::signal);
  }

  private void later(Runnable task) {
    try {
      all.execute(task);
    } catch (RejectedExecutionException e) {
      // the worker ends, and kills all itself
      Thread.ofPlatform().daemon().name("grain-container-end").start(task);
    }
  }

  /** Returns whether somebody wants it to end. */
  synchronized boolean isToStop() {
    return toStop;
  }

  /** Returns whether it was sent a signal to end. */
  synchronized boolean wasStopped() {
    return told;
  }

  /** Returns whether it was killed at the wish of somebody. */
  synchronized boolean wasKilled() {
    return killed;
  }

  /** Sends the signal that is due, if the container runs. */
  private void signal() {
    String mine;
    String signal;
    synchronized (this) {
      mine = id;
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

  /** Kills its first process, with which all end, if it can be found here. */
  void killProcess() {
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

  /** Waits for the engine no longer. */
  void abandon() {
    AutoCloseable open;
    synchronized (this) {
      if (abandoned) {
        return;
      }
      abandoned = true;
      open = reading;
      if (waiting != null) {
        waiting.interrupt();
      }
    }
    killProcess();
    close(open);
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
      mine = started ? id : null;
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

  /** Returns what it has used, as far as is known. */
  ContainerUse use() {
    return use;
  }

  // ---------------------------------------------------------------- fields

  /** Returns the engine's name for it; null if it was not made. */
  synchronized @Nullable String id() {
    return id;
  }

  private String needId() {
    String mine = id();
    if (mine == null) {
      throw new IllegalStateException("There is no container");
    }
    return mine;
  }

  private synchronized void reads(@Nullable AutoCloseable response) {
    reading = response;
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
