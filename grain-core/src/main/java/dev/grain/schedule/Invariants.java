package dev.grain.schedule;

import dev.grain.resource.internal.Demand.Part;
import dev.grain.resource.internal.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of a scheduler between two events. It looks at every job and every node, and
 * trusts none of the indexes.
 */
final class Invariants {
  private final Scheduler scheduler;
  private final List<Node> nodes;
  private final List<Node> openNodes;
  private final Map<RequestClass, Integer> unended = new HashMap<>();
  private final Map<RequestClass, Integer> aheads = new HashMap<>();
  private final Found found = new Found();
  private final SequencedMap<Tally, Found> foundOfOwners = new LinkedHashMap<>();

  /** How many jobs were found where. */
  private static final class Found {
    private int queued;
    private int sent;
    private int running;

    void add(ScheduledJob job) {
      if (job.phase() == ScheduledJob.Phase.QUEUED) {
        queued++;
      } else if (job.started) {
        running++;
      } else {
        sent++;
      }
    }

    void check(Tally tally) {
      Counts counted = tally.toCounts(0);
      ensure(queued == counted.queued(), queued, " jobs are queued, ", counted, " counted");
      ensure(sent == counted.sent(), sent, " jobs are sent, ", counted, " counted");
      ensure(running == counted.running(), running, " jobs run, ", counted, " counted");
    }
  }

  /** Makes one that is to check once. */
  Invariants(Scheduler scheduler) {
    this.scheduler = scheduler;
    this.nodes = scheduler.nodes.all().toList();
    this.openNodes = nodes.stream().filter(Node::open).toList();
  }

  /**
   * Checks everything.
   *
   * @throws IllegalStateException if something does not hold
   */
  void check() {
    scheduler.classes.all().forEach(this::checkQueue);
    for (Node node : nodes) {
      checkJobs(node);
      checkSlots(node);
      if (node.open()) {
        checkIndexes(node);
      } else {
        checkClosed(node);
      }
    }
    checkPaused();
    scheduler.nodes.checkIndexes();
    scheduler.classes.all().forEach(this::checkClass);
    found.check(scheduler.tallies.total());
    foundOfOwners.forEach((owner, ofOwner) -> ofOwner.check(owner));
    checkReservation();
    List.of(scheduler.classes.queued, scheduler.classes.ahead, scheduler.classes.dirty)
        .forEach(FitIndex::checkInvariants);
    if (scheduler.nodes.firstDirty() == null
        && scheduler.classes.dirty.first() < 0
        && (scheduler.policy.strict() || !scheduler.sentAhead.hasDisplaced())) {
      checkNothingFits();
    }
  }

  private void count(ScheduledJob job) {
    unended.merge(job.requestClass(), 1, Integer::sum);
    found.add(job);
    Tally owner = job.tally();
    if (owner != null) {
      foundOfOwners.computeIfAbsent(owner, _ -> new Found()).add(job);
    }
  }

  private void checkQueue(RequestClass requestClass) {
    long before = Long.MIN_VALUE;
    for (ScheduledJob job : requestClass.queue.toList()) {
      ensure(job.phase() == ScheduledJob.Phase.QUEUED, job, " is queued and ", job.phase());
      ensure(job.requestClass() == requestClass, job, " is in the queue of another class");
      boolean unranked = job.rank == Ranks.UNRANKED;
      ensure(before < job.rank || unranked, job, " is queued out of order");
      ensure(!unranked || job.previous != null, job, " is the first of its queue, and has no rank");
      ensure(job.node == null && job.lease == null, job, " is queued and holds slots");
      ensure(job.destination == null && !job.ahead, job, " is queued and sent");
      ensure(!job.cancelled && !job.paused, job, " is queued, and cancelled or paused");
      ensure(!job.onHold, job, " is queued, and is to be held");
      before = job.rank;
      count(job);
    }
  }

