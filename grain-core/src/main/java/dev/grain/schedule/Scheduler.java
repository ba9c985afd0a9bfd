package dev.grain.schedule;

import dev.grain.job.Attempt;
import dev.grain.job.Cause;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Kind;
import dev.grain.resource.internal.Lease;
import dev.grain.resource.internal.Offer;
import dev.grain.resource.internal.Part;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * The queue of a run and its placement on nodes. Not safe for use by several threads.
 *
 * <p>Implementation note. Jobs that ask for the same form a class with a queue of its own, so only
 * the first job of each class can be the next one. Two indexes over classes find the oldest class
 * that fits what a node has free: among the queued jobs, and among those that were sent ahead. Two
 * indexes over nodes find the nodes that fit a class now, or when idle. After each pass this holds:
 * no queued job fits any node, except where order forbids it. So only what an event has made
 * <em>dirty</em> needs a look: nodes that may have got room, and classes whose first job is new.
 *
 * <p>A job that is sent takes slots in the accounting at once, or is sent <em>ahead</em> without,
 * bounded by how long jobs take, so that the node has something to start the moment another job
 * ends. The node is the authority: it starts jobs in the order of arrival among those that fit, and
 * reports it; where the accounting had given the same slots to a job that the node has not started,
 * that job becomes one that was sent ahead. When another node is free, a job that was sent ahead is
 * taken back, while the slots are kept for it there.
 *
 * <p>Overtaking is counted for the oldest job that does not fit: each later job that starts on a
 * node that could have run it. At the bound, a node is reserved: others may use there only what it
 * would leave them. As there is always exactly one oldest job, nobody starves.
 */
public final class Scheduler {
  /** How many jobs, from the oldest that waits at a node, may be considered for starting. */
  public static final int LOOKAHEAD = 64;

  /** How many nodes that fit are compared. */
  static final int CANDIDATES = 8;

  /** Losses that count, from which on a job runs alone, and at which it ends. */
  private static final int LOSSES_ALONE = 2;

  private static final int LOSSES_FATAL = 3;

  /** How many classes without jobs may be kept. */
  private static final int IDLE_CLASSES = 1024;

  /** What is taken off the rank of jobs that had started when their node was lost. */
  private static final long FRONT = 1L << 61;

  private static final long[] NO_VECTOR = {};

  final Policy policy;
  private final Effects effects;
  final Kinds kinds = new Kinds();

  final SequencedMap<RequestClass.Key, RequestClass> classes = new LinkedHashMap<>();
  private final List<@Nullable RequestClass> classByLeaf = new ArrayList<>();
  private final Deque<Integer> freeClassLeaves = new ArrayDeque<>();
  final List<@Nullable Node> nodeByLeaf = new ArrayList<>();
  private final Deque<Integer> freeNodeLeaves = new ArrayDeque<>();

  final FitIndex queuedClasses = new FitIndex(kinds.count());
  final FitIndex aheadClasses = new FitIndex(kinds.count());

  /** By how many scarce resources a node has; those with none are taken first. */
  final List<FitIndex> nodesNow = new ArrayList<>();

  final FitIndex nodesEver = new FitIndex(kinds.count());
  private long[] query = new long[kinds.count()];

  final Deque<Node> dirtyNodes = new ArrayDeque<>();

  /** Those whose first job may have become placeable, by its rank alone. */
  final FitIndex dirtyClasses = new FitIndex(0);

  /** Those with jobs that lost their slots to one that a node started in their place. */
  final SequencedSet<RequestClass> displaced = new LinkedHashSet<>();

  final SequencedSet<Node> roomyNodes = new LinkedHashSet<>();

  @Nullable ScheduledJob reservedJob;
  @Nullable Node reservedNode;

  long now;
  private long nextRank;
  private long steps;
  int queued;
  int sent;
  int running;
  private long retried;
  private long lostAttempts;
  private long late;

  /**
   * Makes a scheduler without nodes and jobs.
   *
   * @param policy what to keep to
   * @param effects receives the commands
   */
  public Scheduler(Policy policy, Effects effects) {
    this.policy = policy;
    this.effects = effects;
  }

  // ---------------------------------------------------------------- events of clients

  /**
   * Puts a new job at the end of the queue.
   *
   * @param job a job that was not submitted before
   * @param demand what it asks for
   */
  public void submit(ScheduledJob job, Demand demand) {
    if (job.phase() != ScheduledJob.Phase.NEW) {
      throw new IllegalStateException(job + " was submitted before");
    }
    job.attempt = 1;
    job.rank = nextRank++;
    RequestClass target = classOf(demand, false);
    target.unended++;
    job.requestClass = target;
    if (job.cancelled) {
      finish(job, Cause.CANCELLED, "it was cancelled");
    } else {
      enqueue(job);
    }
  }

  /** Ends the job, wherever it is; does nothing if it has ended or was cancelled before. */
  public void cancel(ScheduledJob job) {
    if (job.cancelled || job.phase() == ScheduledJob.Phase.ENDED) {
      return;
    }
    job.cancelled = true;
    switch (job.phase()) {
      case NEW, STOPPING, ENDED -> {}
      case QUEUED -> {
        dequeue(job);
        finish(job, Cause.CANCELLED, "it was cancelled");
      }
      case SENT, RUNNING -> {
        job.enter(ScheduledJob.Phase.STOPPING);
        effects.stop(nodeOf(job), job);
      }
    }
  }

