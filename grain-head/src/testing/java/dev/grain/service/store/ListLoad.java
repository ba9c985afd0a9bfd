package dev.grain.service.store;

import dev.grain.service.store.JobFilter.Scope;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Many stored jobs, and how long lists of them take: a number of users who submit jobs with names
 * and labels, of which nearly all have ended, and a map of many tasks.
 *
 * <p>{@link #fill} once, then {@link #measure}.
 */
public final class ListLoad {
  private static final int SOME = 2000;
  private static final int LIMIT = 100;
  private static final int USERS = 20;
  private static final int NAMES = 500;
  private static final Instant FIRST = Instant.parse("2026-09-01T00:00:00Z");
  private static final long APART = 5000;

  private final Store store;
  private final long jobs;

  /** How long the pages of one kind of list took, in milliseconds. */
  public record Times(int pages, double median, double p99, double most) {
    static Times of(double[] millis) {
      double[] sorted = millis.clone();
      Arrays.sort(sorted);
      return new Times(
          sorted.length,
          sorted[sorted.length / 2],
          sorted[(int) Math.ceil(sorted.length * 0.99) - 1],
          sorted[sorted.length - 1]);
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "median %.2f ms, p99 %.2f ms, most %.2f ms", median, p99, most);
    }
  }

  public ListLoad(Store store, long jobs) {
    this.store = store;
    this.jobs = jobs;
  }

  /** Stores the jobs, a tenth of them as tasks of one map; tells how many there are so far. */
  public void fill(Consumer<Long> progress) {
    SplittableRandom random = new SplittableRandom(1);
    long alone = jobs - jobs / 10;
    for (long from = 0; from < alone; from += SOME) {
      List<NewJob> some = new ArrayList<>();
      for (long i = from; i < Math.min(alone, from + SOME); i++) {
        some.add(job(random, i));
      }
      String owner = "user-" + random.nextInt(USERS);
      By by = new By(owner, FIRST.plusMillis(APART * from));
      store
          .write(handle ->
              new Submissions(handle).submit(new Submission(owner, Optional.empty(), some), by))
          .join();
      progress.accept(from + some.size());
    }
    fillMap(alone);
    end();
    progress.accept(jobs);
  }

  private static NewJob job(SplittableRandom random, long number) {
    int name = random.nextInt(NAMES);
    return new NewJob(
        Optional.empty(),
        "job-" + name,
        "{\"command\": [\"./simulate\", \"--seed\", \""
            + number
            + "\"], \"resources\": {\"cpu\": 2, \"memory\": \"4GiB\"}, \"environment\": {\"OMP_NUM_THREADS\": \"{cpu.count}\"}}",
        100,
        Map.of("project", "p" + name % 40, "seed", String.valueOf(number)),
        List.of(),
        false);
  }

  private void fillMap(long alone) {
    By by = new By("user-0", FIRST.plusMillis(APART * alone));
    NewMap map =
        new NewMap(
            "user-0",
            Optional.of("large"),
            Optional.empty(),
            "energies",
            "{}",
            100,
            Map.of(),
            List.of(),
            false);
    long number = store.write(handle -> new Maps(handle).submit(map, by)).join().number();
    for (long from = alone; from < jobs; from += SOME) {
      List<NewTask> some = new ArrayList<>();
      for (long i = from; i < Math.min(jobs, from + SOME); i++) {
        some.add(new NewTask(i, "[" + i + "]", List.of()));
      }
      var _ = store.write(handle -> new Maps(handle).add(number, some, false, by)).join();
    }
  }

  /** Ends all but a few, many at a time, as an end of each would take its time. */
  private void end() {
    for (long from = 0; from <= jobs + 1; from += 10 * SOME) {
      long first = from;
      store
          .write(handle -> {
            long last = first + 10 * SOME - 1;
            handle.execute(
                "UPDATE jobs SET state = CASE WHEN number % 100 < 90 THEN 'SUCCEEDED' WHEN number % 100 < 98 THEN 'FAILED' ELSE 'CANCELLED' END, started = submitted + 1000, ended = submitted + 60000, attempt = 1, exit_code = 0 WHERE number BETWEEN ? AND ? AND number % 997 > 1",
                first, last);
            handle.execute(
                "UPDATE jobs SET state = 'RUNNING', started = submitted + 1000, attempt = 1 WHERE number BETWEEN ? AND ? AND number % 997 = 0",
                first, last);
            return handle.execute(
                "INSERT INTO attempts (job, number, node, sent, started, ended) SELECT number, 1, 'node-1', submitted, started, ended FROM jobs WHERE attempt = 1 AND number BETWEEN ? AND ?",
                first,
                last);
          })
          .join();
    }
    store
        .write(handle -> {
          handle.execute("DELETE FROM counts");
          return handle.execute(
              "INSERT INTO counts (owner, state, jobs) SELECT owner, state, count(*) FROM jobs GROUP BY owner, state");
        })
        .join();
  }

  /** Tells how long the kinds of lists take, each with that many pages. */
  public void measure(int pages, BiConsumer<String, Times> told) {
    SplittableRandom random = new SplittableRandom(2);
    for (Map.Entry<String, List<JobFilter>> each : filters(random).entrySet()) {
      double[] millis = new double[pages];
      // the first ones are not counted, as a head has answered before
      for (int i = -pages / 10; i < pages; i++) {
        List<JobFilter> some = each.getValue();
        JobFilter filter = some.get(random.nextInt(some.size()));
        Position after = random.nextInt(2) == 0 ? Position.START : position(random);
        long began = System.nanoTime();
        store.read(handle -> new JobList(handle).page(filter, after, LIMIT));
        millis[Math.max(i, 0)] = (System.nanoTime() - began) / 1e6;
      }
      told.accept(each.getKey(), Times.of(millis));
    }
    double[] finds = new double[pages];
    double[] counts = new double[pages];
    for (int i = 0; i < pages; i++) {
      String end = letters(random);
      long began = System.nanoTime();
      store.read(handle -> new JobList(handle).find(end, Optional.empty()));
      finds[i] = (System.nanoTime() - began) / 1e6;
      began = System.nanoTime();
      store.read(handle -> new Jobs(handle).counts(Optional.empty()));
      counts[i] = (System.nanoTime() - began) / 1e6;
    }
    told.accept("by the end of an id", Times.of(finds));
    told.accept("counts by state", Times.of(counts));
  }

  private Position position(SplittableRandom random) {
    return new Position(FIRST.plusMillis(APART * random.nextLong(jobs)).toEpochMilli(), 0);
  }

  private static String letters(SplittableRandom random) {
    StringBuilder text = new StringBuilder("-");
    for (int i = 0; i < 3; i++) {
      text.append((char) ('a' + random.nextInt(26)));
    }
    return text.toString();
  }

  private Map<String, List<JobFilter>> filters(SplittableRandom random) {
    JobFilter all = JobFilter.ALL;
    JobFilter alone = all.in(new Scope.Alone());
    Set<JobState> running = Set.of(JobState.SENT, JobState.RUNNING, JobState.PAUSED);
    Set<JobState> ended = Set.of(JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED);
    long map = jobs - jobs / 10 + 1;
    Map<String, List<JobFilter>> filters = new LinkedHashMap<>();
    filters.put("all", List.of(all, alone));
    filters.put(
        "state",
        List.of(
            all.states(Set.of(JobState.FAILED)),
            all.states(running),
            alone.states(running),
            alone.states(ended)));
    filters.put(
        "owner and state",
        List.of(
            all.owner("user-3"),
            alone.owner("user-3").states(Set.of(JobState.FAILED)),
            all.owner("user-0").states(running),
            all.owner("nobody")));
    filters.put(
        "name",
        List.of(
            alone.named("job-77"),
            all.namedLike("job-4"),
            all.namedLike("job-"),
            alone.namedLike("job-499"),
            all.namedLike("none")));
    filters.put(
        "label",
        List.of(
            all.labels(Map.of("project", "p7")),
            all.labels(Map.of("seed", "4711")),
            alone.labels(Map.of("project", "p7")).owner("user-7"),
            all.labels(Map.of("project", "p7", "seed", "1"))));
    Instant middle = FIRST.plusMillis(APART * random.nextLong(jobs));
    filters.put(
        "times",
        List.of(
            all.since(middle),
            all.until(middle).states(Set.of(JobState.FAILED)),
            alone.since(middle).until(middle.plusSeconds(3600)).namedLike("job-1")));
    filters.put(
        "tasks of a map",
        List.of(
            all.in(new Scope.OfMap(map)),
            all.in(new Scope.OfMap(map)).states(Set.of(JobState.FAILED))));
    filters.put(
        "few of many",
        List.of(
            // no job of the map has such a name, and both are many
            all.in(new Scope.OfMap(map)).namedLike("job-"),
            all.states(running).namedLike("job-3").labels(Map.of("project", "p8")),
            all.owner("user-0").namedLike("energies").states(Set.of(JobState.CANCELLED)),
            alone.named("energies").states(ended)));
    return filters;
  }

  /**
   * Prints how long lists take.
   *
   * @param arguments how many jobs, how many pages of each kind, and a folder; without a folder, a
   *     server of PostgreSQL is started
   */
  public static void main(String... arguments) throws Exception {
    long jobs = Long.parseLong(arguments[0]);
    int pages = Integer.parseInt(arguments[1]);
    if (arguments.length > 2) {
      run(new Database.Embedded(Path.of(arguments[2])), jobs, pages);
      return;
    }
    try (PostgreSqlServer server = PostgreSqlServer.start()) {
      run(server.database("lists"), jobs, pages);
    }
  }

  @SuppressWarnings("SystemOut")
  private static void run(Database database, long jobs, int pages) {
    try (Store store = Store.open(database)) {
      ListLoad load = new ListLoad(store, jobs);
      long stored =
          store.read(
              handle -> handle.createQuery("SELECT last_number FROM head").mapTo(Long.class).one());
      if (stored == 0) {
        long began = System.nanoTime();
        load.fill(_ -> {});
        System.out.printf(Locale.ROOT, "filled in %.1f s%n", (System.nanoTime() - began) / 1e9);
      }
      load.measure(pages, (kind, times) -> System.out.println(kind + ": " + times));
    }
  }
}
