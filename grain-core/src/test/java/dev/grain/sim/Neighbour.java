package dev.grain.sim;

import dev.grain.Attempt;
import dev.grain.JobStatus;
import dev.grain.bytes.Bytes;
import dev.grain.dispatch.Dispatch;
import dev.grain.dispatch.JobClient;
import dev.grain.dispatch.JobEnd;
import dev.grain.dispatch.JobTemplate;
import dev.grain.dispatch.OutcomeLog;
import dev.grain.head.CodeLibrary;
import dev.grain.head.Head;
import dev.grain.head.HeadProbe;
import dev.grain.head.Workers;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.node.JobRunner;
import dev.grain.resource.internal.Demand;
import dev.grain.schedule.Retries;
import dev.grain.schedule.ScheduledJob;
import dev.grain.wire.Hello;
import dev.grain.wire.Hello.Role;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Another program that uses the same workers, as far as they do not dial: a head of its own, whose
 * jobs take a while, or as long as the first program has something to do.
 */
final class Neighbour {
  /** What its run is called. */
  static final String RUN = "neighbour";

  /** The number of its machine in the network. */
  private static final int MACHINE = 251;

  private final Simulation simulation;
  private final World world;
  private final Network.Host process;
  private final Head head;
  private final Dispatch dispatch;
  private final Workers workers;
  private final boolean holds;
  private final List<Held> jobs = new ArrayList<>();
  private final Set<Runnable> holding = new LinkedHashSet<>();
  private long duration;
  private int sessions;
  private boolean released;

  /** A job of it. */
  private static final class Held implements JobClient {
    final long number;
    final long duration;
    Dispatch.@Nullable Ticket ticket;
    boolean ended;

    Held(long number, long duration) {
      this.number = number;
      this.duration = duration;
    }

    @Override
    public long number() {
      return number;
    }

    @Override
    public void onStatus(JobStatus next, int attempt, @Nullable String worker) {}

    @Override
    public void onAttempt(Attempt ended) {}

    @Override
    public void onFailedAttempt(int attempt, JobEnd end) {}

    @Override
    public void onOutput(String worker, Bytes text, boolean error) {}

    @Override
    public void onEnd(JobEnd end, boolean remains) {
      if (ended) {
        throw new IllegalStateException("job " + number + " of the neighbour ended again");
      }
      ended = true;
    }
  }

  Neighbour(Simulation simulation) {
    this.simulation = simulation;
    this.world = simulation.world();
    Scenario scenario = simulation.scenario();
    SimulatedLoop loop = new SimulatedLoop(world, this::afterTask);
    this.process = simulation.network().new Host(MACHINE, loop);
    this.head = new Head(RUN, loop, scenario.policy());
    this.dispatch = head.open(RUN, CodeLibrary.NONE, OutcomeLog.NONE);
    this.workers =
        new Workers(
            head,
            process,
            new Workers.Settings(
                offer -> offer,
                scenario.sessionSettings().grace(),
                -1,
                scenario.sessionSettings().limits(),
                false),
            this::hello,
            new Observer());
    this.holds = world.percent(60);
  }

  private Hello hello() {
    return Hello.of(Role.HEAD, "simulated", "none")
        .withHead(RUN)
        .withSession(RUN + ", session " + sessions++);
  }

  /** Does not care. */
  private static final class Observer implements Workers.Observer {
    @Override
    public void changed() {}

    @Override
    public void deserted(String why) {
      throw new IllegalStateException(why);
    }
  }

  /** Begins: dials the machines, and submits its jobs. */
  void begin(List<Machine> dialed) {
    process.loop().at(1, () -> workers.dial(dialed.stream().map(Machine::address).toList()));
    List<Plan> plans = simulation.scenario().plans();
    for (int left = 1 + world.below(holds ? 6 : 40); left > 0; left--) {
      Demand demand = plans.get(world.below(plans.size())).demand().inHeap();
      boolean meetable =
          dialed.stream()
              .anyMatch(machine ->
                  demand.needs().stream()
                      .allMatch(part -> part.amount() <= machine.offer().amount(part.kind())));
      if (meetable) {
        Held job = new Held(jobs.size(), holds ? Plan.ENDLESS : world.scaled(10_000, 8));
        jobs.add(job);
        duration += holds ? 0 : job.duration;
        world.at(world.scaled(Scenario.MILLISECOND, 6), () -> submit(job, demand));
      }
    }
  }

  private void submit(Held job, Demand demand) {
    Order.Spec spec =
        new Order.Spec(
            "", demand, Order.Limits.NONE, new Work.Call(Bytes.empty(), false), Order.Setting.OWN);
    Dispatch.Ticket ticket =
        dispatch.prepare(new JobTemplate(spec, Retries.NONE), Bytes.empty(), null, job);
    job.ticket = ticket;
    dispatch.submit(ticket);
  }

  private void afterTask() {
    head.checkInvariants();
  }

  // ---------------------------------------------------------------- its jobs on nodes

  /** Returns for how long a job of the first program may wait for those of this one. */
  long patience() {
    return holds ? Plan.ENDLESS : 4 * duration;
  }

  /**
   * Has a job run on a node.
   *
   * @param loop the loop of the node
   * @param usage what the jobs of the node hold
   */
  JobRunner.Running start(SimulatedLoop loop, Usage usage, Order order, JobRunner.Events events) {
    boolean[] over = {false};
    Runnable[] end = {null};
    end[0] =
        () -> {
          long wait = loop.stillUntil() - world.now();
          if (wait > 0) {
            world.after(wait, end[0]);
          } else if (!over[0] && !loop.isDead()) {
            over[0] = true;
            holding.remove(end[0]);
            usage.remove(RUN, order.job());
            events.ended(new AttemptEnd.Value(Bytes.empty()));
          }
        };
    long takes = jobs.get((int) order.job()).duration;
    if (takes == Plan.ENDLESS && !released) {
      holding.add(end[0]);
    } else {
      world.after(takes == Plan.ENDLESS ? 1_000 : takes, end[0]);
    }
    return end[0]::run;
  }

  /** Has the jobs end that hold what they have. */
  void release() {
    released = true;
    List.copyOf(holding).forEach(end -> world.after(world.below(1_000_000), end));
  }

  /** Returns its jobs that have not ended. */
  Stream<ScheduledJob> unended() {
    return jobs.stream()
        .filter(job -> job.ticket != null && !job.ended)
        .map(job -> HeadProbe.scheduled(job.ticket));
  }

  Head head() {
    return head;
  }

  /** Says goodbye to the workers, with what cannot run any more given up. */
  void leave() {
    process.loop().post(workers::close);
  }
}
