package dev.grain.node.isolated;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Allocation;
import dev.grain.IsolatedJvmException;
import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.loop.NettyLoop;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.message.ContainerSetting;
import dev.grain.message.Isolation;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.message.Orders;
import dev.grain.message.Work;
import dev.grain.node.JobRunner;
import dev.grain.node.confine.Enforcement;
import dev.grain.node.confine.EnforcementSettings;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Ready;
import dev.grain.node.process.CommandRunner.Echo;
import dev.grain.resource.internal.Demand;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of jobs whose JVM does this and that, whatever it runs in. */
final class ChildJvmTest {
  private static final Codec CODE = new Codec(ChildJvmTest.class.getClassLoader());
  private static final Allocation ALLOCATION =
      new Allocation(List.of(0), List.of(), 0, Map.of("cpu", 1.0), "node1");
  private static final AttemptEnd VALUE = new AttemptEnd.Value(Bytes.utf8("value"));

  private final NettyLoop loop = NettyLoop.withoutSockets("test-loop");
  private final ScriptedJvm.Launcher launcher = new ScriptedJvm.Launcher();
  private final Told told = new Told();
  private Enforcement enforcement;
  private IsolatedJvms jvms;
  // only accessed by the test
  private long numbers;

  /** What a runner has reported. */
  private static final class Told implements JobRunner.Events {
    private final BlockingQueue<AttemptEnd> ends = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> printed = new LinkedBlockingQueue<>();

    @Override
    public void ended(AttemptEnd end) {
      ends.add(end);
    }

    @Override
    public void notRun(AttemptEnd why) {
      ends.add(why);
    }

    @Override
    public void printed(Bytes text, boolean error) {
      printed.add(text.utf8());
    }
  }

  @BeforeEach
  void open() throws Exception {
    enforcement = Enforcement.open(EnforcementSettings.OFF);
    jvms = jvms(launcher);
  }

  private IsolatedJvms jvms(JvmLauncher starts) {
    return new IsolatedJvms(
        loop, CODE, 1000, false, Echo.NONE, enforcement, starts, Long.MAX_VALUE);
  }

  @AfterEach
  void close() {
    launcher.close();
    jvms.close();
    enforcement.close();
    loop.close();
    assertThat(told.ends).isEmpty();
  }

  private JobRunner.Running start(IsolatedRunner runner) {
    Order.Spec spec =
        new Order.Spec(
            "",
            Demand.of(cpu(1)),
            Order.Limits.NONE,
            new Work.Call(Bytes.empty(), false),
            new Order.Setting(
                CodeRef.OWN, Isolation.Container.of(ContainerSetting.of("image", true))));
    numbers++;
    Order order = Orders.of(numbers, 1, false, spec, Bytes.empty());
    return runner.start(order, ALLOCATION, Ready.NOTHING, told);
  }

  private static Message.Ended ended(Order order, AttemptEnd end) {
    return new Message.Ended(order.number(), order.attempt(), end, 0);
  }

  private static Message.Output output(Order order, String text) {
    return new Message.Output(order.number(), order.attempt(), Bytes.utf8(text), false);
  }

  private IsolatedJvmException failure() throws InterruptedException {
    AttemptEnd.Failure end = (AttemptEnd.Failure) told.ends.take();
    return (IsolatedJvmException) CODE.decodeFailure(end.failure());
  }

  // ---------------------------------------------------------------- messages

  @Test
  void messagesAboutAnEarlierJob_arePassedOver() throws Exception {
    IsolatedRunner runner = jvms.runner(null);
    start(runner);
    ScriptedJvm jvm = launcher.next().connect();
    Order first = jvm.begin();
    jvm.send(output(first, "in time"));
    jvm.send(ended(first, VALUE));
    assertThat(told.ends.take()).isEqualTo(VALUE);
    start(runner);
    Order second = jvm.begin();
    jvm.send(output(first, "too late"));
    jvm.send(ended(first, new AttemptEnd.Cancelled()));
    jvm.send(output(second, "the next one"));
    jvm.send(ended(second, VALUE));
    assertThat(told.ends.take()).isEqualTo(VALUE);
    assertThat(told.printed).containsExactly("in time", "the next one");
  }

  @Test
  void jvmThatTakesNoFurtherJob_getsNone() throws Exception {
    IsolatedRunner runner = jvms.runner(null);
    start(runner);
    ScriptedJvm jvm = launcher.next().connect();
    Order first = jvm.begin();
    jvm.send(new Message.Draining());
    jvm.send(ended(first, VALUE));
    assertThat(told.ends.take()).isEqualTo(VALUE);
    start(runner);
    ScriptedJvm other = launcher.next().connect();
    other.send(ended(other.begin(), VALUE));
    assertThat(told.ends.take()).isEqualTo(VALUE);
    jvm.end(0);
  }

