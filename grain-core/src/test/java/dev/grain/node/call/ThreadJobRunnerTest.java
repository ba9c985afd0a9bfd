package dev.grain.node.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Allocation;
import dev.grain.EncodingException;
import dev.grain.NothingLeft;
import dev.grain.Signal;
import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.function.Fn0;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Order;
import dev.grain.message.Orders;
import dev.grain.message.Work;
import dev.grain.node.JobRunner;
import dev.grain.node.RecordedEvents;
import dev.grain.node.prepare.Ready;
import dev.grain.resource.Resources;
import dev.grain.resource.internal.Demand;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A runner by itself, without a node or a head. */
@ExtendWith(NothingLeft.class)
@SuppressWarnings("try") // some close twice, on purpose
final class ThreadJobRunnerTest {
  private static final int LIMIT = 1000;
  private static final Codec CODE = new Codec(ThreadJobRunnerTest.class.getClassLoader());
  private static final Allocation ONE_CORE =
      new Allocation(List.of(3), List.of(), 0, Map.of("cpu", 1.0), "here");

  private static final Allocation HALF_A_CORE =
      new Allocation(List.of(), List.of(), 0, Map.of("cpu", 0.5), "here");

  private static Order order(Fn0<?> function, boolean platformThread) {
    Codec.EncodedCall call = CODE.encode(function, new Object[0], LIMIT);
    Order.Spec spec =
        new Order.Spec(
            "",
            Demand.of(Resources.cpu(1)),
            Order.Limits.NONE,
            new Work.Call(call.function(), platformThread),
            Order.Setting.OWN);
    return Orders.of(1, 1, false, spec, call.arguments());
  }

  private static ThreadJobRunner runner() {
    return runner(() -> {});
  }

  private static ThreadJobRunner runner(Runnable whenOutOfMemory) {
    return new ThreadJobRunner((_, _) -> CODE, LIMIT, false, false, null, whenOutOfMemory);
  }

  @Test
  void job_runsOnAPlatformThread_ifItHoldsAWholeCore() throws InterruptedException {
    RecordedEvents told = new RecordedEvents();
    try (ThreadJobRunner runner = runner()) {
      for (Allocation allocation : List.of(ONE_CORE, HALF_A_CORE)) {
        runner.start(
            order(() -> Thread.currentThread().isVirtual(), false),
            allocation,
            Ready.NOTHING,
            told);

        assertThat(told.ends.take())
            .isInstanceOfSatisfying(
                AttemptEnd.Value.class,
                end ->
                    assertThat(CODE.decodeValue(end.value())).isEqualTo(allocation == HALF_A_CORE));
      }
    }
  }

  @Test
  void result_withinTheLimit_isEncoded() throws InterruptedException {
    RecordedEvents told = new RecordedEvents();
    try (ThreadJobRunner runner = runner()) {
      runner.start(order(() -> true, false), ONE_CORE, Ready.NOTHING, told);

      assertThat(told.ends.take())
          .isInstanceOfSatisfying(
              AttemptEnd.Value.class,
              end -> assertThat(CODE.decodeValue(end.value())).isEqualTo(true));
    }
  }

  @Test
  void result_overTheLimit_isAFailureThatSaysSo() throws InterruptedException {
    RecordedEvents told = new RecordedEvents();
    try (ThreadJobRunner runner = runner()) {
      for (Fn0<?> tooMuch :
          List.<Fn0<?>>of(() -> new byte[LIMIT + 1], () -> List.of("x".repeat(LIMIT + 1)))) {
        runner.start(order(tooMuch, false), ONE_CORE, Ready.NOTHING, told);

        assertThat(told.ends.take())
            .isInstanceOfSatisfying(
                AttemptEnd.Failure.class,
                end ->
                    assertThat(CODE.decodeFailure(end.failure()))
                        .isInstanceOf(EncodingException.class)
                        .hasMessageContaining("result")
                        .hasMessageContaining("1000"));
      }
    }
  }

  private static int say() {
    throw new OutOfMemoryError("as it says");
  }