  // ---------------------------------------------------------------- events of nodes

  /**
   * Adds a node.
   *
   * @param name its name, for people
   * @param offer what it has
   * @param until when it will go away, on the clock of {@link #place}; {@code Long.MAX_VALUE} for
   *     never
   */
  public Node nodeJoined(String name, Offer offer, long until) {
    if (kinds.learn(offer)) {
      widen();
    }
    Integer free = freeNodeLeaves.poll();
    int leaf = free != null ? free : nodeByLeaf.size();
    int scarcity = (int) offer.kinds().stream().filter(Kind::isScarce).count();
    Node node = new Node(name, offer, until, leaf, scarcity);
    if (leaf == nodeByLeaf.size()) {
      nodeByLeaf.add(node);
    } else {
      nodeByLeaf.set(leaf, node);
    }
    node.ever = new long[kinds.count()];
    node.visible = new long[kinds.count()];
    kinds.available(node, true, node.ever);
    nodesEver.set(leaf, node.ever, leaf);
    for (RequestClass each : classes.values()) {
      if (each.unmeetable && couldFit(node, each)) {
        each.unmeetable = false;
        onHeadChanged(each);
      }
    }
    touch(node);
    return node;
  }

  /**
   * Removes a node. Its started jobs run again ahead of all others, the others at their old places.
   *
   * @param died whether it is proven that its process died, so that the loss counts against the
   *     jobs that had started there
   */
  public void nodeLost(Node node, boolean died) {
    if (node.lost) {
      return;
    }
    node.lost = true;
    close(node);
    nodeByLeaf.set(node.leaf, null);
    freeNodeLeaves.add(node.leaf);
    // the last one first, so that each finds its place at the front of its queue
    for (ScheduledJob job : List.copyOf(node.sent.values()).reversed()) {
      leaveNode(job, node);
      releaseLease(job);
      onLost(job, node, died);
    }
    endUnmeetable();
  }

  /**
   * A node takes no more jobs: what it has started goes on, and it gives back the rest by itself.
   */
  public void draining(Node node) {
    if (node.open()) {
      node.draining = true;
      close(node);
      endUnmeetable();
    }
  }

  /** Considers the node no more. */
  private void close(Node node) {
    nodesNow(node).clear(node.leaf);
    nodesEver.clear(node.leaf);
    dirtyNodes.remove(node);
    node.dirty = false;
    roomyNodes.remove(node);
    if (reservedNode == node) {
      reservedJob = null;
      reservedNode = null;
    }
    node.promises.incoming.toList().forEach(Scheduler::giveUpSlots);
    for (RequestClass each : classes.values()) {
      if (!each.unmeetable && !meetable(each)) {
        each.unmeetable = true;
        onHeadChanged(each);
      }
    }
  }

  private void onLost(ScheduledJob job, Node node, boolean died) {
    if (job.phase() == ScheduledJob.Phase.ENDED) {
      forget(job);
      return;
    }
    if (job.cancelled) {
      finish(job, Cause.CANCELLED, "it was cancelled, and " + node.name() + " was lost");
      return;
    }
    if (job.started) {
      lostAttempts++;
      job.record(new Attempt(job.attempt, node.name(), Duration.ZERO, Optional.of(Cause.LOST)));
      // the function of one that has freed its slots cannot have killed the process
      if (died && !job.freed && ++job.losses >= LOSSES_FATAL) {
        finish(
            job,
            Cause.LOST,
            "it was running on %s when that worker died, the third time this happened"
                .formatted(node.name()));
        return;
      }
      if (job.losses >= LOSSES_ALONE && !job.alone) {
        becomeAlone(job);
      }
      if (job.rank >= 0) {
        job.rank -= FRONT;
      }
    }
    job.attempt++;
    enqueue(job);
  }

  private void becomeAlone(ScheduledJob job) {
    job.alone = true;
    RequestClass former = job.requestClass();
    RequestClass alone = classOf(former.demand(), true);
    alone.unended++;
    job.requestClass = alone;
    leaveClass(former);
  }

  /**
   * A node has started a job.
   *
   * @param fractions which core and which GPU it has a part of
   * @return whether the report was expected; if not it is counted as late
   */
  public boolean started(Node node, long number, int attempt, Fractions fractions) {
    ScheduledJob job = node.find(number, attempt);
    if (job == null || job.started) {
      late++;
      return false;
    }
    countOvertakingAt(node, job);
    leaveWaiting(job, node);
    if (job.lease == null) {
      countOvertakingBy(job, node);
    }
    boolean exact =
        job.lease != null && job.destination == null && job.lease.fractions().equals(fractions);
    if (exact) {
      node.promises.remove(job);
    } else {
      Node holder = giveUpSlots(job);
      if (holder != null && holder != node) {
        onRoom(holder);
      }
      job.lease = takeReported(node, job, fractions);
    }
    job.started = true;
    sent--;
    running++;
    if (job.phase() == ScheduledJob.Phase.SENT) {
      job.enter(ScheduledJob.Phase.RUNNING);
    }
    onRoom(node);
    return true;
  }

