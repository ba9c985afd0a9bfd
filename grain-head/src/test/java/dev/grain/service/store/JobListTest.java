package dev.grain.service.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.service.store.JobFilter.Scope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Lists of jobs, in pages. */
final class JobListTest extends OnEachDatabase {
  private static final JobList.Bounds SMALL = new JobList.Bounds(40, 60, 10);
  private static final List<JobState> STATES = List.of(JobState.values());
  private static final List<String> NAMES = List.of("a", "ab", "abc", "b", "ä", "ä💡", "ÿ", "Z");

  private final Map<Long, SortedMap<String, String>> labels = new TreeMap<>();

  /** Follows a list to its end. */
  private List<StoredJob> all(JobFilter filter, int limit, JobList.Bounds bounds) {
    List<StoredJob> all = new ArrayList<>();
    Optional<Position> at = Optional.of(Position.START);
    while (at.isPresent()) {
      Position after = Position.parse(at.get().toString());
      JobPage page = read(handle -> new JobList(handle, bounds).page(filter, after, limit));
      assertThat(page.jobs().size()).isLessThanOrEqualTo(limit);
      all.addAll(page.jobs());
      at = page.next();
    }
    return all;
  }

  private List<StoredJob> all(JobFilter filter) {
    return all(filter, 100, JobList.Bounds.DEFAULT);
  }

  /** Makes jobs and tasks of all kinds, submitted at times that are not those of their numbers. */
  private long fill(Random random, int jobs) {
    long map =
        write(handle ->
                new Maps(handle)
                    .submit(
                        new NewMap(
                            "ada",
                            Optional.of("map"),
                            Optional.empty(),
                            "ab",
                            "{}",
                            1,
                            Map.of("color", "red"),
                            List.of(),
                            false),
                        ADA))
            .number();
    for (int i = 0; i < jobs; i++) {
      By by = new By(random.nextInt(3) > 0 ? "ada" : "bob", moment(random));
      TreeMap<String, String> some = new TreeMap<>();
      if (random.nextBoolean()) {
        some.put("color", random.nextInt(10) > 0 ? "red" : "blue");
      }
      if (random.nextInt(5) == 0) {
        some.put("size", String.valueOf(random.nextInt(3)));
      }
      long index = i;
      long number =
          random.nextInt(4) == 0
              ? write(handle ->
                      new Maps(handle)
                          .add(map, List.of(new NewTask(index, "{}", List.of())), false, by))
                  .getFirst()
                  .number()
              : submitOne(by, labelled(NAMES.get(random.nextInt(NAMES.size())), some));
      if (get(number).orElseThrow().map().isEmpty()) {
        labels.put(number, some);
      }
      JobState state = STATES.get(random.nextInt(STATES.size()));
      write(handle ->
          handle.execute("UPDATE jobs SET state = ? WHERE number = ?", state.name(), number));
    }
    return map;
  }

  private static Instant moment(Random random) {
    return NOW.plusSeconds(random.nextInt(40));
  }

  private static JobFilter filter(Random random, long map) {
    JobFilter filter = JobFilter.ALL;
    if (random.nextInt(3) == 0) {
      filter = filter.in(random.nextBoolean() ? new Scope.Alone() : new Scope.OfMap(map));
    }
    if (random.nextInt(2) == 0) {
      Set<JobState> states = EnumSet.noneOf(JobState.class);
      for (int i = random.nextInt(3); i >= 0; i--) {
        states.add(STATES.get(random.nextInt(STATES.size())));
      }
      filter = filter.states(states);
    }
    if (random.nextInt(3) == 0) {
      filter = filter.owner(random.nextBoolean() ? "ada" : "bob");
    }
    if (random.nextInt(3) == 0) {
      String name = NAMES.get(random.nextInt(NAMES.size()));
      filter = random.nextBoolean() ? filter.named(name) : filter.namedLike(name);
    }
    if (random.nextInt(3) == 0) {
      filter =
          filter.labels(
              random.nextBoolean() ? Map.of("color", "blue") : Map.of("color", "red", "size", "1"));
    }
    if (random.nextInt(3) == 0) {
      filter = filter.since(moment(random));
    }
    return random.nextInt(3) == 0 ? filter.until(moment(random)) : filter;
  }

  private boolean meets(StoredJob job, JobFilter filter) {
    boolean inScope =
        switch (filter.scope()) {
          case Scope.All() -> true;
          case Scope.Alone() -> job.map().isEmpty();
          case Scope.OfMap(long number) -> job.map().isPresent() && job.map().getAsLong() == number;
        };
    return inScope
        && (filter.states().isEmpty() || filter.states().contains(job.state()))
        && filter.owner().map(job.owner()::equals).orElse(true)
        && filter
            .name()
            .map(name ->
                name.prefix() ? job.name().startsWith(name.text()) : job.name().equals(name.text()))
            .orElse(true)
        && labels
            .getOrDefault(job.number(), new TreeMap<>())
            .entrySet()
            .containsAll(filter.labels().entrySet())
        && filter.since().map(moment -> !job.submitted().isBefore(moment)).orElse(true)
        && filter.until().map(job.submitted()::isBefore).orElse(true);
  }

