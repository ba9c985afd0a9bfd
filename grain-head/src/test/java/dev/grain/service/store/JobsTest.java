package dev.grain.service.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatObject;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.grain.Cause;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What becomes of stored jobs. */
final class JobsTest extends OnEachDatabase {
  private static final Usage USAGE =
      new Usage(OptionalInt.of(3), OptionalInt.of(9), OptionalLong.of(5L << 30));

  private boolean sent(long number, int attempt) {
    return write(handle -> new Jobs(handle).sent(number, attempt(attempt, NOW), "life"));
  }

  private boolean started(long number, int attempt) {
    return write(handle -> new Jobs(handle).started(number, OnEachDatabase.started(attempt, NOW)));
  }

  @Test
  void job_thatIsSent_started_andEnded_keepsItAll() {
    long number = submitOne(ADA, job("one"));
    assertThat(sent(number, 1)).isTrue();
    assertThat(state(number)).isEqualTo(JobState.SENT);
    assertThat(started(number, 1)).isTrue();
    assertThat(state(number)).isEqualTo(JobState.RUNNING);
    StoredAttempt attempt =
        ended(
            1,
            NOW,
            StoredAttempt.End.failed(
                NOW.plusSeconds(9), Cause.OUT_OF_MEMORY, "needed more than 4 GiB", USAGE));
    assertThat(end(number, attempt)).isTrue();
    openAgain();
    StoredJob job = get(number).orElseThrow();
    assertThat(job.state()).isEqualTo(JobState.FAILED);
    assertThat(job.cause()).contains(Cause.OUT_OF_MEMORY);
    assertThat(job.message()).isEqualTo("needed more than 4 GiB");
    assertThat(job.started()).contains(NOW.plusMillis(5));
    assertThat(job.ended()).contains(NOW.plusSeconds(9));
    assertThat(new Usage(job.exitCode(), job.signal(), job.peakMemory())).isEqualTo(USAGE);
    assertThat(this.<List<StoredAttempt>>read(handle -> new Jobs(handle).attempts(number)))
        .containsExactly(attempt);
  }

  @Test
  void end_withoutAnyWordBefore_keepsTheAttempt() {
    long number = submitOne(ADA, job("one"));
    assertThat(end(number, succeeded(1, NOW))).isTrue();
    StoredJob job = get(number).orElseThrow();
    assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
    assertThat(job.attempt()).isEqualTo(1);
    assertThat(job.started()).contains(NOW.plusMillis(5));
    assertThat(this.<List<StoredAttempt>>read(handle -> new Jobs(handle).attempts(number)))
        .containsExactly(succeeded(1, NOW));
  }

  @Test
  void end_thatIsToldTwice_isStoredOnce() {
    long number = submitOne(ADA, job("one"));
    assertThat(end(number, succeeded(1, NOW))).isTrue();
    StoredAttempt other =
        ended(1, NOW, StoredAttempt.End.failed(NOW, Cause.LOST, "lost", Usage.UNKNOWN));
    assertThat(end(number, other)).isFalse();
    assertThat(sent(number, 2)).isFalse();
    assertThat(started(number, 2)).isFalse();
    assertThatObject(write(handle -> new Jobs(handle).requeue(number, other, 0))).isEqualTo(false);
    assertThatObject(write(handle -> new Jobs(handle).end(number, other.end().orElseThrow())))
        .isEqualTo(false);
    assertThat(state(number)).isEqualTo(JobState.SUCCEEDED);
    assertThat(this.<List<StoredAttempt>>read(handle -> new Jobs(handle).attempts(number)))
        .containsExactly(succeeded(1, NOW));
    assertThat(end(99, other)).isFalse();
  }

  @Test
  void requeue_keepsTheAttempt_andLateWordsOfItChangeNothing() {
    long number = submitOne(ADA, job("one"));
    started(number, 1);
    StoredAttempt lost =
        ended(1, NOW, StoredAttempt.End.failed(NOW, Cause.LOST, "node-a was lost", Usage.UNKNOWN));
    assertThatObject(write(handle -> new Jobs(handle).requeue(number, lost, 1))).isEqualTo(true);
    assertThat(state(number)).isEqualTo(JobState.QUEUED);
    assertThat(sent(number, 2)).isTrue();
    assertThat(end(number, succeeded(1, NOW))).isFalse();
    assertThat(state(number)).isEqualTo(JobState.SENT);
    assertThat(end(number, succeeded(2, NOW.plusSeconds(7)))).isTrue();
    assertThat(this.<List<StoredAttempt>>read(handle -> new Jobs(handle).attempts(number)))
        .containsExactly(lost, succeeded(2, NOW.plusSeconds(7)));
    // when it started first
    assertThat(get(number).orElseThrow().started()).contains(NOW.plusMillis(5));
  }

  @Test
  void requeue_whileHeld_waitsUntilItIsReleased() {
    long number = submitOne(ADA, job("one"));
    started(number, 1);
    assertThatObject(write(handle -> new Jobs(handle).hold(number, ADA)))
        .isEqualTo(JobState.RUNNING);
    assertThatObject(write(handle -> new Jobs(handle).requeue(number, succeeded(1, NOW), 0)))
        .isEqualTo(true);
    assertThat(state(number)).isEqualTo(JobState.HELD);
    assertThatObject(write(handle -> new Jobs(handle).resume(number, ADA)))
        .isEqualTo(JobState.QUEUED);
  }

