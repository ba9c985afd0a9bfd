package dev.grain.head;

import dev.grain.bytes.Bytes;
import dev.grain.dispatch.RunProgress;
import dev.grain.explain.Reason;
import dev.grain.explain.Situation;
import dev.grain.jfr.SchedulingPass;
import dev.grain.job.Cause;
import dev.grain.loop.Loop;
import dev.grain.loop.Mailbox;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Link;
import dev.grain.message.Message;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Offer;
import dev.grain.schedule.Counts;
import dev.grain.schedule.Effects;
import dev.grain.schedule.Node;
import dev.grain.schedule.Policy;
import dev.grain.schedule.ScheduledJob;
import dev.grain.schedule.Scheduler;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The head of a run: takes jobs from any thread, and on its loop, which alone changes the
 * scheduler, sends them to nodes and delivers how they ended.
 */
public final class Head {
  /** How many placements one task of the loop makes before the loop gets to others. */
  private static final int DECISIONS = 1024;

  private static final int ENCODED_DEMANDS = 1024;

  /** For how many jobs the books may be checked after each pass. */
  private static final int JOBS_CHECKED = 100;

  /** With more jobs than this a check would keep the loop from its work for too long. */
  private static final int MOST_CHECKED = 10_000;

  /** The name of the worker that is in the program's own process. */
  public static final String EMBEDDED = "local";

  private final String run;
  private final Loop loop;
  private final CodeLibrary library;
  private final OutcomeLog log;
  final Scheduler scheduler;
  private final Commands commands = new Commands();
  private final Mailbox<HeadJob> submissions;
  private final Mailbox<Delivery> deliveries;

