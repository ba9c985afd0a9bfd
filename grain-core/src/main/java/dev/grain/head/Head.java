package dev.grain.head;

import dev.grain.dispatch.DetachedStore;
import dev.grain.dispatch.DispatchStats;
import dev.grain.dispatch.OutcomeLog;
import dev.grain.explain.Situation;
import dev.grain.jfr.SchedulingPass;
import dev.grain.loop.Loop;
import dev.grain.loop.Mailbox;
import dev.grain.message.Link;
import dev.grain.message.Message;
import dev.grain.resource.internal.Offer;
import dev.grain.schedule.Node;
import dev.grain.schedule.Policy;
import dev.grain.schedule.ScheduledJob;
import dev.grain.schedule.Scheduler;
import dev.grain.wire.Hello;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The head: takes the jobs of its {@linkplain Client clients}, and on its loop, which alone changes
 * the scheduler, sends them to nodes and delivers how they ended.
 *
 * <p>This class is the shell around the scheduler: passes, timers, and what joins them. {@link
 * Client} has what belongs to one run, {@link NodeSession} what belongs to one node, {@link
 * NodeMessages} turns commands into messages, {@link SelfCheck} ends all jobs when something that
 * must hold does not.
 */
public final class Head {
  /** The name of the worker that is in the program's own process. */
  public static final String EMBEDDED = "local";

  /** How many placements one task of the loop makes before the loop gets to others. */
  static final int DECISIONS = 1024;

  private final String id;
  private final Loop loop;
  private final Scheduler scheduler;
  private final NodeMessages messages = new NodeMessages();
  private final SelfCheck check;
  private final Mailbox<HeadJob> submissions;
  private final Mailbox<Runnable> receipts;

  // all only accessed by the loop
  private final List<JobOwner> clients = new ArrayList<>();
  // those whose progress has changed since the last pass
  private final List<JobOwner> changed = new ArrayList<>();
  private @Nullable DetachedClient detached;
  private long lastNumber;
  private long passes;
  private boolean passPosted;
  // whether the scheduler knows what time it is, until the end of the pass
  private boolean timeKnown;
  private Loop.@Nullable Timer wakeUp;
  private long wakeUpAt = Long.MAX_VALUE;
  private int joinedCores;

  // written by the loop, read by any thread
  private volatile int mostCores;

  /**
   * Makes a head without nodes and clients.
   *
   * @param id names this life of the head
   * @param loop its loop
   * @param policy what the scheduler is to keep to
   */
  public Head(String id, Loop loop, Policy policy) {
    this.id = id;
    this.loop = loop;
    this.scheduler = new Scheduler(policy, messages);
    this.check = new SelfCheck(scheduler, messages);
    this.submissions = new Mailbox<>(loop, this::onSubmitted, this::pass);
    this.receipts = new Mailbox<>(loop, this::receive, this::pass);
  }

  // ---------------------------------------------------------------- clients

  /**
   * Opens the way for a run. To be called on the loop, or before it has other tasks.
   *
   * @param run the id of the run, which no other client has
   * @param library where nodes find the code of its jobs
   * @param log where the ends of its jobs are written before they are delivered
   */
  public Client open(String run, CodeLibrary library, OutcomeLog log) {
    return open(run, library, LoginLibrary.NONE, log);
  }

  /**
   * Opens the way for a run that has logins; see {@link #open(String, CodeLibrary, OutcomeLog)}.
   *
   * @param logins where nodes find the logins that they need to prepare its jobs
   */
  public Client open(String run, CodeLibrary library, LoginLibrary logins, OutcomeLog log) {
    ensureNew(run);
    Client client = new Client(this, run, library, logins, log);
    clients.add(client);
    return client;
  }

  private void ensureNew(String run) {
    if (clients.stream().anyMatch(each -> each.run().equals(run))) {
      throw new IllegalArgumentException("The head has the run " + run + " already");
    }
  }

