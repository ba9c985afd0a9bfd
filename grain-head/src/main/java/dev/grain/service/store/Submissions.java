package dev.grain.service.store;

import dev.grain.service.store.ConflictException.Kind;
import java.util.ArrayList;
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
  /**
   * What several submit at a time, by {@link Store#write(Change.Together, Object)}: a few
   * statements for all of them.
   */
  public static final Change.Together<By.Asked<Submission>, List<Submitted>> TOGETHER =
      (handle, asked) -> new Submissions(handle).submit(asked);

  private static final int SOME = 500;

  private final Handle handle;

  /** What has an id. */
  private record Known(long number, String id, String owner, JobState state) {}

  /** A submission, and what became of its jobs so far. */
  private static final class Pending {
    private final Submission submission;
    private final By by;
    private final List<Submitted> answer = new ArrayList<>();

    Pending(Submission submission, By by) {
      this.submission = submission;
      this.by = by;
    }
  }

  /** Writes by a handle of {@link Store#write(Change)}, on the thread that has it. */
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
    return submit(List.of(new By.Asked<>(submission, by))).getFirst();
  }

  /** Stores what several have submitted, as if one after the other; see {@link #TOGETHER}. */
  private List<List<Submitted>> submit(List<By.Asked<Submission>> asked) {
    List<Pending> all = asked.stream().map(each -> new Pending(each.what(), each.by())).toList();
    List<Pending> fresh = new ArrayList<>();
    Set<List<String>> keys = new HashSet<>();
    for (Pending each : all) {
      String owner = each.submission.owner();
      Optional<RequestKey> key = each.submission.key();
      if (key.isPresent() && !keys.add(List.of(owner, key.get().text()))) {
        // the same key once more, which has to find what the first one has stored
        add(fresh);
        fresh.clear();
      }
      Optional<List<Long>> former = key.flatMap(text -> new Requests(handle).find(owner, text));
      if (former.isPresent()) {
        former.get().forEach(number -> each.answer.add(again(number)));
      } else {
        fresh.add(each);
      }
    }
    add(fresh);
    return all.stream().map(each -> List.copyOf(each.answer)).toList();
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

  /** Stores those that have no key that was used, all by the same few statements. */
  private void add(List<Pending> fresh) {
    if (fresh.isEmpty()) {
      return;
    }
    Map<String, Known> known = known(fresh);
    int made = 0;
    Set<String> own = new HashSet<>();
    for (Pending each : fresh) {
      for (NewJob job : each.submission.jobs()) {
        if (job.id().isEmpty()) {
          made++;
        } else if (!known.containsKey(job.id().get())) {
          own.add(job.id().get());
        }
      }
    }
    int count = made + own.size();
    insert(
        fresh,
        known,
        count == 0
            ? new Numbers(0, List.of())
            : Numbers.take(handle, count, made, fresh.getLast().by));
    note(fresh);
  }

  /** Keeps the keys, and what is to be found in the audit. */
  private void note(List<Pending> stored) {
    List<Audit.Entry> lines = new ArrayList<>();
    for (Pending each : stored) {
      List<Long> numbers = each.answer.stream().map(Submitted::number).toList();
      each.submission
          .key()
          .ifPresent(
              key -> new Requests(handle).add(each.submission.owner(), key, numbers, each.by));
      List<Submitted> made = each.answer.stream().filter(Submitted::made).toList();
      if (!made.isEmpty()) {
        String first = made.getFirst().id();
        String more = made.size() == 1 ? "" : " and " + (made.size() - 1) + " more";
        lines.add(new Audit.Entry(each.by, "job.submit", first + more));
      }
    }
    new Audit(handle).add(lines);
  }

  /** Returns the job with the id of a new one, which has to be of the same owner. */
  private static Optional<Submitted> former(Map<String, Known> known, String owner, NewJob job) {
    Optional<Known> former = job.id().flatMap(id -> Optional.ofNullable(known.get(id)));
    former.ifPresent(each -> {
      if (!each.owner().equals(owner)) {
        throw taken(each.id(), "a job of another user");
      }
    });
    return former.map(each -> new Submitted(each.number(), each.id(), each.state(), false));
  }

  /** Returns the jobs that have the ids. */
  private Map<String, Known> known(List<Pending> fresh) {
    List<String> ids =
        fresh.stream()
            .flatMap(each -> each.submission.jobs().stream())
            .flatMap(job -> job.id().stream())
            .distinct()
            .toList();
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
    return known;
  }

  static ConflictException taken(String id, String whose) {
    return new ConflictException(
        Kind.TAKEN, "The id \"%s\" is that of %s. Choose another.".formatted(id, whose));
  }

  private void insert(List<Pending> fresh, Map<String, Known> known, Numbers numbers) {
    Map<List<Object>, Long> counts = new HashMap<>();
    ChangedJobs changed = ChangedJobs.of(handle);
    Attachments.Adding attachments = new Attachments(handle).add();
    try (PreparedBatch jobs =
            handle.prepareBatch(
                "INSERT INTO jobs (number, id, reversed, owner, name, state, priority, attempt, held, submitted) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?)");
        PreparedBatch specs = handle.prepareBatch("INSERT INTO specs (job, spec) VALUES (?, ?)")) {
      Iterator<String> made = numbers.ids().iterator();
      long number = numbers.first();
      for (Pending each : fresh) {
        String owner = each.submission.owner();
        for (NewJob job : each.submission.jobs()) {
          Optional<Submitted> former = former(known, owner, job);
          if (former.isPresent()) {
            each.answer.add(former.get());
            continue;
          }
          String id = job.id().orElseGet(made::next);
          JobState state = job.held() ? JobState.HELD : JobState.QUEUED;
          jobs.add(
              number,
              id,
              reversed(id),
              owner,
              job.name(),
              state.name(),
              job.priority(),
              job.held() ? 1 : 0,
              each.by.millis());
          specs.add(number, job.spec());
          changed.note(new JobChange.Submitted(number));
          attachments.labels(number, job.labels(), each.by);
          attachments.blobs(number, job.blobs());
          counts.merge(List.of(owner, state), 1L, Long::sum);
          each.answer.add(new Submitted(number, id, state, true));
          known.put(id, new Known(number, id, owner, state));
          number++;
        }
      }
      if (jobs.size() > 0) {
        var _ = jobs.execute();
        var _ = specs.execute();
      }
    }
    attachments.end();
    counts.forEach((each, count) ->
        new Counts(handle).add((String) each.getFirst(), (JobState) each.getLast(), count));
  }

  static String reversed(String id) {
    return new StringBuilder(id).reverse().toString();
  }
}
