package dev.grain.service.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.Cause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What observers are told of transactions. */
final class CommitsTest extends OnEachDatabase {
  private final List<Commit> commits = Collections.synchronizedList(new ArrayList<>());

  /** Returns the jobs of all commits that were told since the last call. */
  private List<Long> told() {
    // commits are told in order, and before the change is answered
    List<Long> jobs = commits.stream().flatMap(each -> each.jobs().stream()).toList();
    commits.clear();
    return jobs;
  }

  @Test
  void observer_isToldOfEachChangeOfAJob_whateverMadeIt() {
    store().observe(commits::add);
    long job = submitOne(ADA, job("one"));
    assertThat(told()).containsExactly(job);
    write(handle -> new Jobs(handle).sent(job, attempt(1, NOW), "life"));
    write(handle -> new Jobs(handle).returned(job));
    write(handle -> new Jobs(handle).started(job, started(2, NOW)));
    assertThat(told()).containsExactly(job, job, job);
    StoredAttempt.End lost = StoredAttempt.End.failed(NOW, Cause.LOST, "gone", Usage.UNKNOWN);
    write(handle -> new Jobs(handle).requeue(job, ended(2, NOW, lost), 1));
    write(handle -> new Jobs(handle).prioritize(job, 7, ADA));
    write(handle -> new Jobs(handle).hold(job, ADA));
    write(handle -> new Jobs(handle).resume(job, ADA));
    write(handle -> new Jobs(handle).cancel(job, ADA));
    assertThat(told()).containsExactly(job, job, job, job, job);
    write(handle -> new Jobs(handle).end(job, lost));
    assertThat(told()).containsExactly(job);
    write(handle -> new Jobs(handle).end(job, lost));
    write(handle -> new Jobs(handle).cancel(job, ADA));
    assertThat(told()).isEmpty();
  }

  @Test
  void observer_isToldWhatHasHappened() {
    long ran = submitOne(ADA, job("one"));
    long unseen = submitOne(ADA, job("two"));
    store().observe(commits::add);
    write(handle -> new Jobs(handle).started(ran, started(1, NOW.plusSeconds(2))));
    write(handle -> new Jobs(handle).started(ran, started(2, NOW.plusSeconds(9))));
    StoredAttempt.End lost = StoredAttempt.End.failed(NOW, Cause.LOST, "gone", Usage.UNKNOWN);
    write(handle -> new Jobs(handle).end(ran, lost));
    // nobody told that it had started, and the clock went back
    assertThat(end(unseen, succeeded(1, NOW.minusSeconds(5)))).isTrue();
    assertThat(commits)
        .flatExtracting(Commit::changes)
        .filteredOn(each -> !(each instanceof JobChange.Changed))
        .containsExactly(
            new JobChange.Started(ran, Duration.ofMillis(2005)),
            new JobChange.Ended(ran, Optional.of(Cause.LOST)),
            new JobChange.Started(unseen, Duration.ZERO),
            new JobChange.Ended(unseen, Optional.empty()));
  }

  @Test
  void observer_isToldOfTasks_andTheirEnds() {
    store().observe(commits::add);
    NewMap map =
        new NewMap(
            "ada",
            Optional.empty(),
            Optional.empty(),
            "map",
            "{}",
            100,
            Map.of(),
            List.of(),
            false);
    long number = write(handle -> new Maps(handle).submit(map, ADA)).number();
    assertThat(told()).isEmpty();
    List<NewTask> tasks = List.of(new NewTask(0, "{}", List.of()), new NewTask(1, "{}", List.of()));
    List<Maps.Added> added = write(handle -> new Maps(handle).add(number, tasks, true, ADA));
    assertThat(told()).containsExactlyElementsOf(added.stream().map(Maps.Added::number).toList());
    assertThat(end(added.getFirst().number(), succeeded(1, NOW))).isTrue();
    assertThat(told()).containsExactly(added.getFirst().number());
  }

  @Test
  void observer_isToldOnce_ofAJobThatATransactionChangesTwice_beforeTheAnswer() {
    store().observe(commits::add);
    long job = submitOne(ADA, job("one"));
    commits.clear();
    write(handle -> {
      new Jobs(handle).sent(job, attempt(1, NOW), "life");
      return new Jobs(handle).started(job, started(1, NOW));
    });
    assertThat(commits)
        .singleElement()
        .satisfies(each -> {
          assertThat(each.jobs()).containsExactly(job);
          assertThat(each.size()).isEqualTo(1);
          assertThat(each.took()).isPositive();
        });
  }

  @Test
  void change_thatFails_isNotTold_andTheOthersOfItsTransactionAre() {
    store().observe(commits::add);
    long first = submitOne(ADA, job("first"));
    long second = submitOne(ADA, job("second"));
    long third = submitOne(ADA, job("third"));
    commits.clear();
    // they come while the first one is applied, and so share a transaction
    CompletableFuture<Boolean> gate = new CompletableFuture<>();
    var waiting = store().write(_ -> gate.join());
    var one = store().write(handle -> new Jobs(handle).hold(first, ADA));
    var failing =
        store()
            .<Integer>write(handle -> {
              new Jobs(handle).hold(second, ADA);
              throw new IllegalStateException("not this one");
            });
    var other = store().write(handle -> new Jobs(handle).hold(third, ADA));
    gate.complete(true);
    waiting.join();
    one.join();
    other.join();
    assertThatThrownBy(failing::join).hasMessageContaining("not this one");
    assertThat(told()).containsExactly(first, third);
    assertThat(state(second)).isEqualTo(JobState.QUEUED);
  }

  @Test
  void observer_thatFails_orIsForgotten_disturbsNothing() {
    Commit.Observer failing =
        _ -> {
          throw new IllegalStateException("thrown by the test");
        };
    store().observe(failing);
    store().observe(commits::add);
    long job = submitOne(ADA, job("one"));
    assertThat(told()).containsExactly(job);
    Commit.Observer forgotten = _ -> commits.clear();
    store().observe(forgotten);
    store().forget(forgotten);
    store().forget(failing);
    assertThat(told()).isEmpty();
    submitOne(ADA, job("two"));
    assertThat(told()).hasSize(1);
  }
}
