package dev.grain.service.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatObject;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Jobs that are stored once, however often they are submitted. */
final class SubmissionsTest extends OnEachDatabase {
  private static Submission keyed(String key, String digest, NewJob... jobs) {
    return new Submission("ada", Optional.of(new RequestKey(key, digest)), List.of(jobs));
  }

  private List<Submitted> submit(Submission submission) {
    return write(handle -> new Submissions(handle).submit(submission, ADA));
  }

  @Test
  void submit_makesIds_ofTheDay_aCount_andThreeLetters() {
    List<Submitted> all = submit(ADA, job("one"), job("two"));
    assertThat(all).extracting(Submitted::made).containsExactly(true, true);
    assertThat(all).extracting(Submitted::number).containsExactly(1L, 2L);
    assertThat(all.get(0).id()).matches("26-11-2\\d-1-[a-z]{3}");
    assertThat(all.get(1).id()).matches("26-11-2\\d-2-[a-z]{3}");
    openAgain();
    assertThat(submit(ADA, job("three")).getFirst().id()).matches("26-11-2\\d-3-[a-z]{3}");
    By tomorrow = new By("ada", NOW.plus(Duration.ofDays(1)));
    assertThat(submit(tomorrow, job("four")).getFirst().id()).matches("26-11-(29|30)-1-[a-z]{3}");
  }

  @Test
  void submit_afterTheClockWentBack_makesNoIdTwice() {
    Set<String> counts = new HashSet<>();
    for (int day : new int[] {0, 1, 0, 1, -3}) {
      By by = new By("ada", NOW.plus(Duration.ofDays(day)));
      String id = submit(by, job("job")).getFirst().id();
      counts.add(id.substring(0, id.lastIndexOf('-')));
    }
    assertThat(counts).hasSize(5);
  }

  @Test
  void submit_keepsAllOfAJob() {
    NewJob job =
        new NewJob(
            Optional.of("train-7"),
            "train",
            "{\"command\": [\"true\"], \"text\": \"ä💡\"}",
            250.5,
            Map.of("lr", "0.1", "model", "gpt"),
            List.of("b".repeat(64), "a".repeat(64), "a".repeat(64)),
            true);
    Submitted submitted = submit(ADA, job).getFirst();
    assertThat(submitted).isEqualTo(new Submitted(1, "train-7", JobState.HELD, true));
    openAgain();
    StoredJob stored = get(1).orElseThrow();
    assertThat(stored.id()).isEqualTo("train-7");
    assertThat(stored.owner()).isEqualTo("ada");
    assertThat(stored.name()).isEqualTo("train");
    assertThat(stored.state()).isEqualTo(JobState.HELD);
    assertThat(stored.priority()).isEqualTo(250.5);
    assertThat(stored.submitted()).isEqualTo(NOW);
    assertThat(stored.attempt()).isZero();
    assertThat(stored.map()).isEmpty();
    assertThat(stored.cause()).isEmpty();
    assertThatObject(read(handle -> new Jobs(handle).spec(1))).isEqualTo(job.spec());
    assertThatObject(read(handle -> new Jobs(handle).labels(1))).isEqualTo(job.labels());
    assertThat(this.<List<String>>read(handle -> new Jobs(handle).blobs(1)))
        .containsExactly("a".repeat(64), "b".repeat(64));
  }

  @Test
  void submit_ofAnOwnIdThatIsThere_leavesTheFirst_evenAfterItsEnd() {
    long number = submitOne(ADA, own("x"));
    NewJob other = new NewJob(Optional.of("x"), "other", "[]", 1, Map.of(), List.of(), false);
    assertThat(submit(ADA, other))
        .containsExactly(new Submitted(number, "x", JobState.QUEUED, false));
    assertThat(end(number, succeeded(1, NOW))).isTrue();
    assertThat(submit(ADA, job("y"), other, job("z")))
        .extracting(Submitted::number, Submitted::state, Submitted::made)
        .containsExactly(
            tuple(2L, JobState.QUEUED, true),
            tuple(1L, JobState.SUCCEEDED, false),
            tuple(3L, JobState.QUEUED, true));
    assertThat(get(number).orElseThrow().name()).isEqualTo("x");
  }

  private static By.Asked<Submission> asked(Submission submission) {
    return new By.Asked<>(submission, new By(submission.owner(), NOW));
  }

  private static Submission plain(String owner, NewJob... jobs) {
    return new Submission(owner, Optional.empty(), List.of(jobs));
  }

  @Test
  void together_storesEachAsIfItWereAlone() {
    Submission twice = keyed("k", "d", job("keyed"));
    List<List<Submitted>> all =
        write(handle ->
            Submissions.TOGETHER.apply(
                handle,
                List.of(
                    asked(plain("ada", job("one"), own("x"))),
                    asked(twice),
                    asked(plain("bob", job("two"))),
                    asked(plain("ada", own("x"))),
                    asked(twice))));
    assertThat(all)
        .extracting(each -> each.stream().map(Submitted::number).toList())
        .containsExactly(List.of(1L, 2L), List.of(3L), List.of(4L), List.of(2L), List.of(3L));
    assertThat(all.get(3).getFirst().made()).isFalse();
    assertThat(all.get(4).getFirst().made()).isFalse();
    assertThat(get(4).orElseThrow().owner()).isEqualTo("bob");
    Map<JobState, Long> counts = read(handle -> new Jobs(handle).counts(Optional.of("ada")));
    assertThat(counts).containsEntry(JobState.QUEUED, 3L);
    List<Audit.Line> lines = read(handle -> new Audit(handle).list(Long.MAX_VALUE, 9));
    assertThat(lines).extracting(Audit.Line::who).containsExactly("bob", "ada", "ada");
  }

