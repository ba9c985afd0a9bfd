package dev.grain.service.store;

import dev.grain.service.store.ConflictException.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
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
    Map<By.Asked<Submission>, List<Submitted>> answers = new IdentityHashMap<>();
    List<By.Asked<Submission>> fresh = new ArrayList<>();
    Set<List<String>> keys = new HashSet<>();
    for (By.Asked<Submission> each : asked) {
      Optional<RequestKey> key = each.what().key();
      if (key.isPresent() && !keys.add(List.of(each.what().owner(), key.get().text()))) {
        // the same key once more, which has to find what the first one has stored
        answers.putAll(add(fresh));
        fresh.clear();
      }
      Optional<List<Long>> former =
          key.flatMap(text -> new Requests(handle).find(each.what().owner(), text));
      if (former.isPresent()) {
        answers.put(each, former.get().stream().map(this::again).toList());
      } else {
        fresh.add(each);
      }
    }
    answers.putAll(add(fresh));
    return asked.stream().map(answers::get).toList();
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
  private Map<By.Asked<Submission>, List<Submitted>> add(List<By.Asked<Submission>> asked) {
    if (asked.isEmpty()) {
      return Map.of();
    }
    Map<String, Known> known = known(asked);
    int made = 0;
    Set<String> own = new HashSet<>();
    for (By.Asked<Submission> each : asked) {
      for (NewJob job : each.what().jobs()) {
        if (job.id().isEmpty()) {
          made++;
        } else if (!known.containsKey(job.id().get())) {
          own.add(job.id().get());
        }
      }
    }
    int count = made + own.size();
    Map<By.Asked<Submission>, List<Submitted>> answers =
        insert(
            asked,
            known,
            count == 0
                ? new Numbers(0, List.of())
                : Numbers.take(handle, count, made, asked.getLast().by()));
    note(answers);
    return answers;
  }

  /** Keeps the keys, and what is to be found in the audit. */
  private void note(Map<By.Asked<Submission>, List<Submitted>> answers) {
    List<Audit.Entry> lines = new ArrayList<>();
    answers.forEach((each, all) -> {
      each.what()
          .key()
          .ifPresent(key ->
              new Requests(handle)
                  .add(
                      each.what().owner(),
                      key,
                      all.stream().map(Submitted::number).toList(),
                      each.by()));
      List<Submitted> fresh = all.stream().filter(Submitted::made).toList();
      if (!fresh.isEmpty()) {
        String first = fresh.getFirst().id();
        lines.add(
            new Audit.Entry(
                each.by(),
                "job.submit",
                fresh.size() == 1 ? first : first + " and " + (fresh.size() - 1) + " more"));
      }
    });
    new Audit(handle).add(lines);
  }

  /** Returns the job with the id of a new one, which has to be of the same owner. */
  private static Optional<Submitted> former(
      Map<String, Known> known, Submission submission, NewJob job) {
    Optional<Known> former = job.id().flatMap(id -> Optional.ofNullable(known.get(id)));
    former.ifPresent(each -> {
      if (!each.owner().equals(submission.owner())) {
        throw taken(each.id(), "a job of another user");
      }
    });
    return former.map(each -> new Submitted(each.number(), each.id(), each.state(), false));
  }

  /** Returns the jobs that have the ids. */
  private Map<String, Known> known(List<By.Asked<Submission>> asked) {
    List<String> ids =
        asked.stream()
            .flatMap(each -> each.what().jobs().stream())
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

  private Map<By.Asked<Submission>, List<Submitted>> insert(
      List<By.Asked<Submission>> asked, Map<String, Known> known, Numbers numbers) {
    // equal ones are different
    Map<By.Asked<Submission>, List<Submitted>> answers = new IdentityHashMap<>();
    Map<List<Object>, Long> counts = new HashMap<>();
    Attachments.Adding attachments = new Attachments(handle).add();
    try (PreparedBatch jobs =
            handle.prepareBatch(
                "INSERT INTO jobs (number, id, reversed, owner, name, state, priority, attempt, submitted) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)");
        PreparedBatch specs = handle.prepareBatch("INSERT INTO specs (job, spec) VALUES (?, ?)")) {
      Iterator<String> made = numbers.ids().iterator();
      long number = numbers.first();
      for (By.Asked<Submission> each : asked) {
        String owner = each.what().owner();
        List<Submitted> all = new ArrayList<>(each.what().jobs().size());
        for (NewJob job : each.what().jobs()) {
          Optional<Submitted> former = former(known, each.what(), job);
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
              owner,
              job.name(),
              state.name(),
              job.priority(),
              each.by().millis());
          specs.add(number, job.spec());
          attachments.labels(number, job.labels(), each.by());
          attachments.blobs(number, job.blobs());
          counts.merge(List.of(owner, state), 1L, Long::sum);
          all.add(new Submitted(number, id, state, true));
          known.put(id, new Known(number, id, owner, state));
          number++;
        }
        answers.put(each, all);
      }
      if (jobs.size() > 0) {
        var _ = jobs.execute();
        var _ = specs.execute();
      }
    }
    attachments.end();
    counts.forEach((each, count) ->
        new Counts(handle).add((String) each.getFirst(), (JobState) each.getLast(), count));
    return answers;
  }

  static String reversed(String id) {
    return new StringBuilder(id).reverse().toString();
  }
}
