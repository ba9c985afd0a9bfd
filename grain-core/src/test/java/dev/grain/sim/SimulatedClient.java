package dev.grain.sim;

import dev.grain.bytes.Bytes;
import dev.grain.explain.Reason;
import dev.grain.explain.Sentences;
import dev.grain.head.HeadJob;
import dev.grain.head.JobClient;
import dev.grain.head.JobEnd;
import dev.grain.head.JobTemplate;
import dev.grain.job.Attempt;
import dev.grain.job.Cause;
import dev.grain.message.Message;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Submits jobs, and checks what comes back: each end once, the right one, and no job that waits
 * longer than it may.
 */
final class SimulatedClient implements JobClient {
  private static final int LEAST_BYTES = 16;

  /** How many bytes a job is given or returns at most. */
  static final int MOST_BYTES = 5_000;

  private static final int THINKING = 1_000;
  private static final Pattern LEFT_OUT =
      Pattern.compile("\\[\\.\\.\\. ([0-9]+) bytes of output were left out");

  /** A job as the client knows it. */
  private static final class Ticket {
    final Plan plan;
    final HeadJob job;
    boolean submitted;
    boolean cancelled;
    boolean ended;
    boolean returned;
    // how many attempts nodes could not start
    int refusals;
    // the attempts that run, and all that have started
    final Set<Integer> running = new HashSet<>();
    final Set<Integer> started = new HashSet<>();
    // how often a node has died that it had to itself, so that nothing else can be blamed
    int deathsAlone;
    // how many outputs have come from the attempt that printed last
    int printed;
    int printing;
    // how many younger jobs have started where it could have, since it is the oldest that waits
    int passed;
    // when that was more than may be
    long passedAt = Long.MAX_VALUE;
    // how long endless attempts had run by then
    long endlessBefore;

    Ticket(Plan plan, HeadJob job) {
      this.plan = plan;
      this.job = job;
    }

    boolean waits() {
      return submitted && !ended && running.isEmpty();
    }
  }

  private final Simulation simulation;
  private final Program program;
  private final List<Ticket> tickets = new ArrayList<>();
  private final Set<Bytes> seen = new HashSet<>();
  private int open;
  private int endless;
  private long endlessSince;
  private long endlessEarlier;

  /** Makes one that has not submitted anything, for a life of the program. */
  SimulatedClient(Simulation simulation, Program program) {
    this.simulation = simulation;
    this.program = program;
    simulation.scenario().plans().forEach(this::add);
  }

  /** What a job is given or returns; of every fourth job it is large. */
  static Bytes bytes(long job, int attempt, int number) {
    return bytes(
        job, attempt, number, job % 4 == 0 ? MOST_BYTES / (1 + (int) job % 10) : LEAST_BYTES);
  }

  /** What a job prints. */
  static Bytes text(long job, int attempt, int number) {
    return bytes(job, attempt, number, LEAST_BYTES);
  }

  private static Bytes bytes(long job, int attempt, int number, int length) {
    return Bytes.of(
        ByteBuffer.allocate(length).putLong(job).putInt(attempt).putInt(number).array());
  }

  private void add(Plan plan) {
    int number = tickets.size();
    HeadJob job =
        new HeadJob(
            number,
            new JobTemplate(
                "",
                plan.demand(),
                Bytes.empty(),
                Bytes.of(new byte[] {(byte) plan.bundle()}),
                plan.retries(),
                null,
                plan.timeLimit(),
                false),
            bytes(number, 0, 0),
            this,
            journaled(number));
    tickets.add(new Ticket(plan, job));
  }

  private HeadJob.@Nullable Journaled journaled(int number) {
    if (!simulation.scenario().isJournaled()) {
      return null;
    }
    JobEnd.Returned known = simulation.journal().find(number);
    ensure(
        known != null
            || simulation.earlierLives().noneMatch(life -> life.client().hasReturned(number)),
        "job",
        number,
        "has returned in an earlier life, and the journal does not know");
    return new HeadJob.Journaled(SimulatedJournal.key(number), known);
  }

  /** Returns whether its value was delivered. */
  private boolean hasReturned(int number) {
    return tickets.get(number).returned;
  }

  HeadJob job(long number) {
    return tickets.get((int) number).job;
  }

  void submit(int number) {
    Ticket ticket = tickets.get(number);
    ticket.submitted = true;
    open++;
    simulation.trace(Trace.What.SUBMITTED, number, 0, ticket.plan);
    program.head().submit(ticket.job);
  }

  void cancel(int number) {
    Ticket ticket = tickets.get(number);
    ticket.cancelled = true;
    simulation.trace(Trace.What.CANCELLED, number, 0, ticket.job.phase());
    program.head().cancel(ticket.job);
  }

  /** Cancels all jobs, as a program does that is interrupted. */
  void cancelEverything() {
    tickets.forEach(ticket -> ticket.cancelled = true);
    program.head().cancelEverything();
  }

