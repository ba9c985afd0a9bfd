package dev.grain.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.head.Head;
import dev.grain.head.HeadProbe;
import dev.grain.node.NodeEngine;
import dev.grain.node.NodeProbe;
import dev.grain.resource.internal.DoubleFree;
import dev.grain.schedule.LostRequeue;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The simulation finds bugs that are put into it. */
final class PlantedBugTest {
  private static final int SEEDS = 40;

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
      done = done || LostRequeue.forgetOne(HeadProbe.scheduler(head));
    }
  }
}
