package dev.grain.sim;

import dev.grain.Cause;
import dev.grain.bytes.Bytes;
import dev.grain.dispatch.JobEnd;
import dev.grain.dispatch.OutcomeLog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The journal of a program, which outlives it. What is written while the disk is busy goes to it
 * together; if the program dies meanwhile, some of it is there, as far as it came.
 */
final class SimulatedJournal implements OutcomeLog {
  /** How long a write takes at least. */
  private static final int LEAST_NANOS = 1_000;

  private final World world;
  // how different the times are that the disk takes
  private final int doublings;
  private final Map<Bytes, JobEnd.Returned> kept = new HashMap<>();
  private List<Waiting> waiting = new ArrayList<>();
  private List<Waiting> writing = List.of();
  private int crashes;
  private int writesLeft;
  private Runnable crash = () -> {};

  private record Waiting(Bytes key, JobEnd end, Consumer<JobEnd> delivery) {}

  SimulatedJournal(World world) {
    this.world = world;
    this.doublings = 4 + world.below(14);
  }

  /** Has something happen in the middle of a write, so many writes later; 0 for never. */
  void duringWrite(int writes, Runnable what) {
    writesLeft = writes;
    crash = what;
  }

  /** Returns the key of a job. */
  static Bytes key(int job) {
    return SimulatedClient.text(job, 0, 0);
  }

  /** Returns what a job has returned in an earlier life; null if nothing is known. */
  JobEnd.@Nullable Returned find(int job) {
    return kept.get(key(job));
  }

  @Override
  public void write(Bytes key, int attempt, JobEnd end, Consumer<JobEnd> delivery) {
    if (end instanceof JobEnd.Ended ended && ended.cause() == Cause.CANCELLED) {
      delivery.accept(end);
      return;
    }
    waiting.add(new Waiting(key, end, delivery));
    if (writing.isEmpty()) {
      writeNext();
    }
  }

  private void writeNext() {
    writing = waiting;
    waiting = new ArrayList<>();
    int crashesBefore = crashes;
    if (!writing.isEmpty()) {
      if (--writesLeft == 0) {
        world.after(world.below(LEAST_NANOS), crash);
      }
      world.after(
          world.scaled(LEAST_NANOS, doublings),
          () -> {
            if (crashes == crashesBefore) {
              writing.forEach(SimulatedJournal.this::keep);
              writing.forEach(each -> each.delivery.accept(each.end));
              writeNext();
            }
          });
    }
  }

  private void keep(Waiting entry) {
    if (entry.end
        instanceof JobEnd.Returned(Bytes value, String worker, int attempt, long ran, var _)) {
      kept.put(entry.key, new JobEnd.Returned(value, worker, attempt, ran, List.of()));
    }
  }

  /** The program dies. */
  void crash() {
    crashes++;
    writing.subList(0, world.below(writing.size() + 1)).forEach(this::keep);
    writing = List.of();
    waiting = new ArrayList<>();
  }
}
