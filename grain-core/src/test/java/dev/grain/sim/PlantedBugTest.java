package dev.grain.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.bytes.Bytes;
import dev.grain.dispatch.Dispatch;
import dev.grain.dispatch.JobEnd;
import dev.grain.dispatch.OutcomeLog;
import dev.grain.head.Head;
import dev.grain.head.HeadProbe;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.node.NodeEngine;
import dev.grain.node.NodeProbe;
import dev.grain.resource.internal.DoubleFree;
import dev.grain.schedule.PlantedInScheduler;
import dev.grain.schedule.ScheduledJob;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The simulation finds bugs that are put into it. */
final class PlantedBugTest {
  private static final int SEEDS = 200;
  private static final String FREED = "had no slots any more before its end was told";

  @Test
  void doubleFree_ofTheSlotsOfAJob_isFound() {
    assertThat(findings(DoubleFreeOnce::new))
        .hasSizeGreaterThan(SEEDS / 2)
        .anyMatch(finding -> finding.contains("is held by several"));
  }

  @Test
  void lostRequeue_ofAJobThatFailed_isFound() {
    assertThat(findings(LostRequeueOnce::new))
        .isNotEmpty()
        .anyMatch(finding -> finding.contains("was left though a node could run it"));
  }

  @Test
  void lateReply_ofAnAttemptThatWasGivenUp_isFoundIfItIsTaken() {
    assertThat(isFound(LateReplyTaken::new, Size.ANY, "ended again")).isTrue();
  }

  @Test
  void jobs_thatAreSentAgainWhenASessionGoesOn_areFound() {
    assertThat(findings(SendsAgain::new))
        .isNotEmpty()
        .anyMatch(finding -> finding.contains("starts attempt 1 again"));
  }

  @Test
  void outcome_thatIsDeliveredBeforeItIsInTheJournal_isFound() {
    assertThat(isFound(DeliversEarly::new, Size.ANY, "the journal does not know")).isTrue();
  }

  @Test
  void job_thatIsPassedForEver_isFound() {
    assertThat(isFound(NobodyWaits::new, new Size(1, 8000), "waited too long")).isTrue();
  }

  @Test
  void job_thatIsLeftWhereAnotherProgramHasTheSlots_isFound() {
    assertThat(isFound(ForgetsOthers::new, Size.ANY, "for other programs")).isTrue();
  }

  @Test
  void slots_thatAreFreedWhenACommandIsKilled_areFound() {
    assertThat(isFound(() -> new EndsAfterGrace(Work.Kind.COMMAND), Size.ANY, FREED)).isTrue();
  }

  @Test
  void slots_thatAreFreedOfAFunctionThatDoesNotStop_areFound() {
    assertThat(isFound(() -> new EndsAfterGrace(Work.Kind.CALL), Size.ANY, FREED)).isTrue();
  }

  @Test
  void command_thatIsNotKilledAfterItsGrace_isFound() {
    assertThat(isFound(ForgetsGrace::new, Size.ANY, "not killed after its grace")).isTrue();
  }

  @Test
  void command_thatIsKilledWithoutGrace_isFound() {
    assertThat(isFound(KillsAtOnce::new, Size.ANY, "before its grace was over")).isTrue();
  }

  /** Returns whether a seed finds it, of so many that it would be bad luck if none did. */
  private static boolean isFound(Supplier<Plant> plants, Size size, String what) {
    return LongStream.range(0, 5 * SEEDS)
        .mapToObj(seed -> Finding.of(seed, size, plants))
        .flatMap(Optional::stream)
        .anyMatch(finding -> finding.what().contains(what));
  }

  private static List<String> findings(Supplier<Plant> plants) {
    return LongStream.range(0, SEEDS)
        .mapToObj(seed -> Finding.of(seed, Size.ANY, plants))
        .flatMap(Optional::stream)
        .map(Finding::what)
        .toList();
  }

  /** Frees the slots of the third job that starts, while it runs. */
  private static final class DoubleFreeOnce implements Plant {
    private int started;

    @Override
    public void onStarted(NodeEngine engine, long job) {
      if (++started == 3) {
        DoubleFree.release(NodeProbe.lease(engine, job));
      }
    }
  }

  /** Forgets one job that is to run again. */
  private static final class LostRequeueOnce implements Plant {
    private boolean done;

    @Override
    public void onHeadTask(Head head) {
      done = done || PlantedInScheduler.forgetOne(HeadProbe.scheduler(head));
    }
  }

  /** Takes the reply of an attempt that was given up. */
  private static final class LateReplyTaken implements Plant {
    @Override
    public void onEnd(Head head, Dispatch.Ticket ticket, Message.Ended end) {
      ScheduledJob job = HeadProbe.scheduled(ticket);
      boolean late = job.phase() == ScheduledJob.Phase.ENDED || job.attempt() != end.attempt();
      if (late) {
        PlantedInScheduler.takeLateReply(HeadProbe.scheduler(head), job);
        HeadProbe.deliver(
            ticket, new JobEnd.Returned(Bytes.empty(), "late", end.attempt(), 1, job.history()));
      }
    }
  }

  /** Sends a node all its jobs again. */
  private static final class SendsAgain implements Plant {
    @Override
    public void onResumed(Head head, String node) {
      PlantedInScheduler.sendAgain(HeadProbe.scheduler(head), node);
      HeadProbe.pass(head);
    }
  }

  /** Believes that it has the nodes to itself. */
  private static final class ForgetsOthers implements Plant {
    @Override
    public void onHeadTask(Head head) {
      PlantedInScheduler.forgetOthers(HeadProbe.scheduler(head));
    }
  }

  /** Delivers what is still to be written. */
  private static final class DeliversEarly implements Plant {
    @Override
    public OutcomeLog log(OutcomeLog journal) {
      return (key, attempt, end, delivery) -> {
        delivery.accept(end);
        journal.write(key, attempt, end, _ -> {});
      };
    }
  }

  /** Takes a job for ended when its grace is over. */
  private record EndsAfterGrace(Work.Kind kind) implements Plant {
    @Override
    public void onGraceOver(NodeEngine engine, Order order) {
      if (order.spec().work().kind() == kind) {
        NodeProbe.end(engine, order);
      }
    }
  }

  /** Waits forever for a job that was asked to stop. */
  private static final class ForgetsGrace implements Plant {
    @Override
    public void onStop(NodeEngine engine, Order order) {
      NodeProbe.forgetGrace(engine, order);
    }
  }

  /** Kills a job when it is asked to stop. */
  private static final class KillsAtOnce implements Plant {
    @Override
    public void onStop(NodeEngine engine, Order order) {
      NodeProbe.kill(engine, order);
    }
  }

  /** Has nobody wait for an older job, at the head and at the nodes. */
  private static final class NobodyWaits implements Plant {
    @Override
    public int overtaking(int bound) {
      return 1 << 30;
    }
  }
}