  /**
   * Cancels what waits for something that no node has; only that may be left, or what it blocks: in
   * the strict order all others, as a job that was lost with its node is the next one.
   */
  void cancelUnmeetable() {
    List<Ticket> left = tickets.stream().filter(ticket -> !ticket.ended).toList();
    List<Ticket> unmeetable =
        left.stream()
            .filter(ticket -> simulation.machines().noneMatch(node -> couldRun(node, ticket)))
            .toList();
    boolean blocked = simulation.scenario().policy().strict() && !unmeetable.isEmpty();
    for (Ticket ticket : left) {
      ensure(
          blocked || unmeetable.contains(ticket),
          ticket.job,
          "was left though a node could run it:",
          ticket.job.phase(),
          ticket.job.nodeName());
    }
    unmeetable.forEach(ticket -> cancel((int) ticket.job.number()));
  }

  void checkAllEnded() {
    ensure(open == 0, open, "jobs did not end");
    for (Ticket ticket : tickets) {
      ensure(ticket.ended, ticket.job, "did not end");
    }
  }

  /** Checks that no node still runs something for it. */
  void checkNothingRuns() {
    for (Ticket ticket : tickets) {
      ensure(ticket.running.isEmpty(), ticket.job, "of", program.run(), "still runs");
    }
  }

  // ---------------------------------------------------------------- what nodes do

  private static JobEnd.@Nullable Returned known(Ticket ticket) {
    HeadJob.Journaled journaled = ticket.job.journaled();
    return journaled == null ? null : journaled.known();
  }

  /** A node could not start an attempt. */
  void onRefused(Message.Run order) {
    tickets.get((int) order.job()).refusals++;
  }

  /** A node starts an attempt; returns its plan. */
  Plan onStarted(Message.Run order, Machine machine) {
    Ticket ticket = tickets.get((int) order.job());
    ensure(ticket.submitted, ticket.job, "started, but was not submitted");
    ensure(
        ticket.started.add(order.attempt()),
        ticket.job,
        "starts attempt",
        order.attempt(),
        "again");
    if (simulation.scenario().isFaithful()) {
      ensure(ticket.running.isEmpty(), ticket.job, "runs already");
      ensure(ticket.started.size() <= ticket.plan.tries().size(), ticket.job, "runs again");
    }
    ensure(order.arguments().equals(bytes(order.job(), 0, 0)), ticket.job, "arguments");
    ensure(order.timeLimit() == ticket.plan.timeLimit(), ticket.job, "time limit");
    ensure(known(ticket) == null, ticket.job, "runs, though the journal knows what it returns");
    ensure(
        !program.isAlive() || !hasWaitedTooLong(ticket),
        ticket.job,
        "waited too long:",
        ticket.passed,
        "others passed it");
    ticket.running.add(order.attempt());
    if (isEndless(ticket, order) && endless++ == 0) {
      endlessSince = simulation.now();
    }
    ticket.passed = 0;
    ticket.passedAt = Long.MAX_VALUE;
    countPassing(ticket, machine);
    return ticket.plan;
  }

  /** The attempt has ended on its node, or with it. */
  void onStopped(Message.Run order, boolean killed) {
    Ticket ticket = tickets.get((int) order.job());
    ensure(ticket.running.remove(order.attempt()), order.job(), "does not run");
    if (isEndless(ticket, order) && --endless == 0) {
      endlessEarlier += simulation.now() - endlessSince;
    }
    ensure(!killed || !simulation.scenario().isFaithful(), order.job(), "was killed");
  }

  private static boolean isEndless(Ticket ticket, Message.Run order) {
    return ticket.plan.attempt(order.attempt()).duration() == Plan.ENDLESS;
  }

  /** Returns for how long some endless attempt has run, which may bar its node. */
  private long endlessTime() {
    return endlessEarlier + (endless > 0 ? simulation.now() - endlessSince : 0);
  }

  private boolean hasWaitedTooLong(Ticket ticket) {
    return ticket.passedAt != Long.MAX_VALUE
        && simulation.now() - ticket.passedAt
            > simulation.patience() + endlessTime() - ticket.endlessBefore;
  }

  /**
   * A node has died that an attempt had to itself, running or with its end still to be told: the
   * head cannot know which.
   */
  void onDeathAlone(Message.Run order) {
    Ticket ticket = tickets.get((int) order.job());
    if (!ticket.ended && ticket.job.attempt() == order.attempt()) {
      ticket.deathsAlone++;
    }
  }

  private void countPassing(Ticket started, Machine node) {
    for (Ticket ticket : tickets) {
      if (ticket == started) {
        return;
      }
      if (ticket.waits() && simulation.machines().anyMatch(each -> couldRun(each, ticket))) {
        if (couldRun(node, ticket) && ++ticket.passed == simulation.passingBound()) {
          ticket.passedAt = simulation.now();
          ticket.endlessBefore = endlessTime();
        }
        return;
      }
    }
  }

  private static boolean couldRun(Machine node, Ticket ticket) {
    return node.takesJobs()
        && (ticket.plan.timeLimit() == 0 || !node.ends())
        && ticket.plan.demand().parts().stream()
            .allMatch(part -> part.amount() <= node.offer().amount(part.kind()));
  }