  @Test
  void page_hasWhatMeetsTheFilter_theNewestFirst() {
    Random random = new Random(4);
    long map = fill(random, 300);
    List<StoredJob> stored =
        read(handle ->
            new ArrayList<>(
                handle.createQuery("SELECT number FROM jobs").mapTo(Long.class).list().stream()
                    .map(number -> new Jobs(handle).get(number).orElseThrow())
                    .toList()));
    stored.sort(
        Comparator.comparing(StoredJob::submitted).thenComparingLong(StoredJob::number).reversed());
    assertThat(all(JobFilter.ALL)).isEqualTo(stored).hasSize(300);
    for (int i = 0; i < 300; i++) {
      JobFilter filter = filter(random, map);
      List<StoredJob> expected = stored.stream().filter(job -> meets(job, filter)).toList();
      assertThat(all(filter)).as("%s", filter).isEqualTo(expected);
      assertThat(all(filter, 1 + random.nextInt(20), SMALL)).as("%s", filter).isEqualTo(expected);
    }
  }

  @Test
  void page_whileJobsCome_hasNoneTwice_andMissesNone() {
    for (int i = 0; i < 10; i++) {
      submit(new By("ada", NOW.plusSeconds(i)), job("job-" + i));
    }
    JobPage first = read(handle -> new JobList(handle).page(JobFilter.ALL, Position.START, 4));
    submit(new By("ada", NOW.plusSeconds(60)), job("new"));
    Position next = first.next().orElseThrow();
    JobPage second = read(handle -> new JobList(handle).page(JobFilter.ALL, next, 100));
    assertThat(first.jobs())
        .extracting(StoredJob::name)
        .containsExactly("job-9", "job-8", "job-7", "job-6");
    assertThat(second.jobs())
        .extracting(StoredJob::name)
        .startsWith("job-5")
        .endsWith("job-0")
        .hasSize(6);
    assertThat(second.next()).isEmpty();
  }

  @Test
  void position_thatIsNone_isRefused() {
    for (String text : List.of("", ".", "7", "a.b", "1.2.3", "26-11-28-3-abc")) {
      assertThatThrownBy(() -> Position.parse(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("\"" + text + "\" is no position in a list.");
    }
  }

  @Test
  void prefix_ofAnyCharacters_endsBeforeTheNext() {
    assertThat(Prefix.after("ab")).contains("ac");
    assertThat(Prefix.after("\uD7FF")).contains("\uE000");
    assertThat(Prefix.after("a" + Character.toString(Character.MAX_CODE_POINT))).contains("b");
    assertThat(Prefix.after("")).isEmpty();
  }

  @Test
  void find_takesAnId_orTheLatestThatEndsSo() {
    submit(ADA, own("train-1"), own("x-train-1"));
    submit(new By("bob", NOW.minusSeconds(9)), own("old-train-1"));
    write(handle ->
        new Maps(handle)
            .submit(
                new NewMap(
                    "ada",
                    Optional.of("m"),
                    Optional.empty(),
                    "map",
                    "{}",
                    1,
                    Map.of(),
                    List.of(),
                    false),
                ADA));
    long map = 4;
    write(
        handle -> new Maps(handle).add(map, List.of(new NewTask(7, "{}", List.of())), false, ADA));
    assertThat(find("train-1", Optional.empty())).contains("train-1");
    assertThat(find("rain-1", Optional.empty())).contains("x-train-1");
    assertThat(find("rain-1", Optional.of("bob"))).contains("old-train-1");
    assertThat(find("train-1", Optional.of("bob"))).contains("old-train-1");
    assertThat(find("m:7", Optional.empty())).contains("m:7");
    assertThat(find("m:7", Optional.of("bob"))).isEmpty();
    for (String none : List.of("-1", "", "m:8", "m:x", "x:7", "m:", "rain_1", "rain%")) {
      assertThat(find(none, Optional.empty())).as(none).isEmpty();
    }
  }

  private Optional<String> find(String id, Optional<String> owner) {
    return read(handle -> new JobList(handle).find(id, owner).map(StoredJob::id));
  }

  @Test
  void everyQuery_followsAnIndex() {
    Random random = new Random(5);
    long map = fill(random, 200);
    List<String> plans =
        read(handle -> {
          if (kind == Kind.POSTGRESQL) {
            // few rows are read faster without an index
            handle.execute("SET LOCAL enable_seqscan = off");
          }
          Plans seen = Plans.of(handle, kind);
          for (int i = 0; i < 500; i++) {
            JobFilter filter = filter(random, map);
            new JobList(handle, SMALL).page(filter, Position.START, 5);
            new JobList(handle).page(filter, new Position(NOW.toEpochMilli() + 20_000, 7), 5);
          }
          new JobList(handle).find("26-11-28-3-abc", Optional.empty());
          new JobList(handle).find("abc", Optional.of("ada"));
          new JobList(handle).find("map:3", Optional.empty());
          new Jobs(handle).forEachOpen(_ -> {});
          new Jobs(handle).counts(Optional.of("ada"));
          new Maps(handle).list(Optional.of("ada"), Position.START, 5);
          new Maps(handle).list(Optional.empty(), Position.START, 5);
          new UsedBlobs(handle).among(List.of("a"));
          return seen.lines();
        });
    assertThat(plans).hasSizeGreaterThan(1000);
    assertThat(plans)
        // which has only those that have not ended
        .filteredOn(line -> !line.equals("SCAN j USING INDEX open_jobs"))
        .filteredOn(line ->
            kind == Kind.POSTGRESQL
                ? line.contains("Seq Scan on")
                : line.matches(
                    "SCAN (jobs|labels|maps|attempts|specs|results|blobs|j|m|a|s|l)( .*)?"))
        .isEmpty();
  }
}