  @Test
  void returned_waitsAgain_orIsHeldIfThatWasAskedForMeanwhile() {
    long number = submitOne(ADA, job("one"));
    assertThatObject(write(handle -> new Jobs(handle).returned(number))).isEqualTo(false);
    sent(number, 1);
    assertThatObject(write(handle -> new Jobs(handle).returned(number))).isEqualTo(true);
    assertThat(state(number)).isEqualTo(JobState.QUEUED);
    sent(number, 1);
    assertThatObject(write(handle -> new Jobs(handle).hold(number, ADA))).isEqualTo(JobState.SENT);
    assertThatObject(write(handle -> new Jobs(handle).returned(number))).isEqualTo(true);
    assertThat(state(number)).isEqualTo(JobState.HELD);
    started(number, 1);
    assertThatObject(write(handle -> new Jobs(handle).returned(number))).isEqualTo(false);
    assertThatObject(write(handle -> new Jobs(handle).resume(number, ADA)))
        .isEqualTo(JobState.RUNNING);
    write(handle -> new Jobs(handle).requeue(number, succeeded(1, NOW), 0));
    assertThat(state(number)).isEqualTo(JobState.QUEUED);
  }

  @Test
  void forEachOpen_knowsWhichLifeOfANodeHasTheAttempt_andWhatPeopleWant() {
    long number = submitOne(ADA, job("one"));
    sent(number, 1);
    write(handle -> new Jobs(handle).requeue(number, succeeded(1, NOW), 2));
    sent(number, 2);
    write(handle -> new Jobs(handle).hold(number, ADA));
    started(number, 2);
    openAgain();
    List<Jobs.Open> open = new ArrayList<>();
    read(handle -> {
      new Jobs(handle).forEachOpen(open::add);
      return true;
    });
    assertThat(open)
        .extracting(each -> each.job().state(), Jobs.Open::life, Jobs.Open::held, Jobs.Open::losses)
        .containsExactly(tuple(JobState.RUNNING, "life", true, 2));
    assertThatObject(read(handle -> new Jobs(handle).attempt(number, 1)))
        .isEqualTo(Optional.of(succeeded(1, NOW)));
    assertThatObject(read(handle -> new Jobs(handle).attempt(number, 3)))
        .isEqualTo(Optional.empty());
  }

  @Test
  void results_areKept_inTheTablesOrAsBlobs() {
    long value = submitOne(ADA, job("value"));
    long blob = submitOne(ADA, job("blob"));
    long none = submitOne(ADA, job("none"));
    byte[] bytes = {0, 1, -1};
    write(handle -> new Jobs(handle).end(value, succeeded(1, NOW), new Result.Value(bytes)));
    Result.Blob stored = new Result.Blob("a".repeat(64));
    write(handle -> new Jobs(handle).end(blob, succeeded(1, NOW), stored));
    end(none, succeeded(1, NOW));
    assertThatObject(read(handle -> new Jobs(handle).result(value)))
        .isInstanceOfSatisfying(
            Result.Value.class, each -> assertThat(each.bytes()).isEqualTo(bytes));
    assertThatObject(read(handle -> new Jobs(handle).result(blob))).isEqualTo(stored);
    assertThatObject(read(handle -> new Jobs(handle).result(none))).isEqualTo(new Result.None());
    assertThat(
            this.<Set<String>>read(
                handle -> new UsedBlobs(handle).among(List.of(stored.hash(), "b"))))
        .containsExactly(stored.hash());
  }

  @Test
  void holdAndResume_changeAWaitingJob_andLeaveLines() {
    long number = submitOne(ADA, job("one"));
    assertThatObject(write(handle -> new Jobs(handle).hold(number, BOB))).isEqualTo(JobState.HELD);
    assertThatObject(write(handle -> new Jobs(handle).hold(number, BOB))).isEqualTo(JobState.HELD);
    assertThat(state(number)).isEqualTo(JobState.HELD);
    assertThatObject(write(handle -> new Jobs(handle).resume(number, ADA)))
        .isEqualTo(JobState.QUEUED);
    String id = get(number).orElseThrow().id();
    assertThat(audit())
        .extracting(Audit.Line::who, Audit.Line::action, Audit.Line::object, Audit.Line::moment)
        .containsExactly(
            tuple("ada", "job.resume", id, NOW),
            tuple("bob", "job.hold", id, BOB.moment()),
            tuple("ada", "job.submit", id, NOW));
  }

  @Test
  void pause_isThereForTheNextLife_untilTheAttemptIsOver() {
    long number = submitOne(ADA, job("one"));
    assertThatObject(write(handle -> new Jobs(handle).pause(number, ADA)))
        .isEqualTo(JobState.QUEUED);
    started(number, 1);
    assertThatObject(write(handle -> new Jobs(handle).pause(number, ADA)))
        .isEqualTo(JobState.PAUSED);
    started(number, 1);
    assertThat(state(number)).isEqualTo(JobState.PAUSED);
    started(number, 2);
    assertThat(state(number)).isEqualTo(JobState.RUNNING);
  }