  /**
   * The function of a job has ended on its node and its slots are free there; its end follows when
   * its large value has arrived. Until then it counts as running.
   *
   * @param ran how long it ran, in nanoseconds
   */
  public void freed(Node node, long number, int attempt, long ran) {
    ScheduledJob job = node.find(number, attempt);
    if (job == null || !job.started || job.freed) {
      late++;
      return;
    }
    job.freed = true;
    node.freedCount++;
    node.observe(ran);
    releaseLease(job);
  }

  /** What becomes of a job whose attempt has ended. */
  public enum Verdict {
    /** Its end is to be delivered. */
    FINAL,
    /** It runs again. */
    RETRIED,
    /** Its end was delivered before, or nobody expects it. */
    LATE
  }

  /**
   * A node has ended a job.
   *
   * @param failure why it did not return a value; null if it did
   * @param ran how long it ran, in nanoseconds
   */
  public Verdict ended(Node node, long number, int attempt, @Nullable Cause failure, long ran) {
    ScheduledJob job = node.find(number, attempt);
    if (job == null) {
      late++;
      return Verdict.LATE;
    }
    leaveNode(job, node);
    releaseLease(job);
    if (job.started && !job.freed) {
      node.observe(ran);
    }
    onRoom(node);
    if (job.phase() == ScheduledJob.Phase.ENDED) {
      forget(job);
      return Verdict.LATE;
    }
    boolean retry =
        (failure == Cause.FAILED || failure == Cause.TIMED_OUT)
            && !job.cancelled
            && job.failures < job.retries;
    if (failure != null) {
      job.record(new Attempt(attempt, node.name(), Duration.ofNanos(ran), Optional.of(failure)));
    }
    if (retry) {
      retried++;
      job.failures++;
      job.attempt++;
      enqueue(job);
      return Verdict.RETRIED;
    }
    job.enter(ScheduledJob.Phase.ENDED);
    forget(job);
    return Verdict.FINAL;
  }

  /** A node has given a job back without having started it. */
  public void returned(Node node, long number, int attempt) {
    ScheduledJob job = node.find(number, attempt);
    if (job == null || job.started) {
      late++;
      return;
    }
    Node destination = job.destination;
    leaveNode(job, node);
    onRoom(node);
    if (job.cancelled) {
      releaseLease(job);
      finish(job, Cause.CANCELLED, "it was cancelled");
    } else if (destination != null) {
      destination.promises.remove(job);
      job.destination = null;
      destination.promises.add(job);
      send(job, destination);
    } else {
      releaseLease(job);
      enqueue(job);
    }
  }

  /** A node says that a job does not stop; it keeps its slots until it ends. */
  public void notStopping(Node node, long number, int attempt, boolean timedOut) {
    ScheduledJob job = node.find(number, attempt);
    if (job == null || job.phase() == ScheduledJob.Phase.ENDED) {
      late++;
      return;
    }
    Cause cause = timedOut && !job.cancelled ? Cause.TIMED_OUT : Cause.CANCELLED;
    job.record(new Attempt(attempt, node.name(), Duration.ZERO, Optional.of(cause)));
    job.enter(ScheduledJob.Phase.ENDED);
    effects.finish(
        job,
        cause,
        "it ignores the interrupt on %s and keeps its slots until it ends".formatted(node.name()));
  }

  // ---------------------------------------------------------------- placement

  /**
   * Places what can be placed.
   *
   * @param now the time in nanoseconds, never less than before
   * @param decisions how many decisions to take at most
   * @return whether there may be more to do
   */
  public boolean place(long now, int decisions) {
    this.now = now;
    for (int left = decisions; left > 0; left--) {
      boolean more = policy.strict() ? placeFirst() : placeNext();
      if (!more) {
        return false;
      }
    }
    return true;
  }

  /** Places the first job of the queue if it fits. */
  private boolean placeFirst() {
    steps++;
    int leaf = queuedClasses.first();
    Node target = leaf < 0 ? null : bestNode(classAt(leaf));
    if (target == null) {
      forgetDirty();
      return false;
    }
    assign(classAt(leaf).head(), target);
    return true;
  }

  private void forgetDirty() {
    displaced.clear();
    for (Node node = dirtyNodes.poll(); node != null; node = dirtyNodes.poll()) {
      node.dirty = false;
    }
    for (int leaf = dirtyClasses.first(); leaf >= 0; leaf = dirtyClasses.first()) {
      dirtyClasses.clear(leaf);
    }
  }

  private boolean placeNext() {
    Node node = dirtyNodes.peekFirst();
    if (node != null) {
      placeOn(node);
      return true;
    }
    int leaf = dirtyClasses.first();
    if (leaf < 0) {
      return placeDisplaced();
    }
    RequestClass dirtyClass = classAt(leaf);
    if (!placeFrom(dirtyClass)) {
      dirtyClasses.clear(leaf);
    }
    return true;
  }

  /** Finds a job for a node that may have got room, or finds that there is none. */
  private void placeOn(Node node) {
    steps++;
    ScheduledJob job = candidate(node);
    if (job != null) {
      boolean alternatives =
          dirtyNodes.size() > 1 || dirtyClasses.contains(job.requestClass().leaf);
      Node better = alternatives ? bestNode(job.requestClass()) : null;
      assign(job, better == null ? node : better);
      return;
    }
    dirtyNodes.removeFirst();
    node.dirty = false;
    fillAhead(node);
    steal(node);
  }