  @Test
  void jvmThatSendsWhatIsNotForAWorker_isKilled_andItsJobSaysWhy() throws Exception {
    start(jvms.runner(null));
    ScriptedJvm jvm = launcher.next().connect();
    jvm.begin();
    jvm.send(new Message.RunOver("r1"));
    jvm.awaitKill();
    assertThat(failure())
        .hasMessageContaining("The worker killed its JVM, as it could not go on")
        .hasMessageContaining("it sent an unexpected message: RunOver");
  }

  @Test
  void jvmThatSendsNoMessage_isKilled_andItsJobSaysWhy() throws Exception {
    start(jvms.runner(null));
    ScriptedJvm jvm = launcher.next().connect();
    jvm.begin();
    jvm.send("GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1".getBytes(StandardCharsets.US_ASCII));
    jvm.awaitKill();
    assertThat(failure()).hasMessageContaining("could not go on: it sent no message: ");
  }

  @Test
  void jobThatIsStopped_isRequestedToStop_once() throws Exception {
    JobRunner.Running job = start(jvms.runner(null));
    ScriptedJvm jvm = launcher.next().connect();
    Order order = jvm.begin();
    job.stop();
    job.stop();
    assertThat(jvm.request()).isEqualTo(new Message.Stop(order.number(), order.attempt()));
    jvm.send(ended(order, new AttemptEnd.Cancelled()));
    assertThat(told.ends.take()).isInstanceOf(AttemptEnd.Cancelled.class);
    job.stop();
  }

  // ---------------------------------------------------------------- ends

  @Test
  void jvmThatEndsInsteadOfConnecting_namesItsCodeAndWhatItPrinted() throws Exception {
    start(jvms.runner(null));
    launcher.next().end(1);
    assertThat(told.ends.take())
        .isEqualTo(
            new AttemptEnd.NotStarted(
                "could not start its JVM, which exited with code 1; it printed:\n"
                    + "printed by the JVM"));
  }

  @Test
  void jvmThatEndsBeforeItsJobHasBegun_isReplacedOnce() throws Exception {
    start(jvms.runner(null));
    ScriptedJvm first = launcher.next().connect();
    first.readOrder();
    first.end(137);
    ScriptedJvm second = launcher.next().connect();
    second.readOrder();
    second.end(137);
    assertThat(failure()).hasMessageStartingWith("Its JVM was killed by SIGKILL");
  }

  @Test
  void jvmWhoseEndNobodyKnows_failsTheJobThatMayHaveRun() throws Exception {
    start(jvms.runner(null));
    ScriptedJvm jvm = launcher.next().connect();
    jvm.begin();
    jvm.end(new RunningJvm.Exit(0, null, "the engine was killed"));
    assertThat(failure()).hasMessage("Its JVM was lost: the engine was killed");
  }

  @Test
  void jvmWhoseEndNobodyKnows_leavesAJobThatDidNotRunToAnotherNode() throws Exception {
    start(jvms.runner(null));
    for (int attempt = 0; attempt < 2; attempt++) {
      ScriptedJvm jvm = launcher.next().connect();
      jvm.readOrder();
      jvm.end(new RunningJvm.Exit(0, null, "the engine was killed"));
    }
    assertThat(told.ends.take()).isEqualTo(new AttemptEnd.Unable("the engine was killed"));
  }

  @Test
  void limitOfMemory_isTheReason_ifItHasKilledTheJvm() throws Exception {
    AttemptEnd.OutOfMemory above = new AttemptEnd.OutOfMemory("above", 5, 6);
    start(jvms.runner(null));
    ScriptedJvm jvm = launcher.next().connect();
    jvm.begin();
    jvm.end(new RunningJvm.Exit(137, above, null));
    assertThat(told.ends.take()).isEqualTo(above);
  }

  @Test
  void jobThatIsKilled_isCancelled_whenItsJvmIsDead() throws Exception {
    JobRunner.Running job = start(jvms.runner(null));
    ScriptedJvm jvm = launcher.next().connect();
    jvm.begin();
    assertThat(job.kill()).isTrue();
    jvm.awaitKill();
    assertThat(told.ends.take()).isInstanceOf(AttemptEnd.Cancelled.class);
  }

  // ---------------------------------------------------------------- what cannot be started

  private AttemptEnd endWith(PreparationException why) throws InterruptedException {
    try (IsolatedJvms refusing =
        jvms(_ -> {
          throw why;
        })) {
      start(refusing.runner(null));
      return told.ends.take();
    }
  }

  @Test
  void jvmThatNoNodeCouldStart_isNotTriedElsewhere() throws Exception {
    assertThat(endWith(PreparationException.everywhere("the image has no Java.")))
        .isEqualTo(new AttemptEnd.NotStarted("could not start its JVM: the image has no Java."));
  }

  @Test
  void jvmThatThisNodeCannotStart_isLeftToAnotherOne() throws Exception {
    assertThat(endWith(PreparationException.here("The disk is full.")))
        .isEqualTo(new AttemptEnd.Unable("its JVM could not be started: The disk is full."));
  }
}