  private void checkPaused() {
    for (ScheduledJob job : scheduler.queue.paused.all()) {
      ensure(job.paused, job, " waits for its time and does not know");
      ensure(job.phase() == ScheduledJob.Phase.QUEUED, job, " is paused and ", job.phase());
      ensure(job.node == null && job.lease == null, job, " is paused and holds slots");
      ensure(!job.cancelled || scheduler.isAwaited(job), job, " is paused and cancelled");
      ensure(!scheduler.isHeld(job) || job.onHold, job, " is held, and may go to a node");
      count(job);
    }
  }

  private void checkJobs(Node node) {
    ensure(!node.lost, node, " is lost and still there");
    ensure(node.dirty == scheduler.nodes.isDirty(node), node, " is wrongly marked");
    List<ScheduledJob> waiting = new ArrayList<>();
    int ahead = 0;
    int freed = 0;
    List<ScheduledJob> all = jobsOf(node);
    ensure(all.size() == node.sent.size(), node, " has ", all, ", listed otherwise");
    for (ScheduledJob job : all) {
      ensure(node.sent.find(job.number()) == job, job, " is not found at ", node);
      ensure(job.node == node, job, " is at ", job.node, ", not at ", node);
      count(job);
      if (job.started) {
        ensure((job.lease == null) == job.freed, job, " has started, its slots: ", job.lease);
        freed += job.freed ? 1 : 0;
        ensure(!job.ahead && job.destination == null, job, " has started and is sent ahead");
      } else {
        waiting.add(job);
      }
      ahead += job.ahead ? 1 : 0;
      if (job.ahead && !job.takingBack) {
        aheads.merge(job.requestClass(), 1, Integer::sum);
      }
      ensure(
          job.ahead || job.freed || job.lease != null, job, " was sent with slots, and has none");
      ensure(!job.takingBack || job.ahead, job, " has slots and is taken back");
      ensure(!job.ahead || (job.lease != null) == (job.destination != null), job, ": slots");
      Node destination = job.destination;
      ensure(
          destination == null
              || (job.takingBack && destination.unstarted.incoming.toList().contains(job)),
          job,
          " is taken back to ",
          destination,
          ", which does not know");
      ensure(
          job.phase() != ScheduledJob.Phase.QUEUED && job.phase() != ScheduledJob.Phase.NEW,
          job,
          " is at ",
          node,
          " and ",
          job.phase());
    }
    ensure(waiting.equals(node.waiting.toList()), node, ": ", waiting, " wait, listed otherwise");
    ensure(waiting.size() == node.waiting.size(), node, ": the waiting are counted wrong");
    ensure(
        ahead == node.aheadCount, node, ": ", ahead, " are ahead, ", node.aheadCount, " counted");
    ensure(
        freed == node.freedCount, node, ": ", freed, " are freed, ", node.freedCount, " counted");
    for (ScheduledJob job : node.unstarted.incoming.toList()) {
      ensure(job.destination == node && job.lease != null, job, " is not coming to ", node);
      ensure(node.unstarted.finds(job), job, " has parts at ", node, " that are not listed");
    }
    List<ScheduledJob> unstarted = node.unstarted.waiting.toList();
    ensure(
        unstarted.size() == waiting.size() - ahead,
        node,
        ": ",
        unstarted,
        " have unstarted leases, of ",
        waiting);
    for (ScheduledJob job : unstarted) {
      ensure(
          job.node == node && !job.ahead && !job.started, job, " has an unstarted lease at ", node);
      ensure(node.unstarted.finds(job), job, " has parts at ", node, " that are not listed");
    }
  }

  private static List<ScheduledJob> jobsOf(Node node) {
    List<ScheduledJob> jobs = new ArrayList<>(node.started.toList());
    jobs.addAll(node.waiting.toList());
    return jobs;
  }