  /** Finds a node for the first job of a class, and returns whether it did. */
  private boolean placeFrom(RequestClass dirtyClass) {
    steps++;
    Node target = bestNode(dirtyClass);
    if (target != null) {
      assign(dirtyClass.head(), target);
      return true;
    }
    Node roomy = roomyNodeFor(dirtyClass);
    if (roomy != null) {
      sendAhead(dirtyClass.head(), roomy);
    }
    return roomy != null;
  }

  /** The oldest queued job that may start on the node now. */
  private @Nullable ScheduledJob candidate(Node node) {
    if (reservedNode == node && reservedJob != null) {
      RequestClass reserved = reservedJob.requestClass();
      if (node.slots.fits(reserved.demand(), reserved.alone())) {
        return reservedJob;
      }
    }
    if (barred(node)) {
      return null;
    }
    negate(node.visible);
    int leaf = queuedClasses.firstFit(query, Long.MIN_VALUE);
    return leaf < 0 ? null : classAt(leaf).head();
  }

  /** The best of the nodes that fit the class now, as far as they are compared. */
  private @Nullable Node bestNode(RequestClass requestClass) {
    long[] wanted = wantedNow(requestClass);
    for (FitIndex level : nodesNow) {
      Node best = bestNode(requestClass, wanted, level);
      if (best != null) {
        return best;
      }
    }
    return null;
  }

  private @Nullable Node bestNode(RequestClass requestClass, long[] wanted, FitIndex nodes) {
    Node best = null;
    long least = Long.MAX_VALUE;
    long after = Long.MIN_VALUE;
    for (int candidate = 0; candidate < CANDIDATES; candidate++) {
      int leaf = nodes.firstFit(wanted, after);
      if (leaf < 0) {
        break;
      }
      Node node = nodeAt(leaf);
      long waste = policy.placement().waste(requestClass.demand(), node.slots);
      if (waste < least) {
        least = waste;
        best = node;
      }
      after = leaf;
    }
    return best;
  }

  FitIndex nodesNow(Node node) {
    while (nodesNow.size() <= node.scarcity) {
      nodesNow.add(new FitIndex(kinds.count()));
    }
    return nodesNow.get(node.scarcity);
  }

  /** Takes slots for the job and sends it. */
  private void assign(ScheduledJob job, Node node) {
    Lease lease = take(job, node);
    dequeue(job);
    job.lease = lease;
    node.promises.add(job);
    countOvertakingBy(job, node);
    send(job, node);
  }

  private static Lease take(ScheduledJob job, Node node) {
    RequestClass requestClass = job.requestClass();
    Lease lease = node.slots.take(requestClass.demand(), requestClass.alone());
    if (lease == null) {
      throw new IllegalStateException(
          "%s does not fit %s, which has %s".formatted(job, node, node.slots));
    }
    return lease;
  }

  private void send(ScheduledJob job, Node node) {
    job.node = node;
    job.enter(ScheduledJob.Phase.SENT);
    sent++;
    node.sent.put(job.number(), job);
    node.waiting.addLast(job);
    effects.run(node, job);
    refresh(node);
    updateRoom(node);
  }

  // ---------------------------------------------------------------- jobs sent ahead

  /** Sends jobs ahead to the node as far as it has room for such. */
  private void fillAhead(Node node) {
    while (roomyNodes.contains(node)) {
      steps++;
      negate(node.ever);
      int leaf = queuedClasses.firstFit(query, Long.MIN_VALUE);
      if (leaf < 0) {
        return;
      }
      RequestClass oldest = classAt(leaf);
      Node free = dirtyClasses.contains(leaf) ? bestNode(oldest) : null;
      if (free != null) {
        assign(oldest.head(), free);
      } else if (mayGoAhead(oldest.head())) {
        sendAhead(oldest.head(), node);
      } else {
        return;
      }
    }
  }

  private @Nullable Node roomyNodeFor(RequestClass requestClass) {
    if (!mayGoAhead(requestClass.head())) {
      return null;
    }
    int left = CANDIDATES;
    for (Node node : roomyNodes) {
      steps++;
      if (couldFit(node, requestClass)) {
        return node;
      }
      if (--left == 0) {
        break;
      }
    }
    return null;
  }

  private boolean mayGoAhead(ScheduledJob job) {
    return !job.alone && job != reservedJob && job.overtaken < policy.overtaking();
  }

  private void sendAhead(ScheduledJob job, Node node) {
    dequeue(job);
    goAhead(job, node);
    send(job, node);
    if (roomyNodes.remove(node)) {
      roomyNodes.addLast(node);
    }
  }

  private void goAhead(ScheduledJob job, Node node) {
    job.ahead = true;
    node.aheadCount++;
    RequestClass requestClass = job.requestClass();
    requestClass.ahead.addLast(job);
    updateAheadIndex(requestClass);
  }

  private void leaveAhead(ScheduledJob job, Node node) {
    if (!job.ahead) {
      return;
    }
    job.ahead = false;
    node.aheadCount--;
    if (!job.takingBack) {
      job.requestClass().ahead.remove(job);
      updateAheadIndex(job.requestClass());
    }
    job.takingBack = false;
  }

