package dev.grain;

import dev.grain.dispatch.Dispatch;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The jobs and subtasks of a group, in the order of submission, and how many of them are open.
 *
 * <p>The lock is the monitor of the group. That of its {@link CompletedJobs} may be taken within
 * it, and never the other way round.
 */
final class GroupMembers {
  private static final int CANCEL_BATCH = 1024;

  private final Group group;
  private final boolean discardsResults;

  // guarded by the group
  private final Collection<Member> members;
  // numbers the members; guarded by the group
  private int submitted;
  // set under the group, read by any thread
  private volatile @Nullable CompletedJobs completed;

  private final AtomicInteger openJobs = new AtomicInteger();
  private final AtomicInteger openSubtasks = new AtomicInteger();
  // set by the head's loop: whether the function of a job that has ended still runs
  private volatile boolean jobsRemain;

  GroupMembers(Group group, boolean discardsResults) {
    this.group = group;
    this.discardsResults = discardsResults;
    this.members = discardsResults ? new LinkedHashSet<>() : new ArrayList<>();
  }

  // ---- coming and going

  /** Adds a job; to be called under the group. */
  void add(SubmittedJob<?> job) {
    members.add(job);
    submitted++;
    openJobs.incrementAndGet();
  }

  /** Adds a subtask; to be called under the group. */
  <R extends @Nullable Object> StartedSubtask<R> addSubtask() {
    StartedSubtask<R> subtask = new StartedSubtask<>(group, ++submitted);
    if (!discardsResults) {
      members.add(subtask);
    }
    openSubtasks.incrementAndGet();
    return subtask;
  }

  /** Removes a subtask that will never run. */
  void removeSubtask(StartedSubtask<?> subtask) {
    synchronized (group) {
      members.remove(subtask);
      submitted--;
    }
    openSubtasks.decrementAndGet();
  }

  /** A subtask has ended. */
  void onSubtaskEnded() {
    openSubtasks.decrementAndGet();
  }

  /** A job has ended, and everybody can see it; returns whether none is open any more. */
  boolean onJobEnded(SubmittedJob<?> job) {
    if (job.remains()) {
      jobsRemain = true;
    }
    CompletedJobs listed = completed;
    if (listed != null) {
      listed.add(job);
    }
    if (discardsResults && !job.remains()) {
      synchronized (group) {
        members.remove(job);
      }
    }
    return openJobs.decrementAndGet() == 0;
  }

  boolean hasOpenJobs() {
    return openJobs.get() > 0;
  }

  boolean hasOpenSubtasks() {
    return openSubtasks.get() > 0;
  }

  // ---- stopping

  /**
   * Returns what gives the jobs that are to be cancelled, a batch at a time, and wakes those that
   * wait for members on the way.
   */
  Supplier<List<Dispatch.Ticket>> toCancel() {
    Iterator<Member> left = copy().iterator();
    return () -> {
      List<Dispatch.Ticket> batch = new ArrayList<>();
      while (batch.size() < CANCEL_BATCH && left.hasNext()) {
        Member member = left.next();
        member.wakeWaiters();
        Dispatch.Ticket ticket = member instanceof SubmittedJob<?> job ? job.ticket() : null;
        if (ticket != null) {
          batch.add(ticket);
        }
      }
      return batch;
    };
  }

  private List<Member> copy() {
    synchronized (group) {
      return new ArrayList<>(members);
    }
  }

  /** Returns the subtasks. */
  List<StartedSubtask<?>> subtasks() {
    List<StartedSubtask<?>> subtasks = new ArrayList<>();
    for (Member member : copy()) {
      if (member instanceof StartedSubtask<?> subtask) {
        subtasks.add(subtask);
      }
    }
    return subtasks;
  }

  /** Returns the jobs that have not ended, and those whose functions still run all the same. */
  List<Job<?>> running() {
    if (!hasOpenJobs() && !jobsRemain) {
      return List.of();
    }
    List<Job<?>> running = new ArrayList<>();
    for (Member member : copy()) {
      if (member instanceof SubmittedJob<?> job && (job.remains() || !job.status().ended())) {
        running.add(job);
      }
    }
    return running;
  }

  // ---- results

  /** Returns all values, which are of the type or null. */
  List<@Nullable Object> results(Class<?> type) {
    Class<?> boxed = MethodType.methodType(type).wrap().returnType();
    List<@Nullable Object> results = new ArrayList<>();
    for (Member member : ended("results")) {
      Object value =
          switch (member) {
            case SubmittedJob<?> job -> job.result();
            case StartedSubtask<?> subtask -> subtask.result();
          };
      if (value != null && !boxed.isInstance(value)) {
        throw new ClassCastException(
            "%s returned a %s, not a %s"
                .formatted(member, value.getClass().getName(), boxed.getName()));
      }
      results.add(value);
    }
    return Collections.unmodifiableList(results);
  }

  List<Outcome<?>> outcomes() {
    List<Outcome<?>> outcomes = new ArrayList<>();
    for (Member member : ended("outcomes")) {
      outcomes.add(
          switch (member) {
            case SubmittedJob<?> job -> job.outcome();
            case StartedSubtask<?> subtask -> subtask.outcome();
          });
    }
    return Collections.unmodifiableList(outcomes);
  }

  private List<Member> ended(String method) {
    if (discardsResults) {
      throw new IllegalStateException(
          ("%s() is not available, as %s discards results; keep the jobs that submit() "
                  + "returns")
              .formatted(method, group));
    }
    if (!group.isClosed()) {
      throw new IllegalStateException(
          "%s() of %s is available once it is closed; declare it before the try block: var wg = ...;"
                  .formatted(method, group)
              + " try (wg) { ... }");
    }
    return copy();
  }

  // ---- jobs as they end

  Iterable<Job<?>> completed() {
    synchronized (group) {
      if (completed != null) {
        throw new IllegalStateException("completed() of " + group + " was called before");
      }
      if (discardsResults && submitted > 0) {
        throw new IllegalStateException(
            "%s discards results, so call completed() before the first submit()".formatted(group));
      }
      // set first: a job that ends from here on lists itself
      CompletedJobs ended = new CompletedJobs(group, this::hasOpenJobs);
      completed = ended;
      for (Member member : members) {
        if (member instanceof SubmittedJob<?> job && job.end() != null) {
          ended.add(job);
        }
      }
      return ended;
    }
  }

  /** Lets those that wait for the next job to end look again. */
  void wakeCompleted() {
    CompletedJobs listed = completed;
    if (listed != null) {
      listed.wake();
    }
  }
}
