package dev.grain.service.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatObject;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What leaves by itself. */
final class RetentionTest extends OnEachDatabase {
  private static final Instant LATER = NOW.plus(Duration.ofDays(91));
  private static final List<String> TABLES =
      List.of("jobs", "maps", "specs", "results", "attempts", "labels", "blobs", "requests");

  private static NewJob full(String name) {
    return new NewJob(
        Optional.empty(), name, "{}", 1, Map.of("color", "red"), List.of("a".repeat(64)), false);
  }

  private long apply(Instant now) throws InterruptedException {
    return Retention.DEFAULT.apply(store(), now);
  }

  private void endAll(List<Long> numbers, Result result) {
    write(handle -> {
      numbers.forEach(number -> new Jobs(handle).end(number, succeeded(1, NOW), result));
      return true;
    });
  }

  private long rows(String table) {
    return read(
        handle -> handle.createQuery("SELECT count(*) FROM " + table).mapTo(Long.class).one());
  }

  @Test
  void endedJobs_leave_withAllThatBelongsToThem() throws Exception {
    NewJob[] many = IntStream.range(0, 450).mapToObj(i -> full("job-" + i)).toArray(NewJob[]::new);
    Submission submission =
        new Submission("ada", Optional.of(new RequestKey("k", "d")), List.of(many));
    List<Submitted> all = write(handle -> new Submissions(handle).submit(submission, ADA));
    endAll(all.stream().map(Submitted::number).toList(), new Result.Value(new byte[] {1}));
    assertThat(apply(NOW.plus(Duration.ofDays(89)))).isZero();
    assertThat(rows("jobs")).isEqualTo(450);
    assertThat(apply(LATER)).isEqualTo(451);
    for (String table : TABLES) {
      assertThat(rows(table)).as(table).isZero();
    }
    assertThatObject(read(OnEachDatabase::kept)).isEqualTo(Map.of());
    // no number comes again
    assertThat(submitOne(ADA, job("new"))).isEqualTo(451);
  }

  @Test
  void jobs_thatHaveNotEnded_orLately_stay() throws Exception {
    long open = submitOne(ADA, full("open"));
    long late = submitOne(ADA, full("late"));
    long old = submitOne(ADA, full("old"));
    end(late, succeeded(1, NOW.plus(Duration.ofDays(2))));
    end(old, succeeded(1, NOW));
    assertThat(apply(LATER)).isEqualTo(1);
    assertThat(get(open)).isPresent();
    assertThat(get(late)).isPresent();
    assertThat(get(old)).isEmpty();
    assertThatObject(read(OnEachDatabase::kept)).isEqualTo(read(OnEachDatabase::counted));
  }

  @Test
  void tasks_leaveWithTheirMap() throws Exception {
    NewMap map =
        new NewMap(
            "ada",
            Optional.of("m"),
            Optional.empty(),
            "m",
            "{}",
            1,
            Map.of("color", "red"),
            List.of("a".repeat(64)),
            false);
    long number = write(handle -> new Maps(handle).submit(map, ADA)).number();
    List<NewTask> tasks =
        LongStream.range(0, 500)
            .mapToObj(index -> new NewTask(index, "[]", List.of("b".repeat(64))))
            .toList();
    List<Maps.Added> added = write(handle -> new Maps(handle).add(number, tasks, false, ADA));
    endAll(added.stream().map(Maps.Added::number).toList(), new Result.None());
    assertThat(apply(LATER)).as("the map goes on").isZero();
    write(handle -> new Maps(handle).add(number, List.of(), true, new By("ada", LATER)));
    assertThat(apply(LATER.plus(Duration.ofDays(91)))).isEqualTo(501);
    for (String table : TABLES) {
      assertThat(rows(table)).as(table).isZero();
    }
  }

  @Test
  void audit_andJoinTokens_leave() throws Exception {
    submit(ADA, job("one"));
    write(handle -> new JoinTokens(handle).create("rack", NOW.plusSeconds(1), ADA));
    assertThat(apply(LATER)).isEqualTo(1);
    assertThat(rows("join_tokens")).isZero();
    assertThat(audit()).hasSize(2);
    assertThat(apply(NOW.plus(Duration.ofDays(366)))).isEqualTo(2);
    assertThat(audit()).isEmpty();
  }

  @Test
  void step_removesFewOfEach_soThatOthersAreMadeBetween() {
    NewJob[] many = IntStream.range(0, 450).mapToObj(i -> full("job-" + i)).toArray(NewJob[]::new);
    endAll(submit(ADA, many).stream().map(Submitted::number).toList(), new Result.None());
    assertThatObject(write(handle -> Retention.DEFAULT.step(handle, LATER))).isEqualTo(200);
    assertThat(rows("jobs")).isEqualTo(250);
  }
}
