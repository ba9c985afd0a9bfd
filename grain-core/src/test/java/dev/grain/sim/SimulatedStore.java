package dev.grain.sim;

import dev.grain.Attempt;
import dev.grain.bytes.Bytes;
import dev.grain.dispatch.DetachedStore;
import dev.grain.dispatch.JobEnd;
import dev.grain.dispatch.StoredJob;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The store of detached jobs, which outlives the heads. What comes while it commits is committed
 * together; if the head dies meanwhile, some of it is there, as far as it came.
 */
final class SimulatedStore implements DetachedStore {
  /** How long a commit takes at least. */
  private static final int LEAST_NANOS = 1_000;

  private final World world;
  private final Ends ends;
  // how different the times are that a commit takes
  private final int doublings;
  private final SequencedMap<Long, Kept> jobs = new LinkedHashMap<>();
  private List<Write> waiting = new ArrayList<>();
  private List<Write> writing = List.of();
  private int crashes;
  private int commitsLeft;
  private Runnable crash = () -> {};

  /** Is notified of what is certain, and of what is printed. */
  interface Ends {
    /** A job has ended. */
    void ended(long job, int attempt, JobEnd end);

    /** A job has printed something. */
    void printed(long job, int attempt, Bytes text);
  }

  /** Something that is to be certain. */
  private record Write(Runnable change, Runnable then) {}

  /** What is certain of a job. */
  private static final class Kept {
    final StoredJob first;
    int attempt;
    StoredJob.@Nullable Holder holder;
    final List<Attempt> attempts = new ArrayList<>();
    int losses;
    boolean held;
    boolean cancelled;
    double priority;
    boolean ended;

    Kept(StoredJob first) {
      this.first = first;
      this.held = first.held();
      this.priority = first.priority();
    }

    StoredJob now() {
      return new StoredJob(
          first.number(),
          first.template(),
          priority,
          first.line(),
          first.input(),
          attempt,
          holder,
          attempts,
          losses,
          held,
          cancelled);
    }
  }

  SimulatedStore(World world, Ends ends) {
    this.world = world;
    this.ends = ends;
    this.doublings = 4 + world.below(14);
  }

  /** Has something happen in the middle of a commit, so many commits later; 0 for never. */
  void duringCommit(int commits, Runnable what) {
    commitsLeft = commits;
    crash = what;
  }

  // ---------------------------------------------------------------- what is certain

  boolean knows(long job) {
    return jobs.containsKey(job);
  }

  boolean hasEnded(long job) {
    Kept kept = jobs.get(job);
    return kept != null && kept.ended;
  }

  /** Returns the number of the last attempt that was sent. */
  int attempt(long job) {
    Kept kept = jobs.get(job);
    return kept == null ? 0 : kept.attempt;
  }

  /** Returns whether the end of an attempt is certain. */
  boolean isOver(long job, int attempt) {
    Kept kept = jobs.get(job);
    return kept != null
        && (kept.ended
            || kept.attempt > attempt
            || kept.attempts.stream().anyMatch(each -> each.number() == attempt));
  }

  /** Returns the jobs that have not ended. */
  List<StoredJob> load() {
    return jobs.values().stream().filter(job -> !job.ended).map(Kept::now).toList();
  }

  // ---------------------------------------------------------------- what people do

  /** Stores a job, unless it is there; then does something. */
  void submit(StoredJob job, Runnable then) {
    write(() -> jobs.putIfAbsent(job.number(), new Kept(job)), then);
  }

  void hold(long job, boolean held, Runnable then) {
    write(() -> kept(job).held = held, then);
  }

  void cancel(long job, Runnable then) {
    write(() -> kept(job).cancelled = true, then);
  }

  void reprioritize(long job, double priority, Runnable then) {
    write(() -> kept(job).priority = priority, then);
  }

  private Kept kept(long job) {
    Kept kept = jobs.get(job);
    if (kept == null) {
      throw new IllegalStateException("job " + job + " is not in the store");
    }
    return kept;
  }

  // ---------------------------------------------------------------- what a head does

  @Override
  public void onSending(long job, int attempt, StoredJob.Holder holder, Runnable kept) {
    write(
        () -> {
          Kept entry = kept(job);
          ensure(!entry.ended, job, "is sent again after its end");
          ensure(entry.attempt <= attempt, job, "goes back to attempt " + attempt);
          entry.attempt = attempt;
          entry.holder = holder;
        },
        kept);
  }

  @Override
  public void onAttempt(long job, Attempt ended, int losses, Runnable kept) {
    write(
        () -> {
          Kept entry = kept(job);
          entry.attempts.add(ended);
          entry.losses = losses;
          if (entry.attempt == ended.number()) {
            entry.holder = null;
          }
        },
        kept);
  }

  @Override
  public void onEnd(long job, int attempt, JobEnd end, Runnable kept) {
    write(
        () -> {
          Kept entry = kept(job);
          ensure(!entry.ended, job, "ended again");
          entry.ended = true;
          ends.ended(job, attempt, end);
        },
        kept);
  }

  @Override
  public void onState(long job, State state, int attempt, @Nullable String worker) {
    if (state == State.RUNNING) {
      write(
          () -> {
            Kept entry = kept(job);
            StoredJob.Holder holder = entry.holder;
            if (holder != null && entry.attempt == attempt) {
              entry.holder = new StoredJob.Holder(holder.worker(), holder.incarnation(), true);
            }
          },
          () -> {});
    }
  }

  @Override
  public void onOutput(long job, int attempt, String worker, Bytes text, boolean error) {
    ends.printed(job, attempt, text);
  }

  private static void ensure(boolean condition, long job, String otherwise) {
    if (!condition) {
      throw new IllegalStateException("job " + job + " " + otherwise);
    }
  }

  // ---------------------------------------------------------------- commits

  private void write(Runnable change, Runnable then) {
    waiting.add(new Write(change, then));
    if (writing.isEmpty()) {
      commitNext();
    }
  }

  private void commitNext() {
    writing = waiting;
    waiting = new ArrayList<>();
    if (writing.isEmpty()) {
      return;
    }
    if (--commitsLeft == 0) {
      world.after(world.below(LEAST_NANOS), crash);
    }
    int before = crashes;
    world.after(
        world.scaled(LEAST_NANOS, doublings),
        () -> {
          if (crashes == before) {
            List<Write> done = writing;
            done.forEach(each -> each.change.run());
            writing = List.of();
            done.forEach(each -> each.then.run());
            if (writing.isEmpty()) {
              commitNext();
            }
          }
        });
  }

  /** The head dies. */
  void crash() {
    crashes++;
    writing.subList(0, world.below(writing.size() + 1)).forEach(each -> each.change.run());
    writing = List.of();
    waiting = new ArrayList<>();
  }
}