  /**
   * Opens the way for detached jobs, which belong to no run and outlive the head's process. To be
   * called once, before there are other clients and nodes.
   *
   * @param settings what is kept to
   * @param store keeps what becomes of the jobs
   * @param library where nodes find their code
   * @param logins where nodes find the logins that they need to prepare them
   */
  public DetachedClient openDetached(
      DetachedClient.Settings settings,
      DetachedStore store,
      CodeLibrary library,
      LoginLibrary logins) {
    if (!clients.isEmpty() || lastNumber > 0) {
      throw new IllegalStateException("The head has clients already");
    }
    DetachedClient opened = new DetachedClient(this, settings, store, library, logins);
    detached = opened;
    clients.add(opened);
    return opened;
  }

  /** Returns the client of the detached jobs; null if there is none. */
  @Nullable DetachedClient detached() {
    return detached;
  }

  /** Returns a greeting of this head, with what the head itself adds. */
  Hello greeting(Hello hello) {
    DetachedClient lasting = detached;
    return lasting == null ? hello : lasting.greeting(hello);
  }

  /** A client has no jobs any more and gets none. */
  void forget(Client client) {
    clients.remove(client);
    messages.runOver(client.run());
  }

  /** Returns where the code of all clients is found. */
  CodeLibrary library() {
    return (hash, answer) ->
        CodeLibrary.firstOf(clients.stream().map(JobOwner::library), hash, answer);
  }

  /** Returns where the logins of a run are found; null if it is over. */
  @Nullable LoginLibrary logins(String run) {
    return clients.stream()
        .filter(client -> client.run().equals(run))
        .findFirst()
        .map(JobOwner::logins)
        .orElse(null);
  }

