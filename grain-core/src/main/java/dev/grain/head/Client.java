package dev.grain.head;

import dev.grain.Cause;
import dev.grain.bytes.Bytes;
import dev.grain.dispatch.Dispatch;
import dev.grain.dispatch.DispatchStats;
import dev.grain.dispatch.JobClient;
import dev.grain.dispatch.JobEnd;
import dev.grain.dispatch.JobTemplate;
import dev.grain.dispatch.OutcomeLog;
import dev.grain.explain.Reason;
import dev.grain.schedule.ScheduledJob;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a head has of one run: the numbers of its jobs, how many are where, its code, its log, and
 * whether it was given up. It is the run's door to the head in the same process.
 *
 * <p>Unless stated otherwise, its state belongs to the head's loop.
 */
public final class Client extends JobOwner implements Dispatch {
  private final OutcomeLog log;

  // counted up by any thread
  private final AtomicLong lastNumber = new AtomicLong();

  // how jobs end that are not to run again, until that is decided
  private final IdentityHashMap<HeadJob, JobEnd> undecided = new IdentityHashMap<>();
  private boolean cancelsAll;
  private @Nullable Reason givenUp;
  private boolean closing;

  // written by the loop, read by any thread
  private volatile @Nullable DispatchStats lastStats;

  Client(Head head, String run, CodeLibrary library, LoginLibrary logins, OutcomeLog log) {
    super(head, run, library, logins);
    this.log = log;
  }

  // ---------------------------------------------------------------- for any thread

  @Override
  public long nextNumber() {
    return lastNumber.incrementAndGet();
  }

  @Override
  public long lastNumber() {
    return lastNumber.get();
  }

  @Override
  public Ticket prepare(
      JobTemplate template, Bytes input, @Nullable Journaled journaled, JobClient client) {
    return journaled == null
        ? new HeadJob(this, template, input, client)
        : new HeadJob.InJournal(this, template, input, client, journaled);
  }

  @Override
  public boolean submit(Ticket job) {
    return head.submit((HeadJob) job);
  }

  @Override
  public void cancel(Ticket job) {
    head.post(() -> {
      scheduler().cancel((HeadJob) job);
      head.pass();
    });
  }

  @Override
  public void cancelAll(Supplier<List<Ticket>> batches) {
    head.post(() -> {
      List<Ticket> batch = batches.get();
      batch.forEach(job -> scheduler().cancel((HeadJob) job));
      if (!batch.isEmpty()) {
        head.pass();
        cancelAll(batches);
      }
    });
  }

  @Override
  public boolean cancelEverything() {
    return head.post(() -> {
      cancelsAll = true;
      head.inBatches(unended().iterator(), scheduler()::cancel);
    });
  }

  @Override
  public void giveUp(String reason) {
    head.post(() -> {
      Reason toAll = new Reason.Other(reason);
      givenUp = toAll;
      head.inBatches(unended().iterator(), job -> scheduler().abandon(job, toAll));
    });
  }

  @Override
  public void decide(Ticket ticket, int attempt, boolean again) {
    HeadJob job = (HeadJob) ticket;
    head.post(() -> {
      head.learnTime();
      if (scheduler().decided(job, attempt, again)) {
        JobEnd end = Objects.requireNonNull(undecided.remove(job));
        if (!again) {
          deliver(job, end);
        }
      }
      head.pass();
    });
  }

  @Override
  public @Nullable Explanation explain(Ticket ticket) {
    HeadJob job = (HeadJob) ticket;
    // one that has ended may still be at its node, if it ignores the interrupt
    return head.loop()
        .ask(() -> job.phase() == ScheduledJob.Phase.ENDED ? null : explained(job))
        .orElse(null);
  }

  @Override
  public @Nullable Explanation explain(long number) {
    return head.loop()
        .ask(() -> {
          ScheduledJob job =
              scheduler()
                  .find(
                      each -> each instanceof HeadJob mine && isMine(mine) && mine.id() == number);
          return job == null ? null : explained(job);
        })
        .orElse(null);
  }