  /** Gives the slots that have become free to waiting jobs, as the node itself does. */
  private void promote(Node node) {
    ScheduledJob first = node.waiting.first();
    RequestClass tooLarge = null;
    int left = LOOKAHEAD;
    for (ScheduledJob job = first; job != null && left > 0; job = job.next, left--) {
      steps++;
      if (!job.ahead || job.takingBack || job.requestClass == tooLarge) {
        continue;
      }
      if (job != first && barred(node)) {
        return;
      }
      RequestClass requestClass = job.requestClass();
      Lease lease = node.slots.take(requestClass.demand(), requestClass.alone());
      if (lease != null) {
        leaveAhead(job, node);
        job.lease = lease;
        node.promises.add(job);
        countOvertakingBy(job, node);
      } else {
        tooLarge = requestClass;
      }
    }
  }

  /** Takes jobs back that wait at other nodes, for slots that are free here. */
  private void steal(Node node) {
    while (!barred(node) && reservedNode != node) {
      ScheduledJob job = aheadElsewhere(node);
      if (job == null) {
        return;
      }
      redirect(job, node);
    }
  }

  /** Takes back a job that has lost its slots, if another node is free for it. */
  private boolean placeDisplaced() {
    if (displaced.isEmpty()) {
      return false;
    }
    steps++;
    RequestClass requestClass = displaced.getFirst();
    Node target = requestClass.ahead.isEmpty() ? null : bestNode(requestClass);
    ScheduledJob job = target == null ? null : lastElsewhere(requestClass, target);
    if (job == null || target == null) {
      displaced.removeFirst();
    } else {
      redirect(job, target);
    }
    return true;
  }

  /** Takes slots for a job that was sent ahead to another node, and takes it back from there. */
  private void redirect(ScheduledJob job, Node node) {
    job.lease = take(job, node);
    job.destination = node;
    countOvertakingBy(job, node);
    takeBack(job);
    node.promises.add(job);
    refresh(node);
  }

  /** A job that was sent ahead to another node and fits this one. */
  private @Nullable ScheduledJob aheadElsewhere(Node node) {
    negate(node.visible);
    long after = Long.MIN_VALUE;
    for (int candidate = 0; candidate < CANDIDATES; candidate++) {
      int leaf = aheadClasses.firstFit(query, after);
      if (leaf < 0) {
        return null;
      }
      ScheduledJob job = lastElsewhere(classAt(leaf), node);
      if (job != null) {
        return job;
      }
      after = aheadClasses.rank(leaf);
    }
    return null;
  }

  private @Nullable ScheduledJob lastElsewhere(RequestClass requestClass, Node node) {
    int left = CANDIDATES;
    ScheduledJob job = requestClass.ahead.last();
    while (job != null && left-- > 0) {
      steps++;
      if (job.node != node) {
        return job;
      }
      job = job.sidePrevious;
    }
    return null;
  }

  private void takeBack(ScheduledJob job) {
    Node node = nodeOf(job);
    boolean bars = node.waiting.first() == job && barred(node);
    job.takingBack = true;
    job.requestClass().ahead.remove(job);
    updateAheadIndex(job.requestClass());
    effects.takeBack(node, job);
    if (bars) {
      touch(node);
    }
  }

  // ---------------------------------------------------------------- order

  /** Counts that a job was placed before older ones, and acts when it was once too often. */
  private void countOvertakingBy(ScheduledJob job, Node node) {
    if (!node.open()) {
      return;
    }
    int leaf = queuedClasses.first();
    if (leaf >= 0) {
      RequestClass oldestClass = classAt(leaf);
      ScheduledJob oldest = oldestClass.head();
      if (oldest.rank < job.rank
          && reservedJob == null
          && couldFit(node, oldestClass)
          && ++oldest.overtaken >= policy.overtaking()) {
        reserve(oldest);
      }
    }
    int aheadLeaf = aheadClasses.first();
    if (aheadLeaf >= 0) {
      RequestClass oldestClass = classAt(aheadLeaf);
      ScheduledJob oldest = oldestClass.ahead.first();
      if (oldest != null
          && oldest.rank < job.rank
          && oldest.node != node
          && couldFit(node, oldestClass)
          && ++oldest.overtaken >= policy.overtaking()) {
        takeBack(oldest);
      }
    }
  }

  /** Counts that a node has started a job before the one that waits there longest. */
  private void countOvertakingAt(Node node, ScheduledJob job) {
    ScheduledJob first = node.waiting.first();
    if (first != null && first != job && first.ahead) {
      first.overtaken++;
    }
  }

  /** Whether the job that waits longest at the node lets no other pass any more. */
  boolean barred(Node node) {
    ScheduledJob first = node.waiting.first();
    return first != null
        && first.ahead
        && !first.takingBack
        && first.overtaken >= policy.overtaking();
  }

  private void reserve(ScheduledJob job) {
    RequestClass requestClass = job.requestClass();
    long[] wanted = wantedNow(requestClass);
    Node best = null;
    double least = Double.MAX_VALUE;
    long after = Long.MIN_VALUE;
    for (int candidate = 0; candidate < CANDIDATES; candidate++) {
      int leaf = nodesEver.firstFit(wanted, after);
      if (leaf < 0) {
        break;
      }
      Node node = nodeAt(leaf);
      double missing = missing(node, requestClass.demand());
      if (missing < least) {
        least = missing;
        best = node;
      }
      after = leaf;
    }
    if (best == null) {
      requestClass.unmeetable = true;
      onHeadChanged(requestClass);
      return;
    }
    reservedJob = job;
    reservedNode = best;
    touch(best);
  }

