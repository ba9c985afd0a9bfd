package dev.grain.sim;

import dev.grain.bytes.Bytes;
import dev.grain.head.HeadJob;
import dev.grain.head.JobClient;
import dev.grain.head.JobEnd;
import dev.grain.head.JobTemplate;
import dev.grain.job.Attempt;
import dev.grain.job.Cause;
import dev.grain.wire.Message;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Submits jobs, and checks what comes back: each end once, the right one, and no job that waits
 * longer than it may.
 */
final class SimulatedClient implements JobClient {
  private static final int LEAST_BYTES = 16;
  private static final int MOST_BYTES = 5_000;
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

    Ticket(Plan plan, HeadJob job) {
      this.plan = plan;
      this.job = job;
    }

    boolean waits() {
      return submitted && !ended && running.isEmpty();
    }
  }

  private final Simulation simulation;
  private final List<Ticket> tickets = new ArrayList<>();
  private final Set<Bytes> seen = new HashSet<>();
  private int open;

  SimulatedClient(Simulation simulation) {
    this.simulation = simulation;
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

  /** Makes a job that is submitted later. */
  int prepare(Plan plan) {
    int number = tickets.size();
    HeadJob job =
        new HeadJob(
            number,
            new JobTemplate(
                "",
                plan.demand(),
                Bytes.empty(),
                Bytes.empty(),
                plan.retries(),
                null,
                plan.timeLimit(),
                false),
            bytes(number, 0, 0),
            this);
    tickets.add(new Ticket(plan, job));
    return number;
  }

  Plan plan(int number) {
    return tickets.get(number).plan;
  }

  HeadJob job(long number) {
    return tickets.get((int) number).job;
  }

  void submit(int number) {
    Ticket ticket = tickets.get(number);
    ticket.submitted = true;
    open++;
    simulation.trace(Trace.What.SUBMITTED, number, 0, ticket.plan);
    simulation.head().submit(ticket.job);
  }

  void cancel(int number) {
    Ticket ticket = tickets.get(number);
    ticket.cancelled = true;
    simulation.trace(Trace.What.CANCELLED, number, 0, ticket.job.phase());
    simulation.head().cancel(ticket.job);
  }

  /** Cancels what waits for something that no node has; only that may be left, or block others. */
  void cancelUnmeetable() {
    boolean blocked = false;
    for (Ticket ticket : tickets) {
      if (ticket.ended) {
        continue;
      }
      if (simulation.machines().noneMatch(node -> couldRun(node, ticket))) {
        blocked |= simulation.policy().strict();
        cancel((int) ticket.job.number());
      } else {
        ensure(
            blocked,
            ticket.job,
            "was left though a node could run it:",
            ticket.job.phase(),
            ticket.job.nodeName());
      }
    }
  }

  void checkAllEnded() {
    ensure(open == 0, open, "jobs did not end");
    for (Ticket ticket : tickets) {
      ensure(ticket.ended && ticket.running.isEmpty(), ticket.job, "did not end");
    }
  }

  // ---------------------------------------------------------------- what nodes do

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
    if (simulation.isFaithful()) {
      ensure(ticket.running.isEmpty(), ticket.job, "runs already");
      ensure(ticket.started.size() <= ticket.plan.tries().size(), ticket.job, "runs again");
    }
    ensure(order.arguments().equals(bytes(order.job(), 0, 0)), ticket.job, "arguments");
    ensure(order.timeLimit() == ticket.plan.timeLimit(), ticket.job, "time limit");
    ensure(
        simulation.now() - simulation.patience() <= ticket.passedAt,
        ticket.job,
        "waited too long:",
        ticket.passed,
        "others passed it");
    ticket.running.add(order.attempt());
    ticket.passed = 0;
    ticket.passedAt = Long.MAX_VALUE;
    countPassing(ticket, machine);
    return ticket.plan;
  }

  /** The attempt has ended on its node, or with it. */
  void onStopped(Message.Run order, boolean killed) {
    Ticket ticket = tickets.get((int) order.job());
    ensure(ticket.running.remove(order.attempt()), order.job(), "does not run");
    ensure(!killed || !simulation.isFaithful(), order.job(), "was killed");
    if (killed && order.alone()) {
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
        }
        return;
      }
    }
  }

  private static boolean couldRun(Machine node, Ticket ticket) {
    return node.takesJobs()
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
      case JobEnd.Ended(Cause cause, String reason, _) -> checkCause(ticket, cause, reason);
    }
  }

  /** Has it run again, a little later; as often as it may, so that it ends as it would unasked. */
  @Override
  public void onFailedAttempt(HeadJob job, int attempt, JobEnd end) {
    ensure(tickets.get((int) job.number()).plan.asks(), job, "is not to be judged");
    simulation
        .world()
        .after(end.size() * THINKING, () -> simulation.head().decide(job, attempt, true, end));
  }

  private void checkCause(Ticket ticket, Cause cause, String reason) {
    boolean expected =
        switch (cause) {
          case CANCELLED -> ticket.cancelled;
          case TIMED_OUT -> ticket.plan.timeLimit() > 0;
          case NOT_STARTED ->
              simulation.policy().closed()
                  && simulation.machines().noneMatch(node -> couldRun(node, ticket));
          case LOST -> ticket.deathsAlone > 0;
          case FAILED -> false;
        };
    ensure(expected && !reason.isBlank(), ticket.job, "ended as", cause, "", reason);
  }

  private static Bytes reply(Ticket ticket) {
    int attempt = ticket.job.attempt();
    return bytes(ticket.job.number(), attempt, ticket.printing == attempt ? ticket.printed : 0);
  }

  private static Plan.Try lastTry(Ticket ticket) {
    return ticket.plan.attempt(ticket.job.attempt());
  }

  /** An attempt that was lost before it started, or before the head heard of it, is in no list. */
  private boolean hasAttempts(Ticket ticket, List<Attempt> attempts, int more) {
    int started = ticket.started.size() - more;
    return simulation.isFaithful() ? attempts.size() == started : attempts.size() <= started;
  }

  private static boolean isLast(Ticket ticket, List<Attempt> attempts) {
    long failures =
        attempts.stream().filter(each -> !each.failure().equals(Optional.of(Cause.LOST))).count();
    return ticket.cancelled || failures == ticket.plan.tries().size();
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
