package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.none;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a wait group does while all goes well, and what it refuses. */
@ExtendWith(NothingLeft.class)
@SuppressWarnings("try") // some close twice, on purpose
final class WaitGroupTest {
  private static final RunOptions FOUR = RunOptions.defaults().local(cpu(4));

  static int square(int number) {
    return number * number;
  }

  @Test
  void results_whateverFinishedFirst_areInTheOrderOfSubmission() {
    List<Integer> results =
        Grain.runCombine(
            () -> {
              Signal second = Signal.create();
              var wg = Grain.openWaitGroup();
              try (wg) {
                wg.submit(
                    cpu(1),
                    () -> {
                      second.await();
                      return 1;
                    });
                wg.submit(
                    cpu(1),
                    () -> {
                      second.fire();
                      return 2;
                    });
                wg.submit(cpu(1), WaitGroupTest::square, 3);
              }
              return wg.results(Integer.class);
            },
            FOUR);

    assertThat(results).containsExactly(1, 2, 9);
  }

  @Test
  void results_ofJobsAndSubtasks_shareOneOrder() {
    List<String> results =
        Grain.runCombine(
            () -> {
              Signal last = Signal.create();
              var wg = Grain.openWaitGroup();
              try (wg) {
                wg.start(() -> {
                  last.await();
                  return "first";
                });
                wg.submit(cpu(1), () -> "second");
                wg.start(() -> "third");
                wg.submit(cpu(1), last::fire);
                wg.submit(none(), () -> "fifth");
              }
              return wg.results(String.class);
            },
            FOUR);

    assertThat(results).containsExactly("first", "second", "third", null, "fifth");
  }

  @Test
  void results_ofSubmissionsBySubtasks_areInTheGroupOfTheSubtask() {
    List<Object> results =
        Grain.runCombine(() -> {
          var wg = Grain.openWaitGroup();
          try (wg) {
            wg.start(() -> {
              wg.submit(cpu(1), WaitGroupTest::square, 2);
              wg.submit(cpu(1), WaitGroupTest::square, 3);
              return "subtask";
            });
          }
          return wg.results();
        });

    assertThat(results).containsExactly("subtask", 4, 9);
  }

  @Test
  void subtasks_withGroupsOfTheirOwn_nest() {
    int sum =
        Grain.runCombine(() -> {
          var wg = Grain.openWaitGroup();
          try (wg) {
            for (int each = 1; each <= 5; each++) {
              int base = each;
              wg.start(() -> sumOfSquares(base));
            }
          }
          return wg.results(Integer.class).stream().mapToInt(each -> each).sum();
        });

    assertThat(sum).isEqualTo(5 * (1 + 4 + 9) + 3 * 55 + 2 * 15 * (1 + 2 + 3));
  }

  private static int sumOfSquares(int base) {
    var inner = Grain.openWaitGroup();
    try (inner) {
      for (int add = 1; add <= 3; add++) {
        inner.submit(cpu(1), WaitGroupTest::square, base + add);
      }
    }
    return inner.results(Integer.class).stream().mapToInt(each -> each).sum();
  }

  @Test
  void results_ofPrimitiveType_areThoseOfItsBox() {
    List<Integer> results =
        Grain.runCombine(() -> {
          var wg = Grain.openWaitGroup();
          try (wg) {
            wg.submit(cpu(1), WaitGroupTest::square, 4);
          }
          return wg.results(int.class);
        });

    assertThat(results).containsExactly(16);
  }