  @Test
  void together_ofOneThatIsRefused_storesTheOthers() {
    submitOne(ADA, own("x"));
    List<CompletableFuture<List<Submitted>>> answers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      Submission next = i == 20 ? plain("bob", own("x")) : plain("bob", job("job-" + i));
      answers.add(store().write(Submissions.TOGETHER, asked(next)));
    }
    for (int i = 0; i < 50; i++) {
      CompletableFuture<List<Submitted>> answer = answers.get(i);
      if (i == 20) {
        assertThatThrownBy(answer::join).hasCauseInstanceOf(ConflictException.class);
      } else {
        assertThat(answer.join().getFirst().made()).isTrue();
      }
    }
    Map<JobState, Long> counts = read(handle -> new Jobs(handle).counts(Optional.of("bob")));
    assertThat(counts).containsEntry(JobState.QUEUED, 49L);
  }

  @Test
  void submit_ofAnOwnIdTwiceAtOnce_storesTheFirst() {
    NewJob second = new NewJob(Optional.of("x"), "second", "[]", 1, Map.of(), List.of(), true);
    assertThat(submit(ADA, own("x"), second, job("y")))
        .containsExactly(
            new Submitted(1, "x", JobState.QUEUED, true),
            new Submitted(1, "x", JobState.QUEUED, false),
            new Submitted(
                2, read(h -> new Jobs(h).get(2).orElseThrow().id()), JobState.QUEUED, true));
    assertThat(get(1).orElseThrow().name()).isEqualTo("x");
  }

  @Test
  void submit_ofAnIdOfSomebodyElse_storesNothing() {
    submit(ADA, own("x"));
    assertThatThrownBy(() -> submit(BOB, job("new"), own("x")))
        .hasCauseInstanceOf(ConflictException.class)
        .hasMessageContaining("The id \"x\" is that of a job of another user. Choose another.")
        .cause()
        .extracting("kind")
        .isEqualTo(ConflictException.Kind.TAKEN);
    assertThat(get(2)).isEmpty();
  }

  @Test
  void submit_ofAnIdThatIsMadeByTheHead_isRefused() {
    for (String id : List.of("26-11-28-3-abc", "map:7", "")) {
      assertThatThrownBy(() -> submit(ADA, own(id)))
          .hasCauseInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("The id \"" + id + "\" cannot be chosen");
    }
  }

  @Test
  void submit_withAKeyThatIsThere_makesNothing_evenAfterTheEnd() {
    Submission submission = keyed("k", "digest", job("one"), own("x"), job("two"));
    List<Submitted> first = submit(submission);
    openAgain();
    long number = first.get(2).number();
    assertThat(end(number, succeeded(1, NOW))).isTrue();
    List<Submitted> again = submit(submission);
    assertThat(again).extracting(Submitted::id).isEqualTo(ids(first));
    assertThat(again).extracting(Submitted::made).containsOnly(false);
    assertThat(again.get(2).state()).isEqualTo(JobState.SUCCEEDED);
    assertThat(audit()).hasSize(1);
    // keys are those of a user
    assertThatObject(
            write(handle ->
                    new Submissions(handle)
                        .submit(new Submission("bob", submission.key(), List.of(job("one"))), BOB))
                .getFirst()
                .made())
        .isEqualTo(true);
  }

  private static List<String> ids(List<Submitted> all) {
    return all.stream().map(Submitted::id).toList();
  }

  @Test
  void submit_withAKeyOfAnotherBody_isAConflict() {
    submit(keyed("k", "digest", job("one")));
    assertThatThrownBy(() -> submit(keyed("k", "other", job("two"))))
        .hasCauseInstanceOf(ConflictException.class)
        .hasMessageContaining("The idempotency key \"k\" was used before, with another body.")
        .cause()
        .extracting("kind")
        .isEqualTo(ConflictException.Kind.KEY_REUSED);
    assertThat(get(2)).isEmpty();
  }

  @Test
  void submit_byManyAtOnce_withOneKey_makesOne() {
    Submission submission = keyed("k", "digest", job("one"));
    List<CompletableFuture<List<Submitted>>> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      all.add(store().write(handle -> new Submissions(handle).submit(submission, ADA)));
    }
    assertThat(all.stream().flatMap(each -> each.join().stream()).filter(Submitted::made))
        .hasSize(1);
    assertThat(all.stream().flatMap(each -> each.join().stream()).map(Submitted::id).distinct())
        .hasSize(1);
  }

  @Test
  void submit_ofManyAtOnce_isOneChange_andOneLineOfAudit() {
    NewJob[] many = IntStream.range(0, 3000).mapToObj(i -> job("job-" + i)).toArray(NewJob[]::new);
    List<Submitted> all = submit(ADA, many);
    assertThat(all).extracting(Submitted::id).doesNotHaveDuplicates().hasSize(3000);
    assertThat(audit()).hasSize(1);
    assertThat(audit().getFirst().action()).isEqualTo("job.submit");
    assertThat(audit().getFirst().object()).isEqualTo(all.getFirst().id() + " and 2999 more");
    assertThat(this.<Map<JobState, Long>>read(handle -> new Jobs(handle).counts(Optional.empty())))
        .containsEntry(JobState.QUEUED, 3000L)
        .containsEntry(JobState.FAILED, 0L);
  }

  @Test
  void numbers_asText_areTheSame() {
    for (List<Long> each :
        List.of(List.<Long>of(), List.of(7L), List.of(1L, 2L, 3L), List.of(9L, 3L, 4L, 9L, 10L))) {
      assertThat(Numbers.read(Numbers.write(each))).isEqualTo(each);
    }
    assertThat(Numbers.write(List.of(9L, 3L, 4L, 5L))).isEqualTo("9,3-5");
  }
}