  private static int sayInAPart() {
    throw new CompletionException(new OutOfMemoryError("in a part"));
  }

  private static int sayOther() {
    throw new IllegalStateException(new StackOverflowError("too deep"));
  }

  private static List<String> told(Fn0<?> function) throws InterruptedException {
    BlockingQueue<String> order = new LinkedBlockingQueue<>();
    RecordedEvents told = new RecordedEvents();
    try (ThreadJobRunner runner = runner(() -> order.add("out of memory " + told.ends.size()))) {
      runner.start(order(function, false), ONE_CORE, Ready.NOTHING, told);
      assertThat(told.ends.take()).isInstanceOf(AttemptEnd.Failure.class);
    }
    return List.copyOf(order);
  }

  @Test
  void outOfMemory_isTold_beforeTheEndOfTheJob() throws InterruptedException {
    assertThat(told(ThreadJobRunnerTest::say)).containsExactly("out of memory 0");
    assertThat(told(ThreadJobRunnerTest::sayInAPart)).containsExactly("out of memory 0");
    assertThat(told(ThreadJobRunnerTest::sayOther)).isEmpty();
  }

  @Test
  void stop_beforeTheThreadBegins_isNotLost() throws InterruptedException {
    RecordedEvents told = new RecordedEvents();
    try (ThreadJobRunner runner = runner()) {
      runner
          .start(order(ThreadJobRunnerTest::untilInterrupted, true), ONE_CORE, Ready.NOTHING, told)
          .stop();

      assertThat(told.ends.take()).isInstanceOf(AttemptEnd.Failure.class);
    }
  }

  private static Object untilInterrupted() throws InterruptedException {
    new Semaphore(0).acquire();
    throw new AssertionError("nobody releases it");
  }