  // ---------------------------------------------------------------- what the head says

  @Override
  public void onEnd(HeadJob job, JobEnd end) {
    Ticket ticket = tickets.get((int) job.number());
    ensure(ticket.submitted && !ticket.ended, job, "ended again:", end);
    ticket.ended = true;
    open--;
    simulation.trace(Trace.What.ENDED, job.number(), job.attempt(), end);
    switch (end) {
      case JobEnd.Returned(Bytes value, _, _, _, List<Attempt> failed) -> {
        ticket.returned = true;
        JobEnd.Returned known = known(ticket);
        if (known != null) {
          ensure(end == known, job, "returned something else than before");
          return;
        }
        ensure(!lastTry(ticket).fails(), job, "returned, but throws");
        ensure(value.equals(reply(ticket)), job, "returned something else");
        ensure(hasAttempts(ticket, failed, 1), job, "", failed);
      }
      case JobEnd.Threw(Bytes failure, _, List<Attempt> attempts) -> {
        ensure(lastTry(ticket).fails(), job, "threw, but returns");
        ensure(failure.equals(reply(ticket)), job, "threw something else");
        ensure(hasAttempts(ticket, attempts, 0), job, "", attempts);
        ensure(isLast(ticket, attempts), job, "was not run again");
      }
      case JobEnd.NotRetried _ -> ensure(false, job, "was not judged");
      case JobEnd.Ended(Cause cause, Reason reason, _) -> checkCause(ticket, cause, reason);
    }
  }

  /** Has it run again, a little later; as often as it may, so that it ends as it would unasked. */
  @Override
  public void onFailedAttempt(HeadJob job, int attempt, JobEnd end) {
    ensure(tickets.get((int) job.number()).plan.asks(), job, "is not to be judged");
    simulation
        .world()
        .after(end.size() * THINKING, () -> program.head().decide(job, attempt, true, end));
  }

  private void checkCause(Ticket ticket, Cause cause, Reason reason) {
    boolean expected =
        switch (cause) {
          case CANCELLED -> ticket.cancelled;
          case TIMED_OUT -> ticket.plan.timeLimit() > 0;
          case NOT_STARTED ->
              mayFailToStart(ticket)
                  || (simulation.scenario().policy().closed()
                      && simulation.machines().noneMatch(node -> couldRun(node, ticket)));
          case LOST -> ticket.deathsAlone > 0;
          case FAILED -> false;
        };
    String words = Sentences.of(reason);
    ensure(expected && !words.isBlank(), ticket.job, "ended as", cause, "", words);
  }

  /** It may have been for want of code, of which the client does not get to know. */
  private boolean mayFailToStart(Ticket ticket) {
    return ticket.refusals > 0 || simulation.machines().anyMatch(Machine::mayFailToStart);
  }

  private static Bytes reply(Ticket ticket) {
    int attempt = ticket.job.attempt();
    return bytes(ticket.job.number(), attempt, ticket.printing == attempt ? ticket.printed : 0);
  }

  private static Plan.Try lastTry(Ticket ticket) {
    return ticket.plan.attempt(ticket.job.attempt());
  }

  /**
   * An attempt that was lost before it started, or before the head heard of it, is in no list; one
   * that could not start counts as lost if its node was before the head heard so, or as too long.
   */
  private boolean hasAttempts(Ticket ticket, List<Attempt> attempts, int more) {
    int started = ticket.started.size() - more;
    long listed = count(attempts, each -> each != Cause.NOT_STARTED);
    return listed <= started + ticket.refusals
        && (listed >= started || !simulation.scenario().isFaithful());
  }

  private static boolean isLast(Ticket ticket, List<Attempt> attempts) {
    long failures = count(attempts, each -> each != Cause.LOST && each != Cause.NOT_STARTED);
    return ticket.cancelled || failures == ticket.plan.tries().size();
  }

  private static long count(List<Attempt> attempts, Predicate<@Nullable Cause> failures) {
    return attempts.stream().filter(each -> failures.test(each.failure().orElse(null))).count();
  }

  @Override
  public void onOutput(HeadJob job, Bytes text, boolean error) {
    Ticket ticket = tickets.get((int) job.number());
    if (ticket.printing != job.attempt()) {
      ticket.printing = job.attempt();
      ticket.printed = 0;
    }
    Matcher leftOut = LEFT_OUT.matcher(text.utf8());
    if (leftOut.lookingAt()) {
      ticket.printed += Integer.parseInt(leftOut.group(1)) / LEAST_BYTES;
      return;
    }
    ensure(
        text.equals(text(job.number(), job.attempt(), ticket.printed)),
        job,
        "printed something else");
    ensure(seen.add(text), job, "printed twice");
    ticket.printed++;
  }

  private static void ensure(boolean condition, Object... words) {
    if (!condition) {
      throw new IllegalStateException(
          Arrays.stream(words).map(String::valueOf).collect(Collectors.joining(" ")));
    }
  }
}