  /** What the jobs were given and what is free make up what the node has. */
  private void checkSlots(Node node) {
    node.slots.checkInvariants();
    List<ScheduledJob> holders = new ArrayList<>(node.unstarted.incoming.toList());
    jobsOf(node).stream()
        .filter(job -> job.lease != null && job.destination == null)
        .forEach(holders::add);
    ensure(
        (holders.isEmpty() && node.others.haveNothing()) == node.slots.idle(),
        node,
        ": ",
        holders,
        " hold slots");
    ensure(node.isShared() || node.others.haveNothing(), node, ": slots are kept for nobody");
    ensure(scheduler.nodes.shared.contains(node) == node.isShared(), node, " is wrongly shared");
    for (Kind kind : node.offer().kinds()) {
      long held = kind.type() == Kind.Type.TAG ? 0 : node.others.accounted(kind);
      for (ScheduledJob job : holders) {
        long asked = job.requestClass().demand().amount(kind);
        boolean counts = kind.type() != Kind.Type.TAG && asked > 0;
        held += counts ? node.slots.cost(new Part(kind, asked)) : 0;
      }
      ensure(
          node.slots.total(kind) - held == node.slots.free(kind),
          node,
          ": ",
          held,
          " of ",
          kind,
          " are held, ",
          node.slots.free(kind),
          " free of ",
          node.slots.total(kind));
    }
  }

  private void checkIndexes(Node node) {
    long[] visible = node.visible.clone();
    scheduler.nodes.show(node, visible);
    ensure(Arrays.equals(visible, node.visible), node, " shows old room");
    ensure(
        scheduler.nodes.now(node).holds(node.leaf, node.visible, node.leaf),
        node,
        " has another vector in the index");
    ensure(
        scheduler.nodes.ever.holds(node.leaf, node.ever, node.leaf),
        node,
        " has another vector in the index of idle nodes");
    ensure(
        scheduler.nodes.roomy.contains(node) == scheduler.nodes.hasRoomAhead(node)
            && scheduler.nodes.roomy.contains(node) == node.roomy,
        node,
        " is wrongly among those with room for jobs ahead");
  }

  private void checkClosed(Node node) {
    ensure(
        !scheduler.nodes.now(node).contains(node.leaf)
            && !scheduler.nodes.ever.contains(node.leaf)
            && !scheduler.nodes.roomy.contains(node)
            && !node.dirty
            && node.unstarted.incoming.isEmpty(),
        node,
        " takes no more jobs, and may still get some");
  }

  private void checkClass(RequestClass requestClass) {
    int open = unended.getOrDefault(requestClass, 0);
    ensure(
        open == requestClass.unended,
        requestClass,
        ": ",
        open,
        " jobs have not ended, ",
        requestClass.unended,
        " counted");
    ScheduledJob first = requestClass.queue.first();
    boolean shown = first != null && (!requestClass.unmeetable || scheduler.policy.strict());
    ensure(
        shown
            ? scheduler.classes.queued.holds(
                requestClass.leaf, requestClass.negated, first == null ? 0 : first.rank)
            : !scheduler.classes.queued.contains(requestClass.leaf),
        requestClass,
        " is wrong in the index of queues");
    ensure(
        !scheduler.classes.dirty.contains(requestClass.leaf)
            || (first != null
                && scheduler.classes.dirty.holds(requestClass.leaf, new long[0], first.rank)),
        requestClass,
        " is wrong among the classes to look at");
    List<ScheduledJob> ahead = requestClass.ahead.toList();
    for (ScheduledJob job : ahead) {
      ensure(job.ahead && !job.takingBack, job, " is not ahead, but listed");
      ensure(job.requestClass() == requestClass, job, " is ahead in another class");
    }
    int expected = aheads.getOrDefault(requestClass, 0);
    ensure(
        expected == ahead.size(), requestClass, ": ", expected, " ahead, ", ahead, " are listed");
    ensure(
        ahead.isEmpty()
            ? !scheduler.classes.ahead.contains(requestClass.leaf)
            : scheduler.classes.ahead.holds(
                requestClass.leaf, requestClass.negated, ahead.getFirst().rank),
        requestClass,
        " is wrong in the index of jobs ahead");
    boolean meetable = false;
    for (Node node : openNodes) {
      meetable |=
          node.slots.couldFit(requestClass.demand())
              && hasTime(node, requestClass)
              && prepares(node, requestClass);
    }
    if (requestClass.unmeetable || requestClass.time() == 0) {
      ensure(meetable != requestClass.unmeetable, requestClass, " is wrongly (un)meetable");
    }
  }