  @Test
  void results_ofAnotherType_nameTheJobAndBothTypes() {
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              var wg = Grain.openWaitGroup();
              try (wg) {
                wg.submit(JobOptions.of(cpu(1)).named("word"), () -> "text");
              }
              return wg.results(Integer.class);
            }))
        .isInstanceOf(ClassCastException.class)
        .hasMessage("job 1 (word) returned a java.lang.String, not a java.lang.Integer");
  }

  @Test
  void results_beforeTheEnd_sayWhereToAsk() {
    Grain.runCombine(() -> {
      try (var wg = Grain.openWaitGroup()) {
        assertThatThrownBy(wg::results)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("results() of the wait group of WaitGroupTest.java:")
            .hasMessageContaining("declare it before the try block");
        assertThatThrownBy(wg::outcomes)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("outcomes() of");
      }
    });
  }

  @Test
  void outcomes_withoutFailure_areSuccesses() {
    List<Outcome<?>> outcomes =
        Grain.runCombine(() -> {
          var wg = Grain.openWaitGroup();
          try (wg) {
            wg.submit(cpu(1), WaitGroupTest::square, 2);
            wg.start(() -> "subtask");
          }
          return wg.outcomes();
        });

    assertThat(outcomes)
        .containsExactly(new Outcome.Success<>(4), new Outcome.Success<>("subtask"));
  }

  @Test
  void results_ofAnEmptyGroup_areNone() {
    List<Object> results =
        Grain.runCombine(() -> {
          var wg = Grain.openWaitGroup();
          try (wg) {
            assertThat(wg.toString()).contains("WaitGroupTest.java");
          }
          return wg.results();
        });

    assertThat(results).isEmpty();
  }

  // ---- completed()

  @Test
  void completed_handsOutJobsAsTheyEnd() {
    Grain.runCombine(
        () -> {
          Signal go = Signal.create();
          List<Job<?>> order = new ArrayList<>();
          try (var wg = Grain.openWaitGroup()) {
            Job<Integer> slow =
                wg.submit(
                    cpu(1),
                    () -> {
                      go.await();
                      return 1;
                    });
            Job<Integer> quick = wg.submit(cpu(1), WaitGroupTest::square, 2);
            for (Job<?> job : wg.completed()) {
              order.add(job);
              go.fire();
            }
            assertThat(order).containsExactly(quick, slow);
          }
        },
        FOUR);
  }

  @Test
  void completed_whileMoreIsSubmitted_goesOn() {
    Grain.runCombine(() -> {
      Set<Integer> seen = new HashSet<>();
      try (var wg = Grain.openWaitGroup()) {
        wg.submit(cpu(1), WaitGroupTest::square, 2);
        for (Job<?> job : wg.completed()) {
          int value = (Integer) job.result();
          seen.add(value);
          if (value < 1000) {
            wg.submit(cpu(1), WaitGroupTest::square, value);
          }
        }
      }
      assertThat(seen).containsExactlyInAnyOrder(4, 16, 256, 65536);
    });
  }

  @Test
  void completed_ofJobsThatEndedBefore_hasThemToo() {
    Grain.runCombine(() -> {
      try (var wg = Grain.openWaitGroup()) {
        Job<Integer> first = wg.submit(cpu(1), WaitGroupTest::square, 2);
        first.result();
        assertThat(wg.completed()).containsExactly(first);
      }
    });
  }

  @Test
  void completed_whereResultsAreDiscarded_hasEachJobOnce() {
    Grain.runCombine(
        () -> {
          Signal go = Signal.create();
          int seen = 0;
          try (var wg = Grain.openWaitGroup(GroupOptions.defaults().discardResults())) {
            Iterable<Job<?>> completed = wg.completed();
            wg.submit(cpu(1), go::await);
            go.fire();
            for (Job<?> _ : completed) {
              if (++seen < 1000) {
                wg.submit(cpu(1), WaitGroupTest::square, seen);
              }
            }
          }
          assertThat(seen).isEqualTo(1000);
        },
        FOUR);
  }

  @Test
  void completed_askedTwice_isRefused() {
    Grain.runCombine(() -> {
      try (var wg = Grain.openWaitGroup()) {
        assertThat(wg.completed()).isEmpty();
        assertThatThrownBy(wg::completed)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("called before");
      }
    });
  }

  // ---- discarded results

  @Test
  void results_whereTheyAreDiscarded_sayWhatToKeep() {
    Grain.runCombine(() -> {
      var wg = Grain.openWaitGroup(GroupOptions.defaults().named("many").discardResults());
      Job<Integer> kept;
      try (wg) {
        kept = wg.submit(cpu(1), WaitGroupTest::square, 5);
        wg.start(() -> "subtask");
      }
      assertThat(kept.result()).isEqualTo(25);
      assertThatThrownBy(wg::results)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("wait group many")
          .hasMessageContaining("keep the jobs");
    });
  }

  // ---- who may call, and when

  @Test
  void close_twice_doesNothing() {
    Grain.runCombine(() -> {
      var wg = Grain.openWaitGroup();
      try (wg) {
        wg.submit(cpu(1), WaitGroupTest::square, 2);
        wg.close();
      }
      wg.close();
      assertThat(wg.results()).containsExactly(4);
    });
  }

  @Test
  void submitAndStart_afterClose_areRefused() {
    Grain.runCombine(() -> {
      var wg = Grain.openWaitGroup(GroupOptions.defaults().named("early"));
      wg.close();
      assertThatThrownBy(() -> wg.submit(cpu(1), WaitGroupTest::square, 2))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("wait group early is closed");
      assertThatThrownBy(() -> wg.start(() -> 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("wait group early is closed");
    });
  }

  @Test
  void submit_byASubtaskWhileTheOwnerIsInClose_isTaken() {
    List<Object> results =
        Grain.runCombine(() -> {
          Thread owner = Thread.currentThread();
          var wg = Grain.openWaitGroup();
          try (wg) {
            wg.start(() -> {
              Caller.awaitBlocked(owner);
              wg.submit(cpu(1), WaitGroupTest::square, 6);
            });
          }
          return wg.results();
        });

    assertThat(results).containsExactly(null, 36);
  }

  @Test
  void submitStartAndClose_fromAnotherThread_nameWhoMay() {
    Grain.runCombine(() -> {
      try (var wg = Grain.openWaitGroup(GroupOptions.defaults().named("mine"))) {
        assertThatThrownBy(() -> inThread(() -> wg.submit(cpu(1), WaitGroupTest::square, 2)))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("submit() of wait group mine")
            .hasMessageContaining("GrainExecutor");
        assertThatThrownBy(() -> inThread(() -> wg.start(() -> 1)))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("start() of wait group mine");
        assertThatThrownBy(() ->
                inThread(() -> {
                  wg.close();
                  return null;
                }))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("close() of wait group mine");
      }
    });
  }

  private static Object inThread(java.util.concurrent.Callable<?> task) throws Throwable {
    FutureTask<Object> future = new FutureTask<>(task::call);
    Thread.ofPlatform().start(future).join();
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw e.getCause();
    }
  }

  @Test
  void start_bySubtask_isForTheOwner() {
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              try (var wg = Grain.openWaitGroup()) {
                wg.start(() -> wg.start(() -> 1));
              }
            }))
        .isInstanceOf(SubtaskFailedException.class)
        .cause()
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("start() of");
  }

  @Test
  void submit_bySubtaskOfASubtask_isTaken() {
    List<Object> results =
        Grain.runCombine(() -> {
          var outer = Grain.openWaitGroup();
          try (outer) {
            outer.start(() -> {
              try (var inner = Grain.openWaitGroup()) {
                inner.start(() -> outer.submit(cpu(1), WaitGroupTest::square, 7));
              }
            });
          }
          return outer.results();
        });

    assertThat(results).containsExactly(null, 49);
  }

  @Test
  void subtask_result_isItsValueOrWhatItThrew() {
    Grain.runCombine(() -> {
      var wg = Grain.openWaitGroup(GroupOptions.defaults().onFailure(FailurePolicy.COLLECT));
      try (wg) {
        Subtask<Integer> good = wg.start(() -> 7);
        Subtask<Integer> bad =
            wg.start(() -> {
              throw new java.io.IOException("disk");
            });
        assertThat(good.result()).isEqualTo(7);
        assertThatThrownBy(bad::result)
            .isInstanceOf(SubtaskFailedException.class)
            .hasMessageContaining("Subtask 2 of")
            .hasCauseInstanceOf(java.io.IOException.class);
        assertThat(bad.outcome()).isInstanceOf(Outcome.Failure.class);
      }
    });
  }

  // ---- groups that were forgotten

  @Test
  void group_neverClosedInAMain_isCancelledAndNamed() {
    Signal interrupted = Signal.create();
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              var forgotten = Grain.openWaitGroup();
              Signal started = Signal.create();
              forgotten.submit(cpu(1), () -> blockUntilInterrupted(started, interrupted));
              started.await();
            }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("was never closed; it was opened at dev.grain.WaitGroupTest")
        .hasMessageContaining("group_neverClosedInAMain_isCancelledAndNamed");
    assertThat(interrupted.fired()).isTrue();
  }

  static void blockUntilInterrupted(Signal started, Signal interrupted) {
    try {
      started.fireAndAwait(Signal.create());
    } catch (InterruptedException e) {
      interrupted.fire();
    }
  }

  @Test
  void groups_neverClosedInASubtask_failItAndNameEach() {
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              try (var wg = Grain.openWaitGroup()) {
                wg.start(() -> {
                  Grain.openWaitGroup(GroupOptions.defaults().named("one"));
                  Grain.openWaitGroup(GroupOptions.defaults().named("two"));
                });
              }
            }))
        .isInstanceOf(SubtaskFailedException.class)
        .satisfies(thrown ->
            assertThat(messages(thrown))
                .anyMatch(each -> each.contains("wait group one was never closed"))
                .anyMatch(each -> each.contains("wait group two was never closed")));
  }

  private static List<String> messages(Throwable thrown) {
    List<String> messages = new ArrayList<>();
    for (Throwable each = thrown; each != null; each = each.getCause()) {
      messages.add(String.valueOf(each.getMessage()));
    }
    return messages;
  }

  @Test
  void group_neverClosedWithinAnother_isNamedByTheCloseOfThatOne() {
    Grain.runCombine(() -> {
      var outermost = Grain.openWaitGroup();
      try (outermost) {
        var outer = Grain.openWaitGroup();
        outer.submit(cpu(1), WaitGroupTest::square, 2);
        Grain.openWaitGroup(GroupOptions.defaults().named("inner"));
        assertThatThrownBy(outer::close)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("wait group inner was never closed")
            .hasMessageNotContaining("outer");
        assertThat(outer.results()).containsExactly(4);
        outermost.submit(cpu(1), WaitGroupTest::square, 3);
      }
      assertThat(outermost.results()).containsExactly(9);
    });
  }

  @Test
  void group_neverClosedWhileTheMainThrows_isSuppressed() {
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              Grain.openWaitGroup(GroupOptions.defaults().named("lost"));
              throw new ArithmeticException("main");
            }))
        .isInstanceOf(ArithmeticException.class)
        .satisfies(thrown ->
            assertThat(thrown.getSuppressed())
                .singleElement()
                .asString()
                .contains("wait group lost was never closed"));
  }

  @Test
  void groups_closedInAnotherOrder_areForgottenOnes() {
    Grain.runCombine(() -> {
      var outer = Grain.openWaitGroup(GroupOptions.defaults().named("outer"));
      var inner = Grain.openWaitGroup(GroupOptions.defaults().named("inner"));
      assertThatThrownBy(outer::close).hasMessageContaining("wait group inner was never closed");
      inner.close();
    });
  }

  @Test
  void waitGroup_returnsWhatTheCodeReturns() {
    int value =
        Grain.runCombine(() ->
            Grain.waitGroup(wg -> {
              Job<Integer> job = wg.submit(cpu(1), WaitGroupTest::square, 8);
              return job.result() + 1;
            }));

    assertThat(value).isEqualTo(65);
  }

  @Test
  void openWaitGroup_withinACancelledOne_isRefused() {
    Grain.runCombine(() -> {
      try (var outer = Grain.openWaitGroup(GroupOptions.defaults().named("gone"))) {
        outer.cancel();
        assertThatThrownBy(Grain::openWaitGroup)
            .isInstanceOf(GroupCancelledException.class)
            .hasMessageContaining("wait group gone is cancelled");
      }
    });
  }

  @Test
  void jobFailure_carriesItsJob() {
    assertThatThrownBy(() ->
            Grain.runCombine(() -> {
              try (var wg = Grain.openWaitGroup()) {
                wg.submit(
                    cpu(1),
                    () -> {
                      throw new IllegalArgumentException("bad input");
                    });
              }
            }))
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining("Job 1 failed on local")
        .hasCauseInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void completed_ofAGroupThatDiscardsResults_isToBeCalledFirst() {
    Grain.runCombine(() -> {
      try (var wg = Grain.openWaitGroup(GroupOptions.defaults().discardResults())) {
        wg.submit(cpu(1), Math::abs, -1);
        assertThatThrownBy(wg::completed)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining(
                "discards results, so call completed() before the first submit()");
      }
    });
  }

  @Test
  void start_whereAScopedValueWasBoundSince_saysSo() {
    ScopedValue<String> user = ScopedValue.newInstance();
    Grain.runCombine(() -> {
      try (var wg = Grain.openWaitGroup()) {
        ScopedValue.where(user, "somebody")
            .run(() ->
                assertThatThrownBy(() -> wg.start(() -> 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("A scoped value was bound between"));
        wg.submit(cpu(1), Math::abs, -1);
      }
    });
  }
}
