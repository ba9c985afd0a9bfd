package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a wait group does when something in it fails, or when it is cancelled. */
@ExtendWith(NothingLeft.class)
@SuppressWarnings("try") // some close twice, on purpose
final class WaitGroupFailureTest {
  private static final RunOptions FOUR = RunOptions.defaults().local(cpu(4));
  private static final RunOptions IMPATIENT =
      RunOptions.defaults().local(cpu(4)).cancelGrace(Duration.ofMillis(50));
  private static final GroupOptions COLLECT =
      GroupOptions.defaults().named("all").onFailure(FailurePolicy.COLLECT);

  static Object fail(String message) {
    throw new IllegalArgumentException(message);
  }

  /** Returns only when it is interrupted. */
  static void untilInterrupted(Signal started, Signal interrupted) {
    try {
      started.fireAndAwait(Signal.create());
    } catch (InterruptedException e) {
      interrupted.fire();
    }
  }

  // ---- a failure

  @Test
  void close_afterAFailure_cancelsTheRestAndThrowsIt() {
    Signal interrupted = Signal.create();
    assertThatThrownBy(() ->
            Grain.runCombine(
                () -> {
                  Signal started = Signal.create();
                  try (var wg = Grain.openWaitGroup()) {
                    wg.submit(cpu(1), WaitGroupFailureTest::untilInterrupted, started, interrupted);
                    started.await();
                    wg.submit(JobOptions.of(cpu(1)).named("bad"), WaitGroupFailureTest::fail, "x");
                  }
                },
                FOUR))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining("Job 2 (bad) failed on local")
        .hasCauseInstanceOf(IllegalArgumentException.class)
        .hasNoSuppressedExceptions();
    assertThat(interrupted.fired()).isTrue();
  }

