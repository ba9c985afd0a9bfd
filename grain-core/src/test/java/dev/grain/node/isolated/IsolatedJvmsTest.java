package dev.grain.node.isolated;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Allocation;
import dev.grain.bytes.Bytes;
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
import dev.grain.node.confine.Enforcement;
import dev.grain.node.confine.EnforcementSettings;
import dev.grain.node.confine.NotEnforceableException;
import dev.grain.node.process.CommandRunner.Echo;
import dev.grain.resource.internal.Demand;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class IsolatedJvmsTest {
  private static final int LIMIT = 1000;
  private static final Codec CODE = new Codec(IsolatedJvmsTest.class.getClassLoader());
  private static final Allocation ALLOCATION =
      new Allocation(List.of(0), List.of(), 0, Map.of("cpu", 1.0), "node1");

  private final NettyLoop loop = NettyLoop.withoutSockets("test-loop");
  private final Told told = new Told();

  @AfterEach
  void closeLoop() {
    loop.close();
  }

  /** What a runner has told. */
  private static final class Told implements JobRunner.Events {
    private final BlockingQueue<AttemptEnd> ends = new LinkedBlockingQueue<>();

    @Override
    public void ended(AttemptEnd end) {
      ends.add(end);
    }

    @Override
    public void notRun(AttemptEnd why) {
      ends.add(why);
    }

    @Override
    public void printed(Bytes text, boolean error) {}
  }

  private IsolatedJvms jvms(long idleNanos) {
    return new IsolatedJvms(loop, CODE, LIMIT, true, Echo.NONE, nothingEnforced(), idleNanos);
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
            new Order.Setting(CodeRef.OWN, Isolation.Jvm.of(List.of())));
    return Orders.of(1, 1, false, spec, call.arguments());
  }

  private static long pid() {
    return ProcessHandle.current().pid();
  }

  private long pidOf(IsolatedRunner runner) throws InterruptedException {
    runner.start(order(IsolatedJvmsTest::pid), ALLOCATION, told);
    AttemptEnd.Value end = (AttemptEnd.Value) told.ends.take();
    return (Long) CODE.decodeValue(end.value());
  }

  private static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).isPresent();
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
    runner.start(order(IsolatedJvmsTest::pid), ALLOCATION, told);
    assertThat(told.ends.take())
        .isEqualTo(new AttemptEnd.NotStarted("could not be started: the worker is ending"));
  }

  @Test
  void jobThatIsStoppedWhileItsJvmStarts_isCancelled() throws InterruptedException {
    try (IsolatedJvms jvms = jvms(Long.MAX_VALUE)) {
      IsolatedRunner runner = jvms.runner(null);
      runner.start(order(() -> 1), ALLOCATION, told).stop();
      assertThat(told.ends.take()).isEqualTo(new AttemptEnd.Cancelled());
      runner.start(order(() -> 1), ALLOCATION, told).kill();
      assertThat(told.ends.take()).isEqualTo(new AttemptEnd.Cancelled());
    }
  }
}
