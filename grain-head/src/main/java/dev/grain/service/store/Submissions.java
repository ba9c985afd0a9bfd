package dev.grain.service.store;

import dev.grain.service.store.ConflictException.Kind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Stores new jobs. Of what comes twice, the first wins, even after its end. */
public final class Submissions {
  private static final int SOME = 500;

  private final Handle handle;

  /** What has an id. */
  private record Known(long number, String id, String owner, JobState state) {}

  public Submissions(Handle handle) {
    this.handle = handle;
  }

  /**
   * Stores jobs, and returns what has become of each, in their order.
   *
   * @throws ConflictException if an id is that of somebody else or of a map, or the key came with
   *     another body
   * @throws IllegalArgumentException if an id is of the form of those that are made
   */
  public List<Submitted> submit(Submission submission, By by) {
    Requests requests = new Requests(handle);
    Optional<List<Long>> former =
        submission.key().flatMap(key -> requests.find(submission.owner(), key));
    if (former.isPresent()) {
      return former.get().stream().map(this::again).toList();
    }
    List<Submitted> all = add(submission, by);
    submission
        .key()
        .ifPresent(key ->
            requests.add(
                submission.owner(), key, all.stream().map(Submitted::number).toList(), by));
    return all;
  }

  private Submitted again(long number) {
    return new Jobs(handle)
        .get(number)
        .map(job -> new Submitted(number, job.id(), job.state(), false))
        .orElseThrow(() ->
            new ConflictException(
                Kind.UNKNOWN,
                "The job %s of this submission was removed, as it had ended long ago. Use a new idempotency key to submit it again."
                    .formatted(number)));
  }

  private List<Submitted> add(Submission submission, By by) {
    Map<String, Known> known = known(submission);
    int made = 0;
    Set<String> own = new HashSet<>();
    for (NewJob job : submission.jobs()) {
      if (job.id().isEmpty()) {
        made++;
      } else if (!known.containsKey(job.id().get())) {
        own.add(job.id().get());
      }
    }
    int fresh = made + own.size();
    if (fresh == 0) {
      return submission.jobs().stream().map(job -> former(known, job).orElseThrow()).toList();
    }
    List<Submitted> all = insert(submission, known, Numbers.take(handle, fresh, made, by), by);
    String first = all.stream().filter(Submitted::made).findFirst().orElseThrow().id();
    new Audit(handle)
        .add(by, "job.submit", fresh == 1 ? first : first + " and " + (fresh - 1) + " more");
    return all;
  }

  private static Optional<Submitted> former(Map<String, Known> known, NewJob job) {
    return job.id()
        .flatMap(id -> Optional.ofNullable(known.get(id)))
        .map(each -> new Submitted(each.number(), each.id(), each.state(), false));
  }

  /** Returns the jobs that have the ids, which are of the same owner. */
  private Map<String, Known> known(Submission submission) {
    List<String> ids = submission.jobs().stream().flatMap(job -> job.id().stream()).toList();
    ids.forEach(Numbers::ensureOwn);
    Map<String, Known> known = new HashMap<>();
    for (int from = 0; from < ids.size(); from += SOME) {
      List<String> some = ids.subList(from, Math.min(ids.size(), from + SOME));
      handle
          .createQuery("SELECT number, id, owner, state FROM jobs WHERE id IN (<ids>)")
          .bindList("ids", some)
          .map((row, _) ->
              new Known(
                  row.getLong(1),
                  row.getString(2),
                  row.getString(3),
                  JobState.valueOf(row.getString(4))))
          .forEach(each -> known.put(each.id(), each));
      handle
          .createQuery("SELECT id FROM maps WHERE id IN (<ids>)")
          .bindList("ids", some)
          .mapTo(String.class)
          .findFirst()
          .ifPresent(id -> {
            throw taken(id, "a map");
          });
    }
    for (Known each : known.values()) {
      if (!each.owner().equals(submission.owner())) {
        throw taken(each.id(), "a job of another user");
      }
    }
    return known;
  }

  static ConflictException taken(String id, String whose) {
    return new ConflictException(
        Kind.TAKEN, "The id \"%s\" is that of %s. Choose another.".formatted(id, whose));
  }

  private List<Submitted> insert(
      Submission submission, Map<String, Known> known, Numbers numbers, By by) {
    List<Submitted> all = new ArrayList<>(submission.jobs().size());
    Map<JobState, Long> counts = new EnumMap<>(JobState.class);
    Attachments.Adding attachments = new Attachments(handle).add();
    try (PreparedBatch jobs =
            handle.prepareBatch(
                "INSERT INTO jobs (number, id, reversed, owner, name, state, priority, attempt, submitted) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)");
        PreparedBatch specs = handle.prepareBatch("INSERT INTO specs (job, spec) VALUES (?, ?)")) {
      Iterator<String> made = numbers.ids().iterator();
      long number = numbers.first();
      for (NewJob job : submission.jobs()) {
        Optional<Submitted> former = former(known, job);
        if (former.isPresent()) {
          all.add(former.get());
          continue;
        }
        String id = job.id().orElseGet(made::next);
        JobState state = job.held() ? JobState.HELD : JobState.QUEUED;
        jobs.add(
            number,
            id,
            reversed(id),
            submission.owner(),
            job.name(),
            state.name(),
            job.priority(),
            by.millis());
        specs.add(number, job.spec());
        attachments.labels(number, job.labels(), by);
        attachments.blobs(number, job.blobs());
        counts.merge(state, 1L, Long::sum);
        all.add(new Submitted(number, id, state, true));
        known.put(id, new Known(number, id, submission.owner(), state));
        number++;
      }
      var _ = jobs.execute();
      var _ = specs.execute();
    }
    attachments.end();
    counts.forEach((state, count) -> new Counts(handle).add(submission.owner(), state, count));
    return all;
  }

  static String reversed(String id) {
    return new StringBuilder(id).reverse().toString();
  }
}