  private void checkReservation() {
    ScheduledJob job = scheduler.nodes.reservedJob;
    Node node = scheduler.nodes.reservedNode;
    ensure((job == null) == (node == null), "half a reservation: ", job, " at ", node);
    if (job != null && node != null) {
      ensure(node.open(), node, " is reserved for ", job, ", and takes no more jobs");
      ensure(job.phase() == ScheduledJob.Phase.QUEUED, job, " is reserved, and ", job.phase());
      ensure(
          node.slots.couldFit(job.requestClass().demand()),
          node,
          " is reserved for ",
          job,
          ", which never fits");
    }
  }

  /** No job in the queue or sent ahead fits a node that it may go to. */
  private void checkNothingFits() {
    for (RequestClass requestClass : scheduler.classes.all()) {
      ScheduledJob first = requestClass.queue.first();
      boolean next = !scheduler.policy.strict() || (first != null && isOldest(first));
      List<ScheduledJob> all = requestClass.ahead.toList();
      // no more of them are looked at when one is sought
      List<ScheduledJob> ahead =
          all.subList(Math.max(0, all.size() - Nodes.CANDIDATES), all.size());
      for (Node node : openNodes) {
        if (first != null && next) {
          ensure(!mayStart(first, node), first, " fits ", node, " and is not sent there");
        }
        ScheduledJob elsewhere = aheadElsewhere(ahead, node);
        ensure(
            elsewhere == null
                || scheduler.policy.strict()
                || scheduler.nodes.reservedNode == node
                || !mayStart(elsewhere, node),
            elsewhere,
            " waits at ",
            elsewhere == null ? null : elsewhere.node,
            ", and fits ",
            node);
      }
    }
  }

  private boolean isOldest(ScheduledJob job) {
    return scheduler.classes.all().stream()
        .map(each -> each.queue.first())
        .noneMatch(other -> other != null && other.rank < job.rank);
  }

  private static @Nullable ScheduledJob aheadElsewhere(List<ScheduledJob> ahead, Node node) {
    for (ScheduledJob job : ahead) {
      if (job.node != node) {
        return job;
      }
    }
    return null;
  }

  private boolean mayStart(ScheduledJob job, Node node) {
    RequestClass requestClass = job.requestClass();
    return node.slots.fits(requestClass.demand(), requestClass.alone())
        && hasTime(node, requestClass)
        && prepares(node, requestClass)
        && !scheduler.nodes.barred(node)
        && (scheduler.nodes.reservedNode != node
            || scheduler.nodes.reservedJob == job
            || fitsBesideReserved(requestClass, node));
  }

  private boolean fitsBesideReserved(RequestClass requestClass, Node node) {
    if (node.visible[KindDimensions.PRESENCE] < (requestClass.alone() ? 2 : 1)) {
      return false;
    }
    for (Part part : requestClass.demand().needs()) {
      if (node.visible[scheduler.dimensions.dimension(part.kind())] < part.amount()) {
        return false;
      }
    }
    return true;
  }

  private boolean hasTime(Node node, RequestClass requestClass) {
    return requestClass.time() == 0
        || node.until == Long.MAX_VALUE
        || node.until - scheduler.query.now >= requestClass.time();
  }

  private static boolean prepares(Node node, RequestClass requestClass) {
    return requestClass.preparation() == null
        || !node.unprepared.containsKey(requestClass.preparation());
  }

  private static void ensure(boolean condition, @Nullable Object... words) {
    if (!condition) {
      throw new IllegalStateException(
          Arrays.stream(words).map(String::valueOf).collect(Collectors.joining()));
    }
  }
}
