package dev.grain.service.store;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * Lists jobs, the newest first, and finds them by their ids. No call takes long, however many jobs
 * are stored: it follows an index, looks at no more than a bounded number of jobs, and says where
 * the list goes on.
 */
public final class JobList {
  private final Handle handle;
  private final Bounds bounds;

  /**
   * What bounds the work for a page.
   *
   * @param few an index that has fewer entries than these is followed to its end
   * @param most how many jobs are looked at, if they are many
   * @param first how many are looked at first
   */
  record Bounds(int few, int most, int first) {
    static final Bounds DEFAULT = new Bounds(Walk.FEW, 10_000, 500);
  }

  /** Reads by a handle of {@link Store#read}, on the thread that has it. */
  public JobList(Handle handle) {
    this(handle, Bounds.DEFAULT);
  }

  JobList(Handle handle, Bounds bounds) {
    this.handle = handle;
    this.bounds = bounds;
  }

  /**
   * Returns a page.
   *
   * @param after only those after it; {@link Position#START} for the newest
   * @param limit how many at most, from 1
   */
  public JobPage page(JobFilter filter, Position after, int limit) {
    Position from =
        filter.until().map(moment -> Position.before(moment).later(after)).orElse(after);
    long since = filter.since().map(Instant::toEpochMilli).orElse(Long.MIN_VALUE);
    Walks walks = Walks.of(filter);
    if (walks.complete()) {
      return page(
          read(walks.all().getFirst().after(from, since, limit + 1), Sql.NONE, limit + 1), limit);
    }
    return follow(shortest(walks, from, since), walks.rest(), from, since, limit);
  }

  private static JobPage page(List<StoredJob> jobs, int limit) {
    if (jobs.size() <= limit) {
      return new JobPage(jobs, Optional.empty());
    }
    List<StoredJob> some = jobs.subList(0, limit);
    return new JobPage(some, Optional.of(position(some.getLast())));
  }

  private static Position position(StoredJob job) {
    return new Position(job.submitted().toEpochMilli(), job.number());
  }

  /** Returns the way with the fewest jobs, or any that has them in order. */
  private Walk shortest(Walks walks, Position from, long since) {
    Walk best = walks.all().stream().filter(Walk::sorted).findFirst().orElseThrow();
    if (walks.all().size() == 1) {
      return best;
    }
    long least = bounds.few();
    for (Walk each : walks.all()) {
      long count = count(each, from, since);
      if (count < least) {
        least = count;
        best = each;
      }
    }
    return best;
  }

  private long count(Walk walk, Position from, long since) {
    Sql counted = walk.count(from, since, bounds.few());
    return bind(counted.text(), counted.values()).mapTo(Long.class).one();
  }

  private JobPage follow(Walk walk, Sql rest, Position from, long since, int limit) {
    List<StoredJob> jobs = new ArrayList<>();
    Position at = from;
    int looked = 0;
    int look = Math.max(bounds.first(), 2 * limit);
    while (looked < bounds.most()) {
      jobs.addAll(read(walk.after(at, since, look), rest, limit + 1 - jobs.size()));
      if (jobs.size() > limit) {
        return page(jobs, limit);
      }
      Optional<Position> last = last(walk, at, since, look);
      if (last.isEmpty()) {
        return new JobPage(jobs, Optional.empty());
      }
      at = last.get();
      looked += look;
      look = Math.min(4 * look, bounds.most() - looked);
    }
    return new JobPage(jobs, Optional.of(at));
  }

  /** Returns the last of as many positions; empty if there are fewer. */
  private Optional<Position> last(Walk walk, Position from, long since, int count) {
    Sql some = walk.after(from, since, count);
    return bind(
            "SELECT submitted, number FROM ("
                + some.text()
                + ") AS c ORDER BY submitted DESC, number DESC LIMIT 1 OFFSET "
                + (count - 1),
            some.values())
        .map((row, _) -> new Position(row.getLong(1), row.getLong(2)))
        .findOne();
  }

  private List<StoredJob> read(Sql positions, Sql rest, int limit) {
    return bind(
            "SELECT "
                + StoredJobs.COLUMNS
                + " FROM ("
                + positions.text()
                + ") AS c JOIN jobs AS j ON j.number = c.number LEFT JOIN maps AS m ON m.number = j.map"
                + (rest.text().isEmpty() ? "" : " WHERE " + rest.text())
                + " ORDER BY c.submitted DESC, c.number DESC LIMIT "
                + limit,
            Sql.values(positions, rest))
        .map((row, _) -> StoredJobs.job(row))
        .list();
  }

  private Query bind(String sql, List<Object> values) {
    Query query = handle.createQuery(sql);
    for (int i = 0; i < values.size(); i++) {
      query.bind(i, values.get(i));
    }
    return query;
  }

  /**
   * Returns the job with an id, or else the latest one whose id ends so.
   *
   * @param id an id, or at least {@value Suffix#LEAST} characters of its end; for a task, the whole
   *     id
   * @param owner whose; those of all if it is empty
   */
  public Optional<StoredJob> find(String id, Optional<String> owner) {
    Optional<Long> number = id.indexOf(StoredJobs.TASK) < 0 ? number(id) : task(id);
    return number
        .flatMap(this::get)
        .filter(job -> owner.isEmpty() || owner.get().equals(job.owner()))
        .or(() -> new Suffix(handle).latest("jobs", id, owner).flatMap(this::get));
  }

  private Optional<StoredJob> get(long number) {
    return new Jobs(handle).get(number);
  }

  /** Returns whether there is a job with this id. */
  boolean exists(String id) {
    return number(id).isPresent();
  }

  private Optional<Long> number(String id) {
    return handle
        .createQuery("SELECT number FROM jobs WHERE id = ?")
        .bind(0, id)
        .mapTo(Long.class)
        .findOne();
  }

  private Optional<Long> task(String id) {
    int colon = id.lastIndexOf(StoredJobs.TASK);
    long index;
    try {
      index = Long.parseLong(id.substring(colon + 1));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
    return handle
        .createQuery(
            "SELECT number FROM jobs WHERE map = (SELECT number FROM maps WHERE id = ?) AND task = ?")
        .bind(0, id.substring(0, colon))
        .bind(1, index)
        .mapTo(Long.class)
        .findOne();
  }
}