  // only accessed by the loop
  private final IdentityHashMap<Node, NodeSession> sessions = new IdentityHashMap<>();
  private final List<NodeSession> toFlush = new ArrayList<>();
  // of the node that was sent something last
  private @Nullable NodeSession last;
  private final Map<Demand, Bytes> encodedDemands =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Demand, Bytes> eldest) {
          return size() > ENCODED_DEMANDS;
        }
      };
  private boolean passPosted;
  // whether the scheduler knows what time it is, until the end of the pass
  private boolean timeKnown;
  private @Nullable Consumer<String> onViolation;
  private int uncheckedPasses;
  // set when an invariant does not hold: then nothing is done any more
  private @Nullable String broken;
  private final Deque<ScheduledJob> toBreakOff = new ArrayDeque<>();
  private Loop.@Nullable Timer wakeUp;
  private long wakeUpAt = Long.MAX_VALUE;
  private boolean cancelsAll;
  private @Nullable Reason givenUp;
  private long succeeded;
  private long failed;
  private long cancelled;
  private long submitted;
  private long passes;
  private long decisions;
  private long bytesOut;
  private long bytesBack;

  private int joinedCores;

  // written by the loop, read by any thread
  private volatile RunProgress progress = RunProgress.NONE;
  private volatile int mostCores;

  /**
   * Makes a head without nodes and jobs.
   *
   * @param run the id of the run
   * @param loop its loop
   * @param policy what the scheduler is to keep to
   * @param library where nodes find the code that they ask for
   */
  public Head(String run, Loop loop, Policy policy, CodeLibrary library) {
    this(run, loop, policy, library, OutcomeLog.NONE);
  }

  /**
   * Makes a head that writes how jobs end; see {@link #Head(String, Loop, Policy, CodeLibrary)}.
   *
   * @param log where it is written before it is delivered
   */
  public Head(String run, Loop loop, Policy policy, CodeLibrary library, OutcomeLog log) {
    this.run = run;
    this.loop = loop;
    this.library = library;
    this.log = log;
    this.scheduler = new Scheduler(policy, commands);
    this.submissions = new Mailbox<>(loop, this::onSubmitted, this::pass);
    this.deliveries = new Mailbox<>(loop, each -> deliverNow(each.job, each.end), this::pass);
  }

  /** Returns how far the run is; for any thread. */
  public RunProgress progress() {
    return progress;
  }

  /** Returns what it has done, and what its nodes have free. To be called on the loop. */
  public Snapshot snapshot() {
    return new Snapshot(
        progressNow(),
        new Snapshot.Work(submitted, passes, decisions, bytesOut, bytesBack),
        scheduler.nodes().stream().map(Snapshot.OfNode::of).toList());
  }

  /** Returns where a job is and why. To be called on the loop. */
  public Situation explain(HeadJob job) {
    scheduler.at(loop.now());
    return scheduler.explain(job);
  }

  /**
   * Returns a job that waits, or is at a node; null if none has that number. To be called on the
   * loop. It looks through the queue.
   */
  public @Nullable HeadJob find(long number) {
    return (HeadJob) scheduler.find(number);
  }

  /** Returns the most cores that the nodes had together so far; for any thread. */
  public int mostCores() {
    return mostCores;
  }

  /** Returns the loop. */
  public Loop loop() {
    return loop;
  }

  /**
   * Puts the job into the queue; for any thread.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the loop has ended
   */
  public void submit(HeadJob job) {
    submissions.add(job);
  }

  /** Ends the job wherever it is; for any thread. */
  public void cancel(HeadJob job) {
    loop.post(() -> {
      if (broken == null) {
        scheduler.cancel(job);
        pass();
      }
    });
  }

  /**
   * Ends the jobs, a batch at a time, so that the loop gets to other things between; for any
   * thread.
   *
   * @param jobs called on the loop for batches, until one is empty
   */
  public void cancelAll(Supplier<List<HeadJob>> jobs) {
    loop.post(() -> {
      List<HeadJob> batch = broken == null ? jobs.get() : List.of();
      batch.forEach(scheduler::cancel);
      if (!batch.isEmpty()) {
        pass();
        cancelAll(jobs);
      }
    });
  }

  /** Ends every job, and those that are still to come; for any thread. */
  public void cancelEverything() {
    loop.post(() -> {
      cancelsAll = true;
      forAll(scheduler::cancel);
    });
  }

  /**
   * Calls back on the loop with the jobs that were told to stop and have not yet; for any thread.
   */
  public void stopping(Consumer<List<HeadJob>> receiver) {
    loop.post(() ->
        receiver.accept(
            scheduler.unended().stream()
                .filter(job -> job.phase() == ScheduledJob.Phase.STOPPING)
                .map(HeadJob.class::cast)
                .toList()));
  }

  /**
   * Ends every job that waits for a node, and those that are still to come. To be called on the
   * loop.
   *
   * @param reason a sentence that says why
   */
  public void giveUp(String reason) {
    Reason toAll = new Reason.Other(reason);
    givenUp = toAll;
    forAll(job -> scheduler.abandon(job, toAll));
  }

  /** Does something to all jobs, a batch at a time. */
  private void forAll(Consumer<ScheduledJob> action) {
    inBatches(scheduler.unended().iterator(), action);
  }

  private void inBatches(Iterator<ScheduledJob> jobs, Consumer<ScheduledJob> action) {
    if (broken != null) {
      return;
    }
    for (int left = DECISIONS; left > 0 && jobs.hasNext(); left--) {
      action.accept(jobs.next());
    }
    pass();
    if (jobs.hasNext()) {
      loop.post(() -> inBatches(jobs, action));
    }
  }

  private void onSubmitted(HeadJob job) {
    submitted++;
    if (broken != null) {
      deliver(job, new JobEnd.Ended(Cause.NOT_STARTED, new Reason.Other(broken), List.of()));
      return;
    }
    HeadJob.Journaled journaled = job.journaled();
    if (journaled != null && journaled.known() != null) {
      deliverNow(job, journaled.known());
      return;
    }
    scheduler.submit(job, job.template().demand(), job.template().timeLimit());
    if (givenUp != null) {
      scheduler.abandon(job, givenUp);
    }
    if (cancelsAll) {
      scheduler.cancel(job);
    }
  }

  // ---------------------------------------------------------------- nodes

  /**
   * Adds a node. To be called on the loop.
   *
   * @param name the name of its worker
   * @param offer what it has
   * @param link the way to it
   * @return what receives its messages
   */
  public NodeSession join(String name, Offer offer, Link<Message.ToNode> link) {
    return join(name, offer, offer, Long.MAX_VALUE, link);
  }

  /**
   * Adds a node of which not all is used; see {@link #join(String, Offer, Link)}.
   *
   * @param whole what it has
   * @param offer what of that may be used
   * @param until when it will end, on the clock of the loop; {@code Long.MAX_VALUE} for never
   */
  NodeSession join(String name, Offer whole, Offer offer, long until, Link<Message.ToNode> link) {
    scheduler.at(loop.now());
    Node node = scheduler.nodeJoined(name, offer, until);
    if (!offer.equals(whole)) {
      scheduler.bounded(node);
    }
    joinedCores += offer.coreCount();
    mostCores = Math.max(mostCores, joinedCores);
    NodeSession session = new NodeSession(node, link);
    sessions.put(node, session);
    pass();
    return session;
  }

  /** The head's side of the link with one node. To be used on the loop. */
  public final class NodeSession {
    private final Node node;
    private final Link<Message.ToNode> link;
    private final CodeRequests codeRequests;
    // whether something was sent since the last flush
    private boolean unflushed;

    private NodeSession(Node node, Link<Message.ToNode> link) {
      this.node = node;
      this.link = link;
      this.codeRequests = new CodeRequests(loop, library, link);
    }

    /** Handles a message of the node. */
    public void receive(Message.ToHead message) {
      if (broken != null) {
        return;
      }
      learnTime();
      switch (message) {
        case Message.Started started -> onStarted(node, started);
        case Message.Ended ended -> onEnded(node, ended);
        case Message.Returned returned ->
            scheduler.returned(node, returned.job(), returned.attempt());
        case Message.NotStopping refusing ->
            scheduler.notStopping(node, refusing.job(), refusing.attempt(), refusing.timedOut());
        case Message.Output output -> onOutput(node, output);
        case Message.NeedCode(Bytes hash) -> codeRequests.add(hash);
        case Message.Freed freed ->
            scheduler.freed(node, freed.job(), freed.attempt(), freed.ran());
        case Message.Draining _ -> scheduler.draining(node);
      }
    }

    /**
     * Handles a message of the node whose value is larger than what the head takes.
     *
     * @param message the message, without the value
     * @param length how many bytes the value has
     */
    public void receiveWithout(Message.ToHead message, long length) {
      learnTime();
      if (broken == null && message instanceof Message.Ended ended) {
        onTooLarge(node, ended, length);
      }
    }

    /** Returns the name of the worker. */
    public String name() {
      return node.name();
    }

    /**
     * Nobody knows what becomes of the node: it gets no more jobs; those that it has stay there.
     */
    public void suspend() {
      if (broken != null) {
        return;
      }
      scheduler.suspended(node);
      pass();
    }

    /** The node is back, with the jobs that it had. */
    public void resume() {
      if (broken != null) {
        return;
      }
      scheduler.resumed(node);
      pass();
    }

    /** Places what can be placed now; to be called after a batch of messages. */
    public void batchEnded() {
      codeRequests.answer();
      pass();
    }

    /**
     * The node is lost; what it had runs again elsewhere.
     *
     * @param died whether it is proven that its process died
     */
    public void lost(boolean died) {
      if (sessions.remove(node) == null || broken != null) {
        return;
      }
      codeRequests.close();
      joinedCores -= node.offer().coreCount();
      toFlush.remove(this);
      last = null;
      learnTime();
      scheduler.nodeLost(node, died);
      pass();
    }
  }

  private void onStarted(Node node, Message.Started started) {
    HeadRecording.started(run, node, started.job(), started.attempt());
    scheduler.started(
        node,
        started.job(),
        started.attempt(),
        new Fractions(started.coreFraction(), started.gpuFraction()));
  }

  private void onEnded(Node node, Message.Ended message) {
    ScheduledJob found = node.find(message.job(), message.attempt());
    Scheduler.Verdict verdict =
        switch (message.end()) {
          case AttemptEnd.Value _ -> onEnded(node, message, null);
          case AttemptEnd.Failure _ -> onEnded(node, message, Cause.FAILED);
          case AttemptEnd.NotStarted _ -> onEnded(node, message, Cause.NOT_STARTED);
          case AttemptEnd.TimedOut _ -> onEnded(node, message, Cause.TIMED_OUT);
          case AttemptEnd.Cancelled _ -> onEnded(node, message, Cause.CANCELLED);
          case AttemptEnd.Unable(String reason) ->
              scheduler.refused(node, message.job(), message.attempt(), reason);
        };
    if (found instanceof HeadJob job) {
      act(verdict, job, message.attempt(), () -> toEnd(job, node, message));
    }
  }

  private static JobEnd toEnd(HeadJob job, Node node, Message.Ended message) {
    return JobEnd.of(job, job.template().timeLimit(), node.name(), message);
  }

  private Scheduler.Verdict onEnded(Node node, Message.Ended message, @Nullable Cause failure) {
    return scheduler.ended(node, message.job(), message.attempt(), failure, message.ran());
  }

  private void act(Scheduler.Verdict verdict, HeadJob job, int attempt, Supplier<JobEnd> end) {
    switch (verdict) {
      case FINAL -> deliver(job, end.get());
      case UNDECIDED -> job.client().onFailedAttempt(job, attempt, end.get());
      case RETRIED, LATE -> {}
    }
  }

  /**
   * Says whether a job runs again of which an attempt has failed; for any thread. Does nothing if
   * it has ended meanwhile.
   *
   * @param end how it ends if it does not
   * @throws RejectedExecutionException if the loop has ended
   */
  public void decide(HeadJob job, int attempt, boolean again, JobEnd end) {
    loop.post(() -> {
      if (broken != null) {
        return;
      }
      learnTime();
      if (scheduler.decided(job, attempt, again) && !again) {
        deliver(job, end);
      }
      pass();
    });
  }

  private void onTooLarge(Node node, Message.Ended message, long length) {
    ScheduledJob found = node.find(message.job(), message.attempt());
    Scheduler.Verdict verdict = onEnded(node, message, Cause.FAILED);
    if (found instanceof HeadJob job) {
      act(verdict, job, message.attempt(), () -> JobEnd.tooLarge(job, length));
    }
  }

  private void onOutput(Node node, Message.Output output) {
    if (node.find(output.job(), output.attempt()) instanceof HeadJob job) {
      job.client().onOutput(job, output.text(), output.error());
    }
  }

  void deliver(HeadJob job, JobEnd end) {
    if (job.journaled() == null) {
      deliverNow(job, end);
    } else {
      log.write(job, end, written -> deliverLater(job, written));
    }
  }

  /** An end that was written. */
  private record Delivery(HeadJob job, JobEnd end) {}

  private void deliverLater(HeadJob job, JobEnd end) {
    try {
      deliveries.add(new Delivery(job, end));
    } catch (RejectedExecutionException e) {
      // the run is over; only where the loop has broken off does somebody wait for it
      if (broken != null) {
        deliverNow(job, end);
      }
    }
  }

  private void deliverNow(HeadJob job, JobEnd end) {
    switch (end) {
      case JobEnd.Returned _ -> succeeded++;
      case JobEnd.Ended ended when ended.cause() == Cause.CANCELLED -> cancelled++;
      case JobEnd.Threw _, JobEnd.NotRetried _, JobEnd.Ended _ -> failed++;
    }
    bytesBack += end.size();
    HeadRecording.ended(run, job, end);
    job.client().onEnd(job, end);
  }

  // ---------------------------------------------------------------- passes

  /** Places what can be placed, and lets everything go that is to be sent. */
  void pass() {
    if (broken != null) {
      return;
    }
    passes++;
    SchedulingPass recorded = HeadRecording.pass(run, decisions, scheduler);
    timeKnown = false;
    long now = loop.now();
    boolean more = scheduler.place(now, DECISIONS);
    wakeUpLater(now);
    if (recorded != null) {
      recorded.end(decisions, scheduler.steps(), scheduler.counts().queued());
    }
    flush();
    progress = progressNow();
    if (onViolation != null) {
      checkPass(onViolation);
    }
    if (more && !passPosted) {
      passPosted = true;
      loop.post(() -> {
        passPosted = false;
        pass();
      });
    }
  }

  private void flush() {
    for (NodeSession session : toFlush) {
      session.unflushed = false;
      session.link.flush();
    }
    toFlush.clear();
  }

  /**
   * Has the invariants checked after each pass, of which there is at least one for each task that
   * changes something; with more than 100 jobs, after every few, and with more than 10,000 not at
   * all. To be called before anything else.
   *
   * @param onViolation told, on the loop, what does not hold; then all jobs end
   */
  public void checkPasses(Consumer<String> onViolation) {
    this.onViolation = onViolation;
  }

  /** A check takes longer the more jobs there are, so there are fewer checks then. */
  private void checkPass(Consumer<String> receiver) {
    Counts counts = scheduler.counts();
    uncheckedPasses++;
    long jobs = (long) counts.queued() + counts.sent() + counts.running();
    if (uncheckedPasses <= jobs / JOBS_CHECKED || jobs > MOST_CHECKED) {
      return;
    }
    uncheckedPasses = 0;
    try {
      checkInvariants();
    } catch (IllegalStateException e) {
      breakOff(
          "the run has checked itself and found an error in its books, a bug in Grain: "
              + e.getMessage(),
          receiver);
    }
  }

  /**
   * Ends all jobs, and does nothing from then on, as the books cannot be relied on; goes on with
   * that if it was called before. To be called on the loop.
   *
   * @param reason a part of a sentence that says why
   * @param receiver told the reason once, before the first job ends for it
   */
  public void breakOff(String reason, Consumer<String> receiver) {
    if (broken == null) {
      broken = reason;
      toBreakOff.addAll(scheduler.unended());
      receiver.accept(reason);
    }
    Reason toAll = new Reason.Other(broken);
    // another time if this is in the middle of it, where memory was too short for all of them
    List<ScheduledJob> ended = new ArrayList<>();
    for (ScheduledJob job = toBreakOff.poll(); job != null; job = toBreakOff.poll()) {
      deliver((HeadJob) job, new JobEnd.Ended(Cause.LOST, toAll, job.history()));
      ended.add(job);
    }
    // the last, as nothing can be sent where the loop has ended
    for (ScheduledJob job : ended) {
      Node node = job.node();
      if (node != null) {
        commands.stop(node, job);
      }
    }
    flush();
  }

  /** Tells the scheduler what time it is, once for all that comes before a pass. */
  private void learnTime() {
    if (!timeKnown) {
      timeKnown = true;
      scheduler.at(loop.now());
    }
  }

  /** Has the next pass come when the scheduler needs one, if nothing else happens before. */
  private void wakeUpLater(long now) {
    long due = scheduler.nextDue();
    if (due == wakeUpAt) {
      return;
    }
    if (wakeUp != null) {
      wakeUp.cancel();
    }
    wakeUpAt = due;
    wakeUp = due == Long.MAX_VALUE ? null : loop.schedule(Math.max(0, due - now), this::onWakeUp);
  }

  private void onWakeUp() {
    wakeUp = null;
    wakeUpAt = Long.MAX_VALUE;
    pass();
  }

  private RunProgress progressNow() {
    return new RunProgress(scheduler.counts(), succeeded, failed, cancelled);
  }

  /**
   * Checks what must hold between two tasks of the loop.
   *
   * @throws IllegalStateException if something does not hold
   */
  public void checkInvariants() {
    scheduler.checkInvariants();
  }

  /** Turns the commands of the scheduler into messages. */
  private final class Commands implements Effects {
    @Override
    public void run(Node node, ScheduledJob scheduled) {
      HeadJob job = (HeadJob) scheduled;
      JobTemplate template = job.template();
      decisions++;
      bytesOut += job.size();
      HeadRecording.sent(run, job, node);
      send(
          node,
          new Message.Run(
              job.number(),
              job.attempt(),
              template.name(),
              requestOf(template),
              template.function(),
              job.arguments(),
              template.timeLimit(),
              job.alone(),
              template.platformThread(),
              template.bundle()));
    }

    private Bytes requestOf(JobTemplate template) {
      Bytes known = template.request();
      if (known == null) {
        known = encodedDemands.computeIfAbsent(template.demand(), Demand::encode);
        template.setRequest(known);
      }
      return known;
    }

    @Override
    public void takeBack(Node node, ScheduledJob job) {
      send(node, new Message.TakeBack(job.number(), job.attempt()));
    }

    @Override
    public void stop(Node node, ScheduledJob job) {
      send(node, new Message.Stop(job.number(), job.attempt()));
    }

    @Override
    public void finish(ScheduledJob scheduled, Cause cause, Reason reason) {
      Reason told =
          reason instanceof Reason.Unmeetable unmeetable && givenUp == null
              ? unmeetable.asAvoidable()
              : reason;
      deliver((HeadJob) scheduled, new JobEnd.Ended(cause, told, scheduled.history()));
    }

    private void send(Node node, Message.ToNode message) {
      NodeSession session = last;
      if (session == null || session.node != node) {
        session = sessions.get(node);
        last = session;
      }
      if (session != null) {
        session.link.send(message);
        if (!session.unflushed) {
          session.unflushed = true;
          toFlush.add(session);
        }
      }
    }
  }
}