  private Explanation explained(ScheduledJob job) {
    scheduler().at(head.loop().now());
    return new Explanation(job.toString(), head.explain((HeadJob) job));
  }

  @Override
  public List<String> stopping(long patience) throws InterruptedException {
    CompletableFuture<List<String>> answer = new CompletableFuture<>();
    boolean asked =
        head.loop()
            .tryPost(() ->
                answer.complete(
                    unended()
                        .filter(job -> job.phase() == ScheduledJob.Phase.STOPPING)
                        .map(ScheduledJob::toString)
                        .toList()));
    try {
      return asked ? answer.get(patience, TimeUnit.NANOSECONDS) : List.of();
    } catch (TimeoutException e) {
      return List.of();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  @Override
  public DispatchStats stats() {
    return head.loop()
        .ask(this::takeStats)
        .orElseGet(() -> Objects.requireNonNull(lastStats, "taken before the loop ended"));
  }

  /** Takes the statistics on the loop, and keeps them for when that has ended. */
  private DispatchStats takeStats() {
    DispatchStats taken =
        new DispatchStats(
            progressNow(),
            submitted(),
            head.passes(),
            head.decisions(),
            bytesOut(),
            bytesBack(),
            head.workers());
    lastStats = taken;
    return taken;
  }

  /**
   * Ends the jobs of the run that have not ended, takes no more, and has the head and its nodes
   * forget the run when the last one has. For any thread; does nothing the second time.
   */
  public void close() {
    head.post(() -> {
      cancelsAll = true;
      head.inBatches(unended().iterator(), scheduler()::cancel);
      closing = true;
      takeStats();
      forgetIfOver();
    });
  }

  private void forgetIfOver() {
    if (closing && ended() == submitted()) {
      closing = false;
      head.forget(this);
    }
  }

  // ---------------------------------------------------------------- on the loop

  private Stream<ScheduledJob> unended() {
    Predicate<ScheduledJob> mine = job -> job instanceof HeadJob own && isMine(own);
    return scheduler().unended().stream().filter(mine);
  }

  private boolean isMine(HeadJob job) {
    return job.owner() == this;
  }

  @Override
  void onSubmitted(HeadJob job) {
    onSubmitted();
    Journaled journaled = job.journaled();
    if (journaled != null && journaled.known() != null) {
      deliverNow(job, journaled.known());
      return;
    }
    job.number(head.nextNumber());
    head.learnTime();
    scheduler().submit(job, job.template().demand(), job.template().timeLimit());
    if (givenUp != null) {
      scheduler().abandon(job, givenUp);
    }
    if (cancelsAll) {
      scheduler().cancel(job);
    }
  }

  @Override
  void refuse(HeadJob job, String reason) {
    onSubmitted();
    deliver(job, new JobEnd.Ended(Cause.NOT_STARTED, new Reason.Other(reason), List.of()));
  }

  @Override
  boolean isGivenUp() {
    return givenUp != null;
  }

  @Override
  void onFailedAttempt(HeadJob job, int attempt, JobEnd end) {
    undecided.put(job, end);
    job.client().onFailedAttempt(attempt, end);
  }

  /** Writes the end if the job is in a journal, and delivers it then. */
  @Override
  void deliver(HeadJob job, JobEnd end) {
    undecided.remove(job);
    Journaled journaled = job.journaled();
    if (journaled == null) {
      deliverNow(job, end);
    } else {
      log.write(
          journaled.key(),
          job.attempt(),
          end,
          written -> head.later(() -> deliverNow(job, written)));
    }
  }

  private void deliverNow(HeadJob job, JobEnd end) {
    count(job, end);
    job.client().onEnd(end, job.node() != null);
    forgetIfOver();
  }
}