  @Test
  void platformThreads_areUsedAgain() throws InterruptedException {
    RecordedEvents told = new RecordedEvents();
    try (ThreadJobRunner runner = runner()) {
      for (int round = 0; round < 50; round++) {
        runner.start(
            order(() -> Thread.currentThread().getName(), true), ONE_CORE, Ready.NOTHING, told);
        assertThat(told.ends.take())
            .isInstanceOfSatisfying(
                AttemptEnd.Value.class,
                end -> assertThat((String) CODE.decodeValue(end.value())).startsWith("grain-job-"));
      }
      runner.close();
      runner.awaitEnd();
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // which is what is to be put back
  private static boolean changeThread() {
    Thread thread = Thread.currentThread();
    thread.setName("parser");
    thread.setPriority(Thread.MIN_PRIORITY);
    thread.setUncaughtExceptionHandler((_, _) -> {});
    thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
    thread.interrupt();
    return true;
  }

  private static String describeThread() {
    Thread thread = Thread.currentThread();
    return "%s, priority %s, %s, %s, interrupted: %s"
        .formatted(
            thread.getName(),
            thread.getPriority(),
            thread.getUncaughtExceptionHandler().getClass().getSimpleName(),
            thread.getContextClassLoader().getClass().getSimpleName(),
            thread.isInterrupted());
  }

  @Test
  void whatAJobChangesOfItsThread_isPutBackBeforeTheNext() throws InterruptedException {
    RecordedEvents told = new RecordedEvents();
    try (ThreadJobRunner runner = runner()) {
      for (int round = 0; round < 20; round++) {
        runner.start(order(ThreadJobRunnerTest::changeThread, true), ONE_CORE, Ready.NOTHING, told);
        assertThat(told.ends.take()).isInstanceOf(AttemptEnd.Value.class);
        runner.start(
            order(ThreadJobRunnerTest::describeThread, true), ONE_CORE, Ready.NOTHING, told);
        assertThat(told.ends.take())
            .isInstanceOfSatisfying(
                AttemptEnd.Value.class,
                end ->
                    assertThat((String) CODE.decodeValue(end.value()))
                        .matches(
                            "grain-job-\\d+, priority 5, ThreadGroup, AppClassLoader,"
                                + " interrupted: false"));
      }
      runner.close();
      runner.awaitEnd();
    }
  }

  @Test
  void output_ofManyLinesAtOnce_comesInSmallParts() throws InterruptedException {
    RecordedEvents told = new RecordedEvents();
    try (ThreadJobRunner runner = runner()) {
      runner.start(
          order(() -> print("a line\n".repeat(100_000)), true), ONE_CORE, Ready.NOTHING, told);
      assertThat(told.ends.take()).isInstanceOf(AttemptEnd.Value.class);
    }
    assertThat(told.texts).allMatch(text -> text.length() <= 16 * 1024);
    assertThat(Bytes.join(List.copyOf(told.texts)).length()).isEqualTo(700_000);
  }

  private static boolean print(String text) {
    System.out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    return true;
  }

  private static boolean printInTheCommonPool() {
    CompletableFuture.runAsync(() -> System.out.println("asynchronous")).join();
    return true;
  }

  @Test
  void outputOfTheCommonPool_whileOneJobRuns_isTheJobs() throws InterruptedException {
    RecordedEvents told = new RecordedEvents();
    try (ThreadJobRunner runner = runner()) {
      for (Allocation allocation : List.of(ONE_CORE, HALF_A_CORE)) {
        runner.start(
            order(ThreadJobRunnerTest::printInTheCommonPool, false),
            allocation,
            Ready.NOTHING,
            told);

        assertThat(told.ends.take()).isInstanceOf(AttemptEnd.Value.class);
        assertThat(told.texts).hasSize(1);
        assertThat(told.texts.remove().utf8().strip()).isEqualTo("asynchronous");
      }
    }
  }

  private static boolean printInTheCommonPool(Signal bothRun, Signal bothPrinted) {
    bothRun.fire();
    bothRun.awaitThroughInterrupts();
    printInTheCommonPool();
    bothPrinted.fire();
    bothPrinted.awaitThroughInterrupts();
    return true;
  }

  @Test
  void outputOfTheCommonPool_whileTwoJobsRun_isNeitherOnes() throws InterruptedException {
    PrintStream out = System.out;
    ByteArrayOutputStream ofProcess = new ByteArrayOutputStream();
    System.setOut(new PrintStream(ofProcess, true, StandardCharsets.UTF_8));
    RecordedEvents told = new RecordedEvents();
    Signal bothRun = Signal.create(2);
    Signal bothPrinted = Signal.create(2);
    try (ThreadJobRunner runner = runner();
        ThreadJobRunner ofAnotherProgram = runner()) {
      for (ThreadJobRunner each : List.of(runner, ofAnotherProgram)) {
        each.start(
            order(() -> printInTheCommonPool(bothRun, bothPrinted), true),
            ONE_CORE,
            Ready.NOTHING,
            told);
      }
      for (int job = 0; job < 2; job++) {
        assertThat(told.ends.take()).isInstanceOf(AttemptEnd.Value.class);
      }
    } finally {
      System.setOut(out);
    }
    assertThat(told.texts).isEmpty();
    assertThat(ofProcess.toString(StandardCharsets.UTF_8).lines())
        .containsExactly("asynchronous", "asynchronous");
  }

  @Test
  void end_whenNobodyListens_isNoError() throws InterruptedException {
    BlockingQueue<Thread> uncaught = new LinkedBlockingQueue<>();
    BlockingQueue<Boolean> asked = new LinkedBlockingQueue<>();
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, _) -> uncaught.add(thread));
    try (ThreadJobRunner runner = runner()) {
      runner.start(
          order(() -> 1, true),
          ONE_CORE,
          Ready.NOTHING,
          new JobRunner.Events() {
            @Override
            public void ended(AttemptEnd end) {
              asked.add(true);
              throw new RejectedExecutionException("the loop has ended");
            }

            @Override
            public void notRun(AttemptEnd failure) {
              throw new AssertionError(failure);
            }

            @Override
            public void printed(Bytes text, boolean error) {}
          });
      assertThat(asked.take()).isTrue();
      runner.close();
      runner.awaitEnd();
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
    assertThat(uncaught).isEmpty();
  }
}