  @Test
  void close_afterTheFailureOfASubtask_interruptsTheOthersAndThrowsIt() {
    Signal interrupted = Signal.create();
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              Signal started = Signal.create();
              try (var wg = Grain.openWaitGroup()) {
                wg.start(() -> untilInterrupted(started, interrupted));
                started.await();
                wg.start(() -> {
                  throw new IOException("disk");
                });
              }
            }))
        .isInstanceOf(SubtaskFailedException.class)
        .hasMessageContaining("Subtask 2 of")
        .hasCauseInstanceOf(IOException.class);
    assertThat(interrupted.fired()).isTrue();
  }

  @Test
  void close_afterAFailureThatCameTwice_suppressesTheLaterOne() {
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              Signal started = Signal.create();
              try (var wg = Grain.openWaitGroup()) {
                wg.start(() -> {
                  untilInterrupted(started, Signal.create());
                  throw new ArithmeticException("later");
                });
                started.await();
                wg.submit(cpu(1), WaitGroupFailureTest::fail, "first");
              }
            }))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining("first")
        .satisfies(thrown ->
            assertThat(thrown.getSuppressed())
                .singleElement()
                .satisfies(later -> assertThat(later).hasMessageContaining("later")));
  }

  @Test
  void close_whereWhatWasCancelledThrowsForThat_saysNothingOfIt() {
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              Signal started = Signal.create();
              try (var wg = Grain.openWaitGroup()) {
                wg.start(() -> started.fireAndAwait(Signal.create()));
                started.await();
                wg.submit(cpu(1), WaitGroupFailureTest::fail, "first");
              }
            }))
        .isInstanceOf(JobFailedException.class)
        .hasNoSuppressedExceptions();
  }

  @Test
  void failure_ofAnInnerGroup_keepsWhatIsSuppressedOnItsWayOut() {
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              try (var outer = Grain.openWaitGroup()) {
                outer.start(() -> {
                  try (var inner = Grain.openWaitGroup()) {
                    inner.submit(cpu(1), WaitGroupFailureTest::fail, "inner").outcome();
                    throw new ArithmeticException("beside");
                  } catch (ArithmeticException e) {
                    var failure = (JobFailedException) e.getSuppressed()[0];
                    failure.addSuppressed(e);
                    throw failure;
                  }
                });
              }
            }))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining("inner")
        .satisfies(thrown ->
            assertThat(thrown.getSuppressed())
                .singleElement()
                .isInstanceOf(ArithmeticException.class));
  }

  @Test
  void submitAndStart_afterAFailure_throwWithItAsCause() {
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              try (var wg = Grain.openWaitGroup(GroupOptions.defaults().named("short"))) {
                wg.submit(cpu(1), WaitGroupFailureTest::fail, "early").outcome();
                for (Caller.Body call :
                    List.<Caller.Body>of(
                        () -> wg.submit(cpu(1), () -> 1), () -> wg.start(() -> 1))) {
                  assertThatThrownBy(call::run)
                      .isInstanceOf(GroupCancelledException.class)
                      .hasMessage("wait group short is cancelled: job 1 failed")
                      .hasCauseInstanceOf(JobFailedException.class);
                }
              }
            }))
        .isInstanceOf(JobFailedException.class);
  }

  /** Lets something fail in many groups, and submits as soon as that can be seen. */
  private static void assertNothingIsTakenOnceAFailureIsSeen(
      Function<WaitGroup, Outcome<?>> failing) {
    Grain.runCombine(() -> {
      for (int round = 0; round < 1000; round++) {
        assertThatThrownBy(
                () -> {
                  try (var wg = Grain.openWaitGroup()) {
                    assertThat(failing.apply(wg)).isInstanceOf(Outcome.Failure.class);
                    wg.submit(cpu(1), () -> 1);
                  }
                })
            .as("round %d", round)
            .isInstanceOf(GroupCancelledException.class);
      }
    });
  }

  @Test
  void submit_asSoonAsTheFailureOfAJobIsSeen_throws() {
    assertNothingIsTakenOnceAFailureIsSeen(
        wg -> wg.submit(cpu(1), WaitGroupFailureTest::fail, "seen").outcome());
  }

  @Test
  void submit_asSoonAsTheFailureOfASubtaskIsSeen_throws() {
    assertNothingIsTakenOnceAFailureIsSeen(wg -> wg.start(() -> fail("seen")).outcome());
  }

  @Test
  void submit_endlesslyInAFailedGroup_ends() {
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              try (var wg = Grain.openWaitGroup()) {
                wg.submit(cpu(1), WaitGroupFailureTest::fail, "stop");
                while (true) {
                  wg.submit(cpu(1), Math::abs, -1);
                }
              }
            }))
        .isInstanceOf(GroupCancelledException.class)
        .hasCauseInstanceOf(JobFailedException.class)
        .satisfies(thrown ->
            assertThat(thrown.getSuppressed())
                .singleElement()
                .isInstanceOf(JobFailedException.class));
  }

  @Test
  void result_ofAnotherJobOfAFailedGroup_wakes() {
    assertThatThrownBy(() ->
            Grain.runCombine(
                () -> {
                  Signal blocked = Signal.create();
                  Thread owner = Thread.currentThread();
                  try (var wg = Grain.openWaitGroup()) {
                    Job<Object> never = wg.submit(cpu(3), () -> fail("it cannot run"));
                    never.result();
                  } catch (GroupCancelledException | JobFailedException e) {
                    blocked.fire();
                    throw e;
                  }
                  assertThat(owner.isInterrupted()).isFalse();
                },
                FOUR))
        .isInstanceOf(JobFailedException.class)
        .satisfies(thrown ->
            assertThat(thrown.getSuppressed())
                .singleElement()
                .isInstanceOf(JobFailedException.class)
                .isNotSameAs(thrown));
  }

  @Test
  void result_thatWaitsWhenItsGroupFails_throwsTheFailureAsCause() {
    assertThatThrownBy(() ->
            Grain.runCombine(
                () -> {
                  Signal started = Signal.create();
                  Signal go = Signal.create();
                  try (var wg = Grain.openWaitGroup()) {
                    // the second job holds out through the interrupt while result() is waited for
                    Signal release = Signal.create();
                    Job<Integer> held =
                        wg.submit(
                            cpu(1),
                            () -> {
                              started.fire();
                              release.awaitThroughInterrupts();
                              return 1;
                            });
                    started.await();
                    wg.submit(
                        cpu(1),
                        () -> {
                          go.await();
                          return fail("now");
                        });
                    go.fire();
                    try {
                      held.result();
                    } finally {
                      release.fire();
                    }
                  }
                },
                FOUR))
        .isInstanceOf(GroupCancelledException.class)
        .hasCauseInstanceOf(JobFailedException.class);
  }

  // ---- COLLECT

  @Test
  void collect_afterFailures_waitsForAllAndTellsEach() {
    Grain.runCombine(
        () -> {
          Signal go = Signal.create();
          var wg = Grain.openWaitGroup(COLLECT);
          try (wg) {
            wg.submit(cpu(1), WaitGroupFailureTest::fail, "one").outcome();
            wg.submit(cpu(1), Math::abs, -2);
            wg.start(() -> {
              throw new IOException("three");
            });
            wg.submit(
                cpu(1),
                () -> {
                  go.await();
                  return 4;
                });
            Job<?> cancelled = wg.submit(cpu(1), Signal.create()::await);
            cancelled.cancel();
            go.fire();
          }
          List<Outcome<?>> outcomes = wg.outcomes();
          assertThat(outcomes).hasSize(5);
          assertThat(((Outcome.Failure<?>) outcomes.get(0)).error())
              .isInstanceOf(JobFailedException.class);
          assertThat(outcomes.get(1)).isEqualTo(new Outcome.Success<>(2));
          assertThat(((Outcome.Failure<?>) outcomes.get(2)).error())
              .isInstanceOf(IOException.class);
          assertThat(outcomes.get(3)).isEqualTo(new Outcome.Success<>(4));
          assertThat(((Outcome.Cancelled<?>) outcomes.get(4)).error())
              .isInstanceOf(JobCancelledException.class);
          assertThatThrownBy(wg::results)
              .isInstanceOf(JobFailedException.class)
              .hasMessageContaining("one");
        },
        FOUR);
  }

  // ---- what the body throws

  @Test
  void body_thatThrowsItsOwn_waitsForWhatWasSubmitted() {
    Signal finished = Signal.create();
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              Signal started = Signal.create();
              Thread owner = Thread.currentThread();
              Signal go = Signal.create();
              try (var wg = Grain.openWaitGroup()) {
                wg.submit(
                    cpu(1),
                    () -> {
                      started.fire();
                      go.await();
                      finished.fire();
                    });
                wg.start(() -> {
                  started.await();
                  Caller.awaitBlocked(owner);
                  go.fire();
                });
                throw new IOException("own");
              }
            }))
        .isInstanceOf(IOException.class)
        .hasNoSuppressedExceptions();
    assertThat(finished.fired()).isTrue();
  }

  @Test
  void body_thatThrowsWhatSubmitThrew_cancels() {
    Signal interrupted = Signal.create();
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              Signal started = Signal.create();
              try (var wg = Grain.openWaitGroup()) {
                wg.submit(cpu(1), WaitGroupFailureTest::untilInterrupted, started, interrupted);
                started.await();
                wg.submit(cpu(1), Objects::toString, new Thread());
              }
            }))
        .isInstanceOf(EncodingException.class)
        .satisfies(thrown ->
            assertThat(thrown.getSuppressed())
                .singleElement()
                .isInstanceOf(GroupCancelledException.class));
    assertThat(interrupted.fired()).isTrue();
  }

  @Test
  void body_thatGoesOnAfterARefusedSubmit_isNotCancelled() {
    List<Object> results =
        Grain.runCombine(() -> {
          var wg = Grain.openWaitGroup();
          try (wg) {
            assertThatThrownBy(() -> wg.submit(cpu(1), Objects::toString, new Thread()))
                .isInstanceOf(EncodingException.class);
            wg.submit(cpu(1), Math::abs, -3);
          }
          return wg.results();
        });

    assertThat(results).containsExactly(3);
  }

  @Test
  void waitGroup_whateverItsCodeThrows_cancels() {
    Signal interrupted = Signal.create();
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              Signal started = Signal.create();
              return Grain.waitGroup(wg -> {
                wg.submit(cpu(1), WaitGroupFailureTest::untilInterrupted, started, interrupted);
                started.awaitThroughInterrupts();
                throw new ArithmeticException("own");
              });
            }))
        .isInstanceOf(ArithmeticException.class)
        .hasNoSuppressedExceptions();
    assertThat(interrupted.fired()).isTrue();
  }

  /** Submits a job, and then something that cannot be encoded, and does not mind. */
  private static Job<Integer> submitOneAndFailToSubmitAnother(WaitGroup wg) {
    Thread here = Thread.currentThread();
    Job<Integer> job = wg.submit(cpu(1), Math::abs, -7);
    assertThatThrownBy(() -> wg.submit(cpu(1), () -> here.getName()))
        .isInstanceOf(EncodingException.class);
    return job;
  }

  @Test
  void close_afterACaughtExceptionOfTheLastCall_cancelsAndNamesTheWayOut() {
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              try (var wg = Grain.openWaitGroup()) {
                submitOneAndFailToSubmitAnother(wg);
              }
            }))
        .isInstanceOf(GroupCancelledException.class)
        .hasMessageContaining("the last call in its block threw (capture 1 of the lambda in")
        .hasMessageEndingWith(
            "and close() cannot see whether the block caught that; Grain.waitGroup(wg -> ...) can");
  }

  @Test
  void close_afterACaughtExceptionThatWasNotOfTheLastCall_saysNothing() {
    Grain.runCombine(() -> {
      try (var wg = Grain.openWaitGroup()) {
        submitOneAndFailToSubmitAnother(wg);
        assertThat(wg.completed()).hasSize(1);
      }
    });
  }

  @Test
  void waitGroup_whoseCodeCatchesWhatTheLastCallThrew_goesOn() {
    Job<Integer> job =
        Grain.runCombine(
            () -> Grain.waitGroup(WaitGroupFailureTest::submitOneAndFailToSubmitAnother));

    assertThat(job.result()).isEqualTo(7);
  }

  @Test
  void waitGroup_ofAnExecutor_doesTheSame() {
    try (var executor = GrainExecutor.open()) {
      assertThat(executor.waitGroup(WaitGroupFailureTest::submitOneAndFailToSubmitAnother).result())
          .isEqualTo(7);
      Signal interrupted = Signal.create();
      Signal started = Signal.create();
      assertThatThrownBy(() ->
              executor.waitGroup(wg -> {
                wg.submit(cpu(1), WaitGroupFailureTest::untilInterrupted, started, interrupted);
                started.awaitThroughInterrupts();
                throw new ArithmeticException("own");
              }))
          .isInstanceOf(ArithmeticException.class)
          .hasNoSuppressedExceptions();
      assertThat(interrupted.fired()).isTrue();
    }
  }

  @Test
  void body_thatThrowsWhatTheGroupThrows_hasItSuppressedAsAnotherObject() {
    Throwable thrown =
        catchThrowable(() ->
            Grain.runCombine(() -> {
              try (var wg = Grain.openWaitGroup()) {
                wg.submit(cpu(1), WaitGroupFailureTest::fail, "both").result();
              }
            }));

    assertThat(thrown).isInstanceOf(JobFailedException.class);
    assertThat(thrown.getSuppressed()).singleElement().isInstanceOf(JobFailedException.class);
    assertThat(thrown.getSuppressed()[0]).isNotSameAs(thrown);
  }

  @Test
  void exception_ofAJob_isANewObjectEachTime() {
    Grain.runCombine(() -> {
      var wg = Grain.openWaitGroup();
      List<Throwable> thrown = new ArrayList<>();
      Job<Object> job = wg.submit(cpu(1), WaitGroupFailureTest::fail, "again");
      thrown.add(catchThrowable(job::result));
      thrown.add(catchThrowable(job::result));
      thrown.add(catchThrowable(wg::close));
      thrown.add(catchThrowable(wg::results));
      assertThat(thrown).allSatisfy(each -> assertThat(each).hasMessageContaining("again"));
      assertThat(thrown).doesNotHaveDuplicates();
    });
  }

  // ---- cancel()

  @Test
  void cancel_ofAGroup_stopsItsJobsAndCloseSaysNothing() throws InterruptedException {
    Signal interrupted = Signal.create();
    Grain.runCombine(
        () -> {
          Signal started = Signal.create();
          var wg = Grain.openWaitGroup(GroupOptions.defaults().named("unwanted"));
          Job<?> running;
          Job<?> queued;
          try (wg) {
            running =
                wg.submit(cpu(4), WaitGroupFailureTest::untilInterrupted, started, interrupted);
            queued = wg.submit(cpu(4), Math::abs, 1);
            started.await();
            wg.cancel();
            wg.cancel();
            assertThatThrownBy(() -> wg.submit(cpu(1), Math::abs, 1))
                .isInstanceOf(GroupCancelledException.class)
                .hasMessage("wait group unwanted is cancelled: it was cancelled by cancel()");
            assertThatThrownBy(queued::result)
                .isInstanceOfAny(GroupCancelledException.class, JobCancelledException.class);
            // the last call of the body must not be one that threw
          }
          assertThat(running.status()).isEqualTo(JobStatus.CANCELLED);
          assertThat(queued.status()).isEqualTo(JobStatus.CANCELLED);
          assertThat(wg.outcomes())
              .allSatisfy(each -> assertThat(each).isInstanceOf(Outcome.Cancelled.class));
          assertThatThrownBy(wg::results)
              .isInstanceOf(JobCancelledException.class)
              .hasMessageContaining("Job 1 was cancelled");
        },
        FOUR);
    assertThat(interrupted.fired()).isTrue();
  }

  @Test
  void cancel_ofAGroup_interruptsItsSubtasks() throws InterruptedException {
    Signal interrupted = Signal.create();
    Grain.runCombine(() -> {
      Signal started = Signal.create();
      var wg = Grain.openWaitGroup();
      Subtask<?> subtask;
      try (wg) {
        subtask = wg.start(() -> untilInterrupted(started, interrupted));
        started.await();
        wg.cancel();
      }
      assertThatThrownBy(() -> wg.start(() -> 1)).isInstanceOf(IllegalStateException.class);
      assertThat(subtask.outcome()).isInstanceOf(Outcome.class);
    });
    assertThat(interrupted.fired()).isTrue();
  }

  @Test
  void cancel_ofAJob_isNoFailureOfItsGroup() {
    Grain.runCombine(
        () -> {
          var wg = Grain.openWaitGroup();
          try (wg) {
            wg.submit(cpu(1), Math::abs, -1);
            Job<?> unwanted =
                wg.submit(JobOptions.of(cpu(1)).named("unwanted"), Signal.create()::await);
            unwanted.cancel();
            unwanted.cancel();
            wg.submit(cpu(1), Math::abs, -3);
          }
          assertThat(wg.outcomes()).hasSize(3);
          assertThatThrownBy(wg::results)
              .isInstanceOf(JobCancelledException.class)
              .hasMessageContaining("Job 2 (unwanted) was cancelled");
        },
        FOUR);
  }

  @Test
  void cancel_ofAGroup_goesDownToThoseWithin() throws InterruptedException {
    Signal interrupted = Signal.create();
    Signal stopped = Signal.create();
    Grain.runCombine(
        () -> {
          Signal started = Signal.create();
          try (var outer = Grain.openWaitGroup(GroupOptions.defaults().named("outer"))) {
            outer.start(() -> {
              try (var inner = Grain.openWaitGroup()) {
                inner.submit(cpu(1), WaitGroupFailureTest::untilInterrupted, started, interrupted);
                inner.submit(cpu(4), Math::abs, 1);
                inner.close();
              } catch (GroupCancelledException e) {
                assertThat(e).hasMessageContaining("wait group outer around it was cancelled");
                stopped.fire();
                throw e;
              }
            });
            started.await();
            outer.cancel();
          }
        },
        FOUR);
    assertThat(interrupted.fired()).isTrue();
    assertThat(stopped.fired()).isTrue();
  }

  @Test
  void failure_inAnOuterGroup_wakesAnInnerOneOfTheSameThread() {
    assertThatThrownBy(() ->
            Grain.runCombine(
                () -> {
                  Signal started = Signal.create();
                  try (var outer = Grain.openWaitGroup();
                      var inner = Grain.openWaitGroup()) {
                    inner.submit(
                        cpu(1), WaitGroupFailureTest::untilInterrupted, started, Signal.create());
                    started.await();
                    outer.submit(cpu(1), WaitGroupFailureTest::fail, "outer");
                  }
                },
                FOUR))
        .isInstanceOf(GroupCancelledException.class)
        .satisfies(thrown ->
            assertThat(thrown.getSuppressed())
                .singleElement()
                .isInstanceOf(JobFailedException.class));
  }

  // ---- a time limit

  @Test
  void timeout_ofAGroup_cancelsIt() {
    Signal interrupted = Signal.create();
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              GroupOptions limited =
                  GroupOptions.defaults().named("quick").timeout(Duration.ofMillis(20));
              try (var wg = Grain.openWaitGroup(limited)) {
                wg.start(() -> untilInterrupted(Signal.create(), interrupted));
              }
            }))
        .isInstanceOf(GroupCancelledException.class)
        .hasMessageContaining("wait group quick is cancelled: it exceeded its time limit of");
    // the subtask may have been cancelled before it started
  }

  @Test
  void timeout_thatIsNotReached_isCalledOff() {
    List<Object> results =
        Grain.runCombine(() -> {
          var wg = Grain.openWaitGroup(GroupOptions.defaults().timeout(Duration.ofDays(1)));
          try (wg) {
            wg.submit(cpu(1), Math::abs, -1);
          }
          return wg.results();
        });

    assertThat(results).containsExactly(1);
  }

  // ---- jobs that do not stop

  @Test
  void close_whereAJobIgnoresTheInterrupt_endsWithTheGraceAndNamesIt() {
    Signal release = Signal.create();
    try {
      assertThatThrownBy(() ->
              Grain.runCombine(
                  () -> {
                    Signal started = Signal.create();
                    try (var wg = Grain.openWaitGroup()) {
                      wg.submit(
                          JobOptions.of(cpu(1)).named("deaf"),
                          () -> {
                            started.fire();
                            release.awaitThroughInterrupts();
                          });
                      started.await();
                      wg.cancel();
                    }
                  },
                  IMPATIENT))
          .isInstanceOf(GroupCancelledException.class)
          .hasMessageContaining("cancelled by cancel()")
          .hasMessageContaining("ignore the interrupt and keep running: [job 1 (deaf)]");
    } finally {
      release.fire();
    }
  }

  @Test
  void failure_whereAJobIgnoresTheInterrupt_namesItBesideTheFailure() {
    Signal release = Signal.create();
    try {
      assertThatThrownBy(() ->
              Grain.runCombine(
                  () -> {
                    Signal started = Signal.create();
                    try (var wg = Grain.openWaitGroup()) {
                      wg.submit(
                          JobOptions.of(cpu(1)).named("deaf"),
                          () -> {
                            started.fire();
                            release.awaitThroughInterrupts();
                          });
                      started.await();
                      wg.submit(cpu(1), WaitGroupFailureTest::fail, "first");
                    }
                  },
                  IMPATIENT))
          .isInstanceOf(JobFailedException.class)
          .satisfies(thrown ->
              assertThat(thrown.getSuppressed())
                  .singleElement()
                  .isInstanceOf(GroupCancelledException.class)
                  .asString()
                  .contains("keep running: [job 1 (deaf)]"));
    } finally {
      release.fire();
    }
  }

  @Test
  void job_thatIgnoresTheInterrupt_keepsItsSlotsUntilItEnds() throws InterruptedException {
    Grain.runCombine(
        () -> {
          Signal release = Signal.create();
          Signal started = Signal.create();
          var first = Grain.openWaitGroup();
          first.submit(
              cpu(4),
              () -> {
                started.fire();
                release.awaitThroughInterrupts();
              });
          started.await();
          first.cancel();
          assertThatThrownBy(first::close).isInstanceOf(GroupCancelledException.class);

          try (var second = Grain.openWaitGroup()) {
            Job<Integer> waiting = second.submit(cpu(1), Math::abs, -1);
            Grain.exec(dev.grain.resource.Resources.none(), () -> {});
            assertThat(waiting.status()).isIn(JobStatus.QUEUED, JobStatus.SENT);
            release.fire();
            assertThat(waiting.result()).isEqualTo(1);
          }
        },
        IMPATIENT);
  }
}
