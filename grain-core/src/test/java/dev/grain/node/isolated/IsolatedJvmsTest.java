package dev.grain.node.isolated;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Allocation;
import dev.grain.IsolatedJvmException;
import dev.grain.code.Codec;
import dev.grain.function.Fn0;
import dev.grain.loop.NettyLoop;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.message.Isolation;
import dev.grain.message.Order;
import dev.grain.message.Orders;
import dev.grain.message.Work;
import dev.grain.node.JobRunner;
import dev.grain.node.RecordedEvents;
import dev.grain.node.confine.Enforcement;
import dev.grain.node.confine.EnforcementSettings;
import dev.grain.node.confine.NotEnforceableException;
import dev.grain.node.prepare.Ready;
import dev.grain.node.process.CommandRunner.Echo;
import dev.grain.resource.internal.Demand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class IsolatedJvmsTest {
  private static final int LIMIT = 1000;
  private static final Codec CODE = new Codec(IsolatedJvmsTest.class.getClassLoader());
  private static final Allocation ALLOCATION =
      new Allocation(List.of(0), List.of(), 0, Map.of("cpu", 1.0), "node1");

  @TempDir private Path folder;

  private final NettyLoop loop = NettyLoop.withoutSockets("test-loop");
  private final RecordedEvents told = new RecordedEvents();

  @AfterEach
  void closeLoop() {
    loop.close();
  }

  private IsolatedJvms jvms(long idleNanos) {
    return new IsolatedJvms(
        loop,
        CODE,
        LIMIT,
        true,
        Echo.NONE,
        nothingEnforced(),
        IsolatedJvmsTest::noContainers,
        idleNanos);
  }

  private static JvmLaunch noContainers(JvmLauncher.Request request) {
    throw new AssertionError("This is about processes");
  }

  private static Enforcement nothingEnforced() {
    try {
      return Enforcement.open(EnforcementSettings.OFF);
    } catch (NotEnforceableException e) {
      throw new AssertionError(e);
    }
  }

  private static Order order(Fn0<?> function) {
    Codec.EncodedCall call = CODE.encode(function, new Object[0], LIMIT);
    Order.Spec spec =
        new Order.Spec(
            "",
            Demand.of(cpu(1)),
            Order.Limits.NONE,
            new Work.Call(call.function(), false),
            new Order.Setting(CodeRef.OWN, Isolation.Jvm.of("", List.of())));
    return Orders.of(1, 1, false, spec, call.arguments());
  }

  private static long pid() {
    return ProcessHandle.current().pid();
  }

  private long pidOf(IsolatedRunner runner) throws InterruptedException {
    runner.start(order(IsolatedJvmsTest::pid), ALLOCATION, Ready.NOTHING, told);
    AttemptEnd.Value end = (AttemptEnd.Value) told.ends.take();
    return (Long) CODE.decodeValue(end.value());
  }

  /** Returns whether a process runs; one that nobody has waited for does not. */
  private static boolean isAlive(long pid) {
    try {
      Path stat = Path.of("/proc", String.valueOf(pid), "stat");
      return ProcessHandle.of(pid).isPresent()
          && !(Files.exists(stat) && Files.readString(stat).matches("(?s).*\\) Z .*"));
    } catch (IOException e) {
      return false;
    }
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }

  /**
   * Has a process do nothing more, as if it were about to die. The signal only asks for that: until
   * one of its threads has seen it, the others go on.
   */
  private static void suspend(long pid) throws IOException, InterruptedException {
    signal(pid, "-STOP");
    await(() -> isSuspended(pid));
  }

  private static boolean isSuspended(long pid) {
    try {
      Path threads = Path.of("/proc", String.valueOf(pid), "task");
      return Files.isDirectory(threads) ? areSuspended(threads) : stateOf(pid).startsWith("T");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean areSuspended(Path threads) throws IOException {
    try (DirectoryStream<Path> each = Files.newDirectoryStream(threads)) {
      for (Path thread : each) {
        if (!Files.readString(thread.resolve("stat")).matches("(?s).*\\) T .*")) {
          return false;
        }
      }
    } catch (NoSuchFileException e) {
      // one has just ended
      return false;
    }
    return true;
  }

  /** Returns the state of a process of a system without /proc. */
  private static String stateOf(long pid) throws IOException {
    Process ps = new ProcessBuilder("ps", "-o", "state=", "-p", String.valueOf(pid)).start();
    return new String(ps.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  private static void signal(long pid, String signal) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", signal, String.valueOf(pid)).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }

  private static void kill(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
  }

  private static void note(Path file, long number) throws IOException {
    Path other = file.resolveSibling(file.getFileName() + ".part");
    Files.writeString(other, String.valueOf(number));
    Files.move(other, file);
  }

  private static long awaitNote(Path file) throws IOException {
    await(() -> Files.exists(file));
    return Long.parseLong(Files.readString(file));
  }

  private static int sleep(Path started) throws IOException, InterruptedException {
    note(started, pid());
    Thread.sleep(Long.MAX_VALUE);
    return 0;
  }

  /** Starts a process, and ends without a chance to end it. */
  private static int startAndHalt(Path started) throws IOException {
    Process process = new ProcessBuilder("sleep", "1000").start();
    note(started, process.pid());
    Runtime.getRuntime().halt(3);
    return 0;
  }

  private Throwable failure() throws InterruptedException {
    return CODE.decodeFailure(((AttemptEnd.Failure) told.ends.take()).failure());
  }

  @Test
  void jvm_thatIsIdleForTooLong_isEnded() throws InterruptedException {
    try (IsolatedJvms jvms = jvms(1_000_000)) {
      long pid = pidOf(jvms.runner(null));
      while (isAlive(pid)) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void jvm_ofARun_isNotUsedByAnother_andEndsWithIt() throws InterruptedException {
    try (IsolatedJvms jvms = jvms(Long.MAX_VALUE)) {
      IsolatedRunner one = jvms.runner(null);
      IsolatedRunner other = jvms.runner(null);
      long pid = pidOf(one);
      assertThat(pidOf(other)).isNotEqualTo(pid);
      one.close();
      while (isAlive(pid)) {
        Thread.onSpinWait();
      }
      assertThat(pidOf(other)).isNotEqualTo(pid);
    }
  }

  @Test
  void jobThatComesAfterTheEnd_isToldSo() throws InterruptedException {
    IsolatedJvms jvms = jvms(Long.MAX_VALUE);
    IsolatedRunner runner = jvms.runner(null);
    long pid = pidOf(runner);
    jvms.close();
    assertThat(isAlive(pid)).isFalse();
    runner.start(order(IsolatedJvmsTest::pid), ALLOCATION, Ready.NOTHING, told);
    assertThat(told.ends.take())
        .isEqualTo(new AttemptEnd.NotStarted("could not be started: the worker is ending"));
  }

  @Test
  void jobThatIsStoppedWhileItsJvmStarts_isCancelled() throws InterruptedException {
    try (IsolatedJvms jvms = jvms(Long.MAX_VALUE)) {
      IsolatedRunner runner = jvms.runner(null);
      runner.start(order(() -> 1), ALLOCATION, Ready.NOTHING, told).stop();
      assertThat(told.ends.take()).isEqualTo(new AttemptEnd.Cancelled());
      runner.start(order(() -> 1), ALLOCATION, Ready.NOTHING, told).kill();
      assertThat(told.ends.take()).isEqualTo(new AttemptEnd.Cancelled());
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there are no signals")
  void idleJvm_thatDiesAsItGetsAJob_isReplaced() throws Exception {
    try (IsolatedJvms jvms = jvms(Long.MAX_VALUE)) {
      IsolatedRunner runner = jvms.runner(null);
      long pid = pidOf(runner);
      suspend(pid);
      runner.start(order(IsolatedJvmsTest::pid), ALLOCATION, Ready.NOTHING, told);
      kill(pid);
      AttemptEnd.Value end = (AttemptEnd.Value) told.ends.take();
      assertThat(CODE.decodeValue(end.value())).isNotEqualTo(pid);
      assertThat(told.ends).isEmpty();
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there are no signals")
  void idleJvm_thatDiesWithAJobThatWasStopped_isNotReplaced() throws Exception {
    try (IsolatedJvms jvms = jvms(Long.MAX_VALUE)) {
      IsolatedRunner runner = jvms.runner(null);
      long pid = pidOf(runner);
      suspend(pid);
      runner.start(order(IsolatedJvmsTest::pid), ALLOCATION, Ready.NOTHING, told).stop();
      kill(pid);
      assertThat(told.ends.take()).isEqualTo(new AttemptEnd.Cancelled());
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there are no signals")
  void job_thatIsStoppedBeforeItsJvmHasReadTheOrder_isInterrupted() throws Exception {
    Path started = folder.resolve("started");
    try (IsolatedJvms jvms = jvms(Long.MAX_VALUE)) {
      IsolatedRunner runner = jvms.runner(null);
      long pid = pidOf(runner);
      suspend(pid);
      runner.start(order(() -> sleep(started)), ALLOCATION, Ready.NOTHING, told).stop();
      signal(pid, "-CONT");
      AttemptEnd.Failure end = (AttemptEnd.Failure) told.ends.take();
      assertThat(end.words()).startsWith("java.lang.InterruptedException");
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there are no signals")
  void threadThatAJobHasLeftInterrupted_waitsForTheNextJob() throws Exception {
    try (IsolatedJvms jvms = jvms(Long.MAX_VALUE)) {
      IsolatedRunner runner = jvms.runner(null);
      runner.start(order(IsolatedJvmsTest::interruptLater), ALLOCATION, Ready.NOTHING, told);
      told.ends.take();
      assertThat(pidOf(runner)).isPositive();
    }
  }

  /** Interrupts the thread of the job after its end, too. */
  private static int interruptLater() {
    Thread ofJob = Thread.currentThread();
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          for (int i = 0; i < 1000; i++) {
            ofJob.interrupt();
            Thread.onSpinWait();
          }
        });
    return 0;
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there are no signals")
  void job_thatIsKilledWhileItsJvmIsReplaced_isCancelled() throws Exception {
    Path started = folder.resolve("started");
    try (IsolatedJvms jvms = jvms(Long.MAX_VALUE)) {
      IsolatedRunner runner = jvms.runner(null);
      long pid = pidOf(runner);
      suspend(pid);
      JobRunner.Running job =
          runner.start(
              order(() -> IsolatedJvmsTest.sleep(started)), ALLOCATION, Ready.NOTHING, told);
      kill(pid);
      await(() -> !isAlive(pid));
      job.kill();
      assertThat(told.ends.take()).isEqualTo(new AttemptEnd.Cancelled());
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "there are no signals")
  void jvm_thatDiesWhenItsJobHasBegun_isNotReplaced() throws Exception {
    Path started = folder.resolve("started");
    try (IsolatedJvms jvms = jvms(Long.MAX_VALUE)) {
      IsolatedRunner runner = jvms.runner(null);
      long pid = pidOf(runner);
      runner.start(order(() -> IsolatedJvmsTest.sleep(started)), ALLOCATION, Ready.NOTHING, told);
      assertThat(awaitNote(started)).isEqualTo(pid);
      kill(pid);
      assertThat(failure())
          .isInstanceOf(IsolatedJvmException.class)
          .hasMessageStartingWith("Its JVM was killed by SIGKILL");
    }
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "only /proc shows the environment of processes")
  void process_thatAFunctionHasStarted_endsWithItsJvm_withoutControlGroups() throws Exception {
    Path started = folder.resolve("started");
    try (IsolatedJvms jvms = jvms(Long.MAX_VALUE)) {
      IsolatedRunner runner = jvms.runner(null);
      runner.start(
          order(() -> IsolatedJvmsTest.startAndHalt(started)), ALLOCATION, Ready.NOTHING, told);
      assertThat(failure()).hasMessageStartingWith("Its JVM exited with code 3");
      assertThat(isAlive(awaitNote(started))).isFalse();
    }
  }
}