  /**
   * Has the jobs come into the queue; for any thread.
   *
   * @return false if the loop has ended
   */
  boolean submit(HeadJob job) {
    try {
      submissions.add(job);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private void onSubmitted(HeadJob job) {
    String broken = check.broken();
    if (broken == null) {
      job.owner().onSubmitted(job);
    } else {
      job.owner().refuse(job, broken);
    }
  }

  /** Gives a job its number among those of all clients; those of detached jobs are even. */
  long nextNumber() {
    lastNumber++;
    return detached == null ? lastNumber : 2 * lastNumber - 1;
  }

  /** The progress of a client has changed: everybody is to see it after the next pass. */
  void publishLater(JobOwner client) {
    changed.add(client);
  }

  /**
   * Does something on the loop, unless the head has broken off; for any thread.
   *
   * @return false if the loop has ended
   */
  boolean post(Runnable task) {
    return loop.tryPost(() -> {
      if (check.broken() == null) {
        task.run();
      }
    });
  }

  /** Does something to jobs, a batch at a time, so that the loop gets to other things between. */
  void inBatches(Iterator<? extends ScheduledJob> jobs, Consumer<? super ScheduledJob> action) {
    for (int left = DECISIONS; left > 0 && jobs.hasNext(); left--) {
      action.accept(jobs.next());
    }
    pass();
    if (jobs.hasNext()) {
      post(() -> inBatches(jobs, action));
    }
  }

  /** Does something that had to wait until something was written; for any thread. */
  void later(Runnable task) {
    try {
      receipts.add(task);
    } catch (RejectedExecutionException e) {
      // the run is over; only where the loop has broken off does somebody wait for it
      if (check.broken() != null) {
        task.run();
      }
    }
  }

  private void receive(Runnable task) {
    learnTime();
    task.run();
  }

  // ---------------------------------------------------------------- nodes

  /**
   * Adds a node, over a link within this process. To be called on the loop.
   *
   * @param name the name of its worker
   * @param offer what it has
   * @param link the way to it
   * @return what receives its messages
   */
  public NodeSession join(String name, Offer offer, Link<Message.ToNode> link) {
    return join(name, "", offer, offer, Long.MAX_VALUE, link, true);
  }

  /**
   * Adds a node of which not all is used; see {@link #join(String, Offer, Link)}.
   *
   * @param incarnation the id of this life of its worker; empty for the worker in this process
   * @param whole what it has
   * @param offer what of that may be used
   * @param until when it will end, on the clock of the loop; {@code Long.MAX_VALUE} for never
   * @param encrypted whether nobody else can read what goes over the link
   */
  NodeSession join(
      String name,
      String incarnation,
      Offer whole,
      Offer offer,
      long until,
      Link<Message.ToNode> link,
      boolean encrypted) {
    scheduler.at(loop.now());
    Node node = scheduler.nodeJoined(name, offer, until);
    if (!offer.equals(whole)) {
      scheduler.bounded(node);
    }
    NodeSession session = new NodeSession(this, node, incarnation, link, encrypted);
    joinedCores += offer.coreCount();
    mostCores = Math.max(mostCores, joinedCores);
    messages.add(session);
    session.begin();
    pass();
    return session;
  }

  /** Returns what the node of a job makes ready for it; null if it does not. */
  @Nullable String preparing(HeadJob job) {
    return messages.preparing(job);
  }

  /** Returns where a job is and why; the scheduler does not know what a node makes ready for it. */
  Situation explain(HeadJob job) {
    Situation known = scheduler.explain(job);
    String phase = preparing(job);
    boolean waits =
        known.place() instanceof Situation.SentToStart
            || known.place() instanceof Situation.SentEarly;
    return phase != null && waits
        ? new Situation(
            new Situation.Preparing(String.valueOf(job.nodeName()), phase), known.attempts())
        : known;
  }

  /** Returns the session with a node; null if it is lost. */
  @Nullable NodeSession session(Node node) {
    return messages.session(node);
  }

  /** Sends a message with the next pass, unless the node is lost. */
  void send(Node node, Message.ToNode message) {
    messages.send(node, message);
  }

  /** A node is lost, and gets no messages any more. */
  void onLost(NodeSession session) {
    joinedCores -= session.node().offer().coreCount();
    messages.remove(session);
  }

  // ---------------------------------------------------------------- passes

  /** Places what can be placed, and lets everything go that is to be sent. */
  void pass() {
    if (check.broken() != null) {
      return;
    }
    passes++;
    SchedulingPass recorded = HeadRecording.pass(id, messages.decisions(), scheduler);
    timeKnown = false;
    long now = loop.now();
    boolean more = scheduler.place(now, DECISIONS);
    wakeUpLater(now);
    if (recorded != null) {
      recorded.end(messages.decisions(), scheduler.steps(), scheduler.counts().queued());
    }
    messages.flush();
    publish();
    check.onPass();
    if (more && !passPosted) {
      passPosted = true;
      loop.post(() -> {
        passPosted = false;
        pass();
      });
    }
  }

  private void publish() {
    changed.forEach(JobOwner::publish);
    changed.clear();
  }

  /** Tells the scheduler what time it is, once for all that comes before a pass. */
  void learnTime() {
    if (!timeKnown) {
      timeKnown = true;
      scheduler.at(loop.now());
    }
  }

  /** Sees that the next pass comes when the scheduler needs one, if nothing else happens before. */
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

  // ---------------------------------------------------------------- checks

  /**
   * Has the invariants checked after each pass, of which there is at least one for each task that
   * changes something; with more than 100 jobs, after every few, and with more than 10,000 not at
   * all. To be called before anything else.
   *
   * @param onViolation receives, on the loop, what does not hold; then all jobs end
   */
  public void checkPasses(Consumer<String> onViolation) {
    check.checkPasses(onViolation);
  }

  /**
   * Ends all jobs of all clients, and does nothing from then on, as its data cannot be relied on;
   * continues with that if it was called before. To be called on the loop.
   *
   * @param reason the part of a sentence that states why
   * @param receiver receives the reason once, before the first job ends for it
   */
  public void breakOff(String reason, Consumer<String> receiver) {
    check.breakOff(reason, receiver);
  }

  /** Returns whether the head has broken off. */
  boolean isBroken() {
    return check.broken() != null;
  }

  /**
   * Checks what must hold between two tasks of the loop.
   *
   * @throws IllegalStateException if something does not hold
   */
  public void checkInvariants() {
    scheduler.checkInvariants();
  }

  // ---------------------------------------------------------------- what can be seen

  /** Returns the loop. */
  public Loop loop() {
    return loop;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  long passes() {
    return passes;
  }

  long decisions() {
    return messages.decisions();
  }

  /** Returns the workers that take jobs. */
  List<DispatchStats.OfWorker> workers() {
    return scheduler.nodes().stream().map(NodeAmounts::of).toList();
  }

  /** Returns the most cores that the nodes had together so far; for any thread. */
  public int mostCores() {
    return mostCores;
  }
}