  @Test
  void cancel_isKept_untilTheJobHasEnded() {
    long number = submitOne(ADA, job("one"));
    assertThatObject(write(handle -> new Jobs(handle).cancel(number, BOB)))
        .isEqualTo(JobState.STOPPING);
    // what the node does meanwhile
    assertThat(started(number, 1)).isTrue();
    assertThatObject(write(handle -> new Jobs(handle).requeue(number, succeeded(1, NOW), 0)))
        .isEqualTo(true);
    assertThatObject(write(handle -> new Jobs(handle).hold(number, BOB)))
        .isEqualTo(JobState.STOPPING);
    openAgain();
    assertThat(state(number)).isEqualTo(JobState.STOPPING);
    StoredAttempt.End end =
        StoredAttempt.End.failed(NOW, Cause.CANCELLED, "cancelled by bob", Usage.UNKNOWN);
    assertThatObject(write(handle -> new Jobs(handle).end(number, end))).isEqualTo(true);
    assertThat(state(number)).isEqualTo(JobState.CANCELLED);
    assertThatObject(write(handle -> new Jobs(handle).cancel(number, BOB)))
        .isEqualTo(JobState.CANCELLED);
    assertThat(audit()).hasSize(2);
  }

  @Test
  void prioritize_changesWhatHasNotEnded() {
    long number = submitOne(ADA, job("one"));
    write(handle -> new Jobs(handle).prioritize(number, 7.5, BOB));
    assertThat(get(number).orElseThrow().priority()).isEqualTo(7.5);
    end(number, succeeded(1, NOW));
    assertThatObject(write(handle -> new Jobs(handle).prioritize(number, 9, BOB)))
        .isEqualTo(JobState.SUCCEEDED);
    assertThat(get(number).orElseThrow().priority()).isEqualTo(7.5);
  }

  @Test
  void change_ofAJobThatIsNotThere_isAConflict() {
    assertThatThrownBy(() -> write(handle -> new Jobs(handle).cancel(42, ADA)))
        .hasCauseInstanceOf(ConflictException.class)
        .hasMessageContaining("There is no job with the number 42.");
    assertThat(audit()).isEmpty();
  }

  @Test
  void forEachOpen_hasAllThatHasNotEnded_asTheyCame() {
    NewJob[] many = IntStream.range(0, 2500).mapToObj(i -> job("job-" + i)).toArray(NewJob[]::new);
    List<Submitted> all = submit(ADA, many);
    end(all.get(7).number(), succeeded(1, NOW));
    started(all.get(8).number(), 3);
    openAgain();
    List<Jobs.Open> open = new ArrayList<>();
    read(handle -> {
      new Jobs(handle).forEachOpen(open::add);
      return true;
    });
    assertThat(open).hasSize(2499);
    assertThat(open).extracting(each -> each.job().number()).isSorted().doesNotContain(8L);
    assertThat(open.get(0).spec()).isEqualTo("{\"name\": \"job-0\"}");
    assertThat(open.get(0).latest()).isEmpty();
    assertThat(open.get(7).job().number()).isEqualTo(9);
    assertThat(open.get(7).latest()).contains(OnEachDatabase.started(3, NOW));
  }

  @Test
  void counts_areThoseOfTheJobs_whateverHappens() {
    Random random = new Random(1);
    List<Long> numbers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      By by = random.nextBoolean() ? ADA : BOB;
      submit(by, job("a"), job("b")).forEach(each -> numbers.add(each.number()));
    }
    for (int i = 0; i < 400; i++) {
      long number = numbers.get(random.nextInt(numbers.size()));
      int attempt = 1 + random.nextInt(3);
      int what = random.nextInt(9);
      write(handle -> {
        Jobs jobs = new Jobs(handle);
        switch (what) {
          case 0 -> jobs.sent(number, attempt(attempt, NOW), "life");
          case 1 -> jobs.started(number, OnEachDatabase.started(attempt, NOW));
          case 2 -> jobs.requeue(number, succeeded(attempt, NOW), random.nextInt(3));
          case 3 -> jobs.end(number, succeeded(attempt, NOW), new Result.None());
          case 4 -> jobs.hold(number, ADA);
          case 5 -> jobs.resume(number, ADA);
          case 6 -> jobs.pause(number, ADA);
          case 7 -> jobs.returned(number);
          default -> jobs.cancel(number, ADA);
        }
        return true;
      });
    }
    assertThatObject(read(OnEachDatabase::kept)).isEqualTo(read(OnEachDatabase::counted));
    Map<JobState, Long> counts = read(handle -> new Jobs(handle).counts(Optional.of("ada")));
    assertThat(counts.values().stream().mapToLong(each -> each).sum())
        .isEqualTo(
            read(handle ->
                handle
                    .createQuery("SELECT count(*) FROM jobs WHERE owner = 'ada'")
                    .mapTo(Long.class)
                    .one()));
  }
}