  /** How much of what the job asks for is taken on the node, as a part of what it has. */
  private static double missing(Node node, Demand demand) {
    double most = 0;
    for (Part part : demand.parts()) {
      double lacking = part.amount() - node.slots.level(part.kind());
      most = Math.max(most, lacking / Math.max(1, node.slots.total(part.kind())));
    }
    return most;
  }

  private void dropReservation(ScheduledJob job) {
    Node node = reservedNode;
    if (reservedJob != job || node == null) {
      return;
    }
    reservedJob = null;
    reservedNode = null;
    touch(node);
  }

  // ---------------------------------------------------------------- bookkeeping

  private void enqueue(ScheduledJob job) {
    RequestClass requestClass = job.requestClass();
    job.node = null;
    job.started = false;
    job.freed = false;
    if (requestClass.unmeetable && policy.closed()) {
      finish(job, Cause.NOT_STARTED, whyUnmeetable(requestClass));
      return;
    }
    job.enter(ScheduledJob.Phase.QUEUED);
    queued++;
    ScheduledJob last = requestClass.queue.last();
    if (last == null || last.rank < job.rank) {
      requestClass.queue.addLast(job);
    } else {
      steps += requestClass.queue.addFromFront(job);
    }
    if (requestClass.queue.first() == job) {
      onHeadChanged(requestClass);
    }
  }

  void dequeue(ScheduledJob job) {
    RequestClass requestClass = job.requestClass();
    boolean wasHead = requestClass.queue.first() == job;
    boolean mayFit = dirtyClasses.contains(requestClass.leaf) || !mayGoAhead(job);
    requestClass.queue.remove(job);
    queued--;
    dropReservation(job);
    if (!wasHead) {
      return;
    }
    if (mayFit) {
      onHeadChanged(requestClass);
    } else {
      // where the first job did not fit, the next one does not either
      updateQueuedIndex(requestClass);
    }
  }

  /** Another job is the first of the class, or it may be placed now: it is looked at. */
  private void onHeadChanged(RequestClass requestClass) {
    updateQueuedIndex(requestClass);
    ScheduledJob first = requestClass.queue.first();
    if (first == null || requestClass.unmeetable) {
      dirtyClasses.clear(requestClass.leaf);
    } else {
      dirtyClasses.set(requestClass.leaf, NO_VECTOR, first.rank);
    }
  }

  private void leaveWaiting(ScheduledJob job, Node node) {
    node.waiting.remove(job);
    leaveAhead(job, node);
  }

  private void leaveNode(ScheduledJob job, Node node) {
    node.sent.remove(job.number());
    if (job.started) {
      running--;
      node.freedCount -= job.freed ? 1 : 0;
    } else {
      sent--;
      leaveWaiting(job, node);
    }
    updateRoom(node);
  }

  private void releaseLease(ScheduledJob job) {
    Node holder = giveUpSlots(job);
    if (holder != null) {
      onRoom(holder);
    }
  }

  /** Releases the slots that the job has here or elsewhere, and returns where. */
  private static @Nullable Node giveUpSlots(ScheduledJob job) {
    Lease lease = job.lease;
    if (lease == null) {
      return null;
    }
    Node holder = job.destination == null ? nodeOf(job) : job.destination;
    if (!job.started) {
      holder.promises.remove(job);
    }
    lease.close();
    job.lease = null;
    job.destination = null;
    return holder;
  }

  /** Takes the slots that the node says the job has, if need be from jobs that have not started. */
  private Lease takeReported(Node node, ScheduledJob job, Fractions fractions) {
    Demand demand = job.requestClass().demand();
    List<ScheduledJob> unseated = new ArrayList<>(0);
    while (!node.slots.fitsAt(demand, job.alone, fractions)) {
      steps++;
      ScheduledJob victim = inTheWay(node, job, fractions);
      unseat(victim, node);
      unseated.add(victim);
    }
    Lease lease = node.slots.takeAt(demand, job.alone, fractions);
    int left = CANDIDATES;
    for (ScheduledJob victim : unseated.reversed()) {
      if (left-- <= 0 || !reseat(victim, node)) {
        loseSlots(victim, node);
      }
    }
    return lease;
  }

  /** A job that has not started and holds what the node says another one has. */
  private static ScheduledJob inTheWay(Node node, ScheduledJob job, Fractions fractions) {
    Demand demand = job.requestClass().demand();
    ScheduledJob victim = null;
    if (node.slots.fits(demand, job.alone)) {
      // there is enough of everything, but not on the core and the GPU that the node names
      Fractions core = new Fractions(fractions.core(), Fractions.UNNAMED);
      victim =
          node.slots.fitsAt(demand, job.alone, core)
              ? node.promises.lastOnGpu(fractions.gpu())
              : node.promises.lastOnCore(fractions.core());
    }
    victim = victim == null ? node.promises.last() : victim;
    if (victim == null) {
      throw new IllegalStateException(
          "%s started %s, for which it cannot have slots: %s".formatted(node, job, node.slots));
    }
    return victim;
  }

