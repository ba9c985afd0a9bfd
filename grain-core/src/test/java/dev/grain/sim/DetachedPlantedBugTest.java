package dev.grain.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Attempt;
import dev.grain.bytes.Bytes;
import dev.grain.dispatch.DetachedStore;
import dev.grain.dispatch.JobEnd;
import dev.grain.dispatch.StoredJob;
import dev.grain.head.DetachedClient;
import dev.grain.head.Head;
import dev.grain.head.HeadProbe;
import dev.grain.node.link.HeadSessions;
import dev.grain.node.link.LinkProbe;
import dev.grain.schedule.PlantedInScheduler;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The simulation of detached jobs finds bugs that are put into it. */
final class DetachedPlantedBugTest {
  private static final int SEEDS = 1_000;

  @Test
  void order_thatIsSentBeforeItIsInTheStore_isFound() {
    assertThat(isFound(SendsEarly::new, "before it is kept")).isTrue();
  }

  @Test
  void end_thatIsSettledBeforeItIsInTheStore_isFound() {
    assertThat(isFound(SettlesEarly::new, "is not in the store")).isTrue();
  }

  @Test
  void end_thatAWorkerForgetsBeforeItIsSettled_isFound() {
    assertThat(isFound(ForgetsEnds::new, "runs again")).isTrue();
  }

  @Test
  void job_thatRunsBeforeItsWorkerHasAnswered_isFound() {
    assertThat(isFound(DoesNotWait::new, "runs twice")).isTrue();
  }

  @Test
  void job_thatIsForgottenWhileItsWorkerIsAway_isFound() {
    assertThat(isFound(ForgetsAwaited::new, "did not end")).isTrue();
  }

  @Test
  void job_thatANewLifeOfTheHeadDoesNotTake_isFound() {
    assertThat(isFound(TakesTooFew::new, "did not end")).isTrue();
  }

  @Test
  void end_thatIsDeliveredTwice_isFound() {
    assertThat(isFound(DeliversTwice::new, "ended again")).isTrue();
  }

  @Test
  void attempt_thatIsSentTwice_isFound() {
    assertThat(isFound(SendsAgain::new, "again")).isTrue();
  }

  @Test
  void orphans_thatAreStoppedTooEarly_areFound() {
    assertThat(isFound(GivesUpEarly::new, "gives up a head")).isTrue();
  }

  @Test
  void orphans_thatAreNeverStopped_areFound() {
    assertThat(isFound(NeverGivesUp::new, "of a head that is gone")).isTrue();
  }

  /** Returns whether a seed finds it, of so many that it would be bad luck if none did. */
  private static boolean isFound(Supplier<DetachedPlant> plants, String what) {
    return LongStream.range(0, SEEDS)
        .mapToObj(seed -> Finding.ofDetached(seed, Size.ANY, plants))
        .flatMap(Optional::stream)
        .anyMatch(finding -> finding.what().contains(what));
  }

  /** A store that passes everything on. */
  private static class PassingStore implements DetachedStore {
    private final DetachedStore store;

    PassingStore(DetachedStore store) {
      this.store = store;
    }

    @Override
    public void onSending(long job, int attempt, StoredJob.Holder holder, Runnable kept) {
      store.onSending(job, attempt, holder, kept);
    }

    @Override
    public void onAttempt(long job, Attempt ended, int losses, Runnable kept) {
      store.onAttempt(job, ended, losses, kept);
    }

    @Override
    public void onEnd(long job, int attempt, JobEnd end, Runnable kept) {
      store.onEnd(job, attempt, end, kept);
    }

    @Override
    public void onState(long job, State state, int attempt, @Nullable String worker) {
      store.onState(job, state, attempt, worker);
    }

    @Override
    public void onOutput(long job, int attempt, String worker, Bytes text, boolean error) {
      store.onOutput(job, attempt, worker, text, error);
    }
  }

  /** Sends orders that the store does not have yet. */
  private static final class SendsEarly implements DetachedPlant {
    @Override
    public DetachedStore store(DetachedStore store) {
      return new PassingStore(store) {
        @Override
        public void onSending(long job, int attempt, StoredJob.Holder holder, Runnable kept) {
          super.onSending(job, attempt, holder, () -> {});
          kept.run();
        }
      };
    }
  }

  /** Settles ends that the store does not have yet. */
  private static final class SettlesEarly implements DetachedPlant {
    @Override
    public DetachedStore store(DetachedStore store) {
      return new PassingStore(store) {
        @Override
        public void onEnd(long job, int attempt, JobEnd end, Runnable kept) {
          super.onEnd(job, attempt, end, () -> {});
          kept.run();
        }
      };
    }
  }

  /** Delivers each end twice. */
  private static final class DeliversTwice implements DetachedPlant {
    @Override
    public DetachedStore store(DetachedStore store) {
      return new PassingStore(store) {
        @Override
        public void onEnd(long job, int attempt, JobEnd end, Runnable kept) {
          super.onEnd(job, attempt, end, kept);
          super.onEnd(job, attempt, end, () -> {});
        }
      };
    }
  }

  /** Forgets the ends that are to be told when the head is back. */
  private static final class ForgetsEnds implements DetachedPlant {
    @Override
    public void onWorkerTask(HeadSessions sessions) {
      LinkProbe.forgetOrphanedEnds(sessions);
    }
  }

  /** Takes workers that are away for gone. */
  private static final class DoesNotWait implements DetachedPlant {
    @Override
    public void onHeadTask(Head head, DetachedClient client) {
      HeadProbe.stopAwaiting(client);
    }
  }

  /** Forgets jobs whose worker is away. */
  private static final class ForgetsAwaited implements DetachedPlant {
    @Override
    public void onHeadTask(Head head, DetachedClient client) {
      HeadProbe.forgetAwaited(client);
    }
  }

  /** Does not take all jobs of the store. */
  private static final class TakesTooFew implements DetachedPlant {
    @Override
    public List<StoredJob> load(List<StoredJob> stored) {
      return stored.subList(0, Math.max(0, stored.size() - 1));
    }
  }

  /** Sends the jobs of a worker again, once. */
  private static final class SendsAgain implements DetachedPlant {
    private static final int TASKS = 50;

    private int tasks;

    @Override
    public void onHeadTask(Head head, DetachedClient client) {
      if (++tasks == TASKS) {
        PlantedInScheduler.sendAgain(HeadProbe.scheduler(head), "node1");
      }
    }
  }

  /** Gives up a head as soon as it is away. */
  private static final class GivesUpEarly implements DetachedPlant {
    @Override
    public void onWorkerTask(HeadSessions sessions) {
      LinkProbe.abandonOrphans(sessions);
    }
  }

  /** Waits for a head forever. */
  private static final class NeverGivesUp implements DetachedPlant {
    @Override
    public void onWorkerTask(HeadSessions sessions) {
      LinkProbe.forgetOrphanTimers(sessions);
    }
  }
}
