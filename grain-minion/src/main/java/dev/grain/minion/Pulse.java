package dev.grain.minion;

import dev.grain.minion.report.MinionState;
import dev.grain.minion.report.MinionStatus;
import dev.grain.minion.report.Reporter;
import dev.grain.text.Exceptions;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells the reporter what the minion does, about once a second, if it wants to know. For the thread
 * of the loop.
 */
final class Pulse {
  private static final System.Logger LOG = System.getLogger("dev.grain.minion");

  private static final long BEAT_NANOS = 1_000_000_000;

  /** How long after an answer the queue is asked again how much it has. */
  private static final long ASK_NANOS = 2_000_000_000;

  /** The queue is asked for at most one in this number of seconds. */
  private static final int SHARE_OF_ASKING = 50;

  private static final int MOST_ITEMS = 20;
  private static final int LONGEST_ITEM = 200;
  private static final Pattern CREDENTIALS = Pattern.compile("//[^/]*@");

  private final Reporter reporter;
  private final boolean wanted;
  private final LastLines out;
  private final LastLines err;
  private final String uid;
  private final String node;
  private final Map<String, String> batch;
  private final double start = MinionCall.now();
  private MinionStatus.Queue queue;
  private long nextBeat;
  private long nextQuestion;
  private boolean mute;
  private boolean failing;

  /** How many items have ended, and how. */
  record Counts(long succeeded, long failed, long dead, long returned) {}

  /**
   * Makes one that has not told anything.
   *
   * @param settings those of the loop, whose streams are replaced by streams that remember
   * @param batch the ids of the job of a batch system, if there is one
   */
  Pulse(Minion.Settings settings, String uid, String node, Map<String, String> batch) {
    this.batch = batch;
    this.reporter = settings.reporter;
    this.wanted = reporter.wantsStatus();
    this.uid = uid;
    this.node = node;
    this.queue =
        MinionStatus.Queue.unknown(
            CREDENTIALS.matcher(String.valueOf(settings.queue)).replaceAll("//"));
    this.out = new LastLines(settings.out);
    this.err = new LastLines(settings.err);
    if (wanted) {
      settings.out = out.stream();
      settings.err = err.stream();
    }
    this.nextBeat = System.nanoTime();
    this.nextQuestion = nextBeat;
  }

  /**
   * Returns whether it is to be told.
   *
   * @param now the time, by System.nanoTime
   */
  boolean isDue(long now) {
    return wanted && now - nextBeat >= 0;
  }

  /** Tells it. */
  void beat(QueueEngine engine, boolean stopping, Counts counts, Collection<ItemRun> inFlight) {
    long now = System.nanoTime();
    nextBeat = now + BEAT_NANOS;
    if (now - nextQuestion >= 0) {
      ask(engine);
    }
    MinionState state =
        stopping
            ? MinionState.STOPPING
            : inFlight.isEmpty() ? MinionState.WAITING : MinionState.WORKING;
    tell(state, null, counts, inFlight);
  }

  /**
   * Tells that the minion has ended.
   *
   * @param failure why it could not go on; null if it could
   */
  void end(@Nullable String failure, Counts counts) {
    if (wanted) {
      tell(failure == null ? MinionState.ENDED : MinionState.FAILED, failure, counts, List.of());
    }
  }

  /**
   * Asks how much the queue has. One that fails to tell is not asked again; it works, or the loop
   * will notice.
   */
  void ask(QueueEngine engine) {
    if (!wanted || mute) {
      return;
    }
    long began = System.nanoTime();
    try {
      QueueStats stats = engine.stats();
      queue =
          new MinionStatus.Queue(
              queue.address(),
              MinionCall.now(),
              stats.ready(),
              stats.inFlight(),
              stats.done(),
              stats.dead());
    } catch (QueueException | RuntimeException e) {
      mute = true;
      LOG.log(
          System.Logger.Level.WARNING,
          "The queue cannot tell how much it has: {0}",
          Exceptions.describe(e));
    }
    long ended = System.nanoTime();
    nextQuestion = ended + Math.max(ASK_NANOS, (ended - began) * SHARE_OF_ASKING);
  }

  private void tell(
      MinionState state, @Nullable String failure, Counts counts, Collection<ItemRun> inFlight) {
    MinionStatus status =
        new MinionStatus(
            uid,
            node,
            ProcessHandle.current().pid(),
            new LinkedHashMap<>(batch),
            start,
            MinionCall.now(),
            state,
            failure,
            counts.succeeded(),
            counts.failed(),
            counts.dead(),
            counts.returned(),
            inFlight.size(),
            inFlight.stream().limit(MOST_ITEMS).map(Pulse::item).toList(),
            queue,
            out.lines(),
            err.lines());
    try {
      reporter.status(status);
      failing = false;
    } catch (IOException | RuntimeException e) {
      onFailure(e);
    }
  }

  private static MinionStatus.Item item(ItemRun item) {
    String text = item.text();
    return new MinionStatus.Item(
        item.generation,
        item.start,
        text.length() > LONGEST_ITEM ? text.substring(0, LONGEST_ITEM) + "..." : text);
  }

  /** Logs that the reporter has failed, once until it works again. */
  void onFailure(Exception e) {
    if (!failing) {
      LOG.log(System.Logger.Level.WARNING, "The reporter failed: {0}", Exceptions.describe(e));
    }
    failing = true;
  }
}