  private static void unseat(ScheduledJob victim, Node node) {
    node.promises.remove(victim);
    Objects.requireNonNull(victim.lease).close();
    victim.lease = null;
  }

  /** Takes other slots for a job that has lost its own, and returns whether there are some. */
  private static boolean reseat(ScheduledJob victim, Node node) {
    RequestClass requestClass = victim.requestClass();
    victim.lease = node.slots.take(requestClass.demand(), requestClass.alone());
    if (victim.lease == null) {
      return false;
    }
    node.promises.add(victim);
    return true;
  }

  private void loseSlots(ScheduledJob victim, Node node) {
    if (victim.destination != null) {
      victim.destination = null;
      return;
    }
    goAhead(victim, node);
    displaced.add(victim.requestClass());
  }

  private void finish(ScheduledJob job, Cause cause, String reason) {
    job.enter(ScheduledJob.Phase.ENDED);
    forget(job);
    effects.finish(job, cause, reason);
  }

  private void forget(ScheduledJob job) {
    job.node = null;
    leaveClass(job.requestClass());
  }

  private void leaveClass(RequestClass requestClass) {
    requestClass.unended--;
    if (requestClass.unended == 0 && classes.size() > IDLE_CLASSES) {
      classes.remove(requestClass.key);
      dirtyClasses.clear(requestClass.leaf);
      displaced.remove(requestClass);
      queuedClasses.clear(requestClass.leaf);
      aheadClasses.clear(requestClass.leaf);
      classByLeaf.set(requestClass.leaf, null);
      freeClassLeaves.add(requestClass.leaf);
    }
  }

  private RequestClass classOf(Demand demand, boolean alone) {
    RequestClass.Key key = new RequestClass.Key(demand, alone);
    RequestClass known = classes.get(key);
    if (known != null) {
      return known;
    }
    if (kinds.learn(demand)) {
      widen();
    }
    Integer free = freeClassLeaves.poll();
    int leaf = free != null ? free : classByLeaf.size();
    long[] wanted = kinds.wanted(demand, alone);
    RequestClass added = new RequestClass(key, leaf, wanted, negated(wanted));
    classes.put(key, added);
    if (leaf == classByLeaf.size()) {
      classByLeaf.add(added);
    } else {
      classByLeaf.set(leaf, added);
    }
    added.unmeetable = !meetable(added);
    return added;
  }

  private boolean meetable(RequestClass requestClass) {
    return nodesEver.firstFit(wantedNow(requestClass), Long.MIN_VALUE) >= 0;
  }

  private void endUnmeetable() {
    if (!policy.closed()) {
      return;
    }
    for (RequestClass each : List.copyOf(classes.values())) {
      if (each.unmeetable) {
        for (ScheduledJob job : each.queue.toList()) {
          dequeue(job);
          finish(job, Cause.NOT_STARTED, whyUnmeetable(each));
        }
      }
    }
  }

  private String whyUnmeetable(RequestClass requestClass) {
    List<String> offers = new ArrayList<>();
    for (Node node : nodeByLeaf) {
      if (node != null && node.open() && offers.size() < CANDIDATES) {
        offers.add("%s offers %s".formatted(node.name(), node.offer()));
      }
    }
    return "it asks for %s, which no worker could ever meet (%s)"
        .formatted(requestClass.demand(), offers.isEmpty() ? "none" : String.join("; ", offers));
  }

  /** After slots became free: first those that wait there get them, as the node itself does. */
  private void onRoom(Node node) {
    if (node.open()) {
      promote(node);
      touch(node);
    }
  }

  /** After a change of what the node has: it is looked at again. */
  private void touch(Node node) {
    if (!node.open()) {
      return;
    }
    refresh(node);
    updateRoom(node);
    if (!node.dirty) {
      node.dirty = true;
      dirtyNodes.addLast(node);
    }
  }

  /** Brings what the node shows to the next job up to date. */
  private void refresh(Node node) {
    if (!node.open()) {
      return;
    }
    steps++;
    show(node, node.visible);
    nodesNow(node).set(node.leaf, node.visible, node.leaf);
  }

  /** Writes what the node has for jobs in the queue other than the one it is reserved for. */
  void show(Node node, long[] visible) {
    kinds.available(node, false, visible);
    boolean shut = barred(node);
    if (reservedNode == node && reservedJob != null) {
      RequestClass reserved = reservedJob.requestClass();
      shut |= reserved.alone();
      visible[Kinds.PRESENCE] = Math.min(1, visible[Kinds.PRESENCE]);
      for (Part part : reserved.demand().parts()) {
        int dimension = kinds.dimension(part.kind());
        visible[dimension] = left(part, visible[dimension]);
      }
      Kinds.combine(visible);
    }
    if (shut) {
      visible[Kinds.PRESENCE] = 0;
    }
  }

  /** What may be used so that the node still has the part, if it has it now. */
  private static long left(Part part, long level) {
    return switch (part.kind().type()) {
      case TAG -> level;
      case COUNTED -> Math.max(0, level - part.amount());
      case INDEXED -> {
        long slack = Math.max(0, level - part.amount());
        // a fraction that no shared id has room for opens an id, whose rest does not add up
        long best = level % Kind.WHOLE;
        long rest = slack % Kind.WHOLE;
        yield rest <= best || best == 0 ? slack : slack - rest + Math.max(best, rest - best);
      }
    };
  }

  void updateRoom(Node node) {
    if (hasRoomAhead(node)) {
      roomyNodes.add(node);
    } else {
      roomyNodes.remove(node);
    }
  }

  boolean hasRoomAhead(Node node) {
    return node.open()
        && !policy.strict()
        && reservedNode != node
        && node.aheadCount < node.aheadLimit();
  }

  private void updateQueuedIndex(RequestClass requestClass) {
    ScheduledJob first = requestClass.queue.first();
    if (first == null || (requestClass.unmeetable && !policy.strict())) {
      queuedClasses.clear(requestClass.leaf);
    } else {
      queuedClasses.set(requestClass.leaf, requestClass.negated, first.rank);
    }
  }

  private void updateAheadIndex(RequestClass requestClass) {
    ScheduledJob first = requestClass.ahead.first();
    if (first == null) {
      aheadClasses.clear(requestClass.leaf);
    } else {
      aheadClasses.set(requestClass.leaf, requestClass.negated, first.rank);
    }
  }

  /** Makes all vectors as wide as there are kinds now. */
  private void widen() {
    int count = kinds.count();
    query = new long[count];
    List.of(queuedClasses, aheadClasses, nodesEver).forEach(index -> index.widen(count));
    nodesNow.forEach(index -> index.widen(count));
    for (RequestClass each : classes.values()) {
      each.wanted = kinds.wanted(each.demand(), each.alone());
      each.negated = negated(each.wanted);
    }
    for (Node node : nodeByLeaf) {
      if (node != null && node.open()) {
        node.ever = new long[count];
        node.visible = new long[count];
        kinds.available(node, true, node.ever);
        nodesEver.set(node.leaf, node.ever, node.leaf);
        refresh(node);
      }
    }
  }

  private boolean couldFit(Node node, RequestClass requestClass) {
    long[] wanted = wantedNow(requestClass);
    for (int dimension = 0; dimension < wanted.length; dimension++) {
      if (node.ever[dimension] < wanted[dimension]) {
        return false;
      }
    }
    return true;
  }

  /** What the class asks of a node now: its time becomes a point in time. */
  private long[] wantedNow(RequestClass requestClass) {
    long time = requestClass.wanted[Kinds.TIME];
    if (time == 0) {
      return withTime(requestClass.wanted, Long.MIN_VALUE + 1);
    }
    return withTime(
        requestClass.wanted,
        time > Long.MAX_VALUE - Math.max(0, now) ? Long.MAX_VALUE : now + time);
  }

  private long[] withTime(long[] vector, long time) {
    System.arraycopy(vector, 0, query, 0, vector.length);
    query[Kinds.TIME] = time;
    return query;
  }

  /** Asks the indexes over classes for those that need no more than a node has. */
  private void negate(long[] available) {
    for (int dimension = 0; dimension < available.length; dimension++) {
      query[dimension] = -available[dimension];
    }
    long until = available[Kinds.TIME];
    query[Kinds.TIME] = until == Long.MAX_VALUE ? -Long.MAX_VALUE : Math.min(0, now - until);
  }

  private static long[] negated(long[] vector) {
    long[] result = new long[vector.length];
    for (int dimension = 0; dimension < vector.length; dimension++) {
      result[dimension] = -vector[dimension];
    }
    return result;
  }

  private RequestClass classAt(int leaf) {
    RequestClass requestClass = classByLeaf.get(leaf);
    if (requestClass == null) {
      throw new IllegalStateException("No class at " + leaf);
    }
    return requestClass;
  }

  private Node nodeAt(int leaf) {
    Node node = nodeByLeaf.get(leaf);
    if (node == null) {
      throw new IllegalStateException("No node at " + leaf);
    }
    return node;
  }

  private static Node nodeOf(ScheduledJob job) {
    if (job.node == null) {
      throw new IllegalStateException(job + " is at no node");
    }
    return job.node;
  }

  // ---------------------------------------------------------------- what can be seen

  /** Returns all jobs that have not ended: those at nodes first, then the queued ones. */
  public List<ScheduledJob> unended() {
    List<ScheduledJob> jobs = new ArrayList<>();
    for (Node node : nodeByLeaf) {
      if (node != null) {
        for (ScheduledJob job : node.sent.values()) {
          if (job.phase() != ScheduledJob.Phase.ENDED) {
            jobs.add(job);
          }
        }
      }
    }
    for (RequestClass each : classes.values()) {
      jobs.addAll(each.queue.toList());
    }
    return jobs;
  }

  /** Returns how many jobs are where. */
  public Counts counts() {
    return new Counts(queued, sent, running, retried, lostAttempts, late);
  }

  /**
   * Returns how many jobs, classes, nodes and inner nodes of indexes have been visited so far: the
   * work done, independent of the machine.
   */
  public long steps() {
    return steps
        + queuedClasses.steps()
        + aheadClasses.steps()
        + dirtyClasses.steps()
        + nodesNow.stream().mapToLong(FitIndex::steps).sum()
        + nodesEver.steps();
  }

  /**
   * Checks what must hold between two events; it looks at everything.
   *
   * @throws IllegalStateException if something does not hold
   */
  public void checkInvariants() {
    new Invariants(this).check();
  }
}
