package dev.grain.minion;

import dev.grain.CommandException;
import dev.grain.minion.QueueEngine.Delivery;
import dev.grain.minion.Workplace.End;
import dev.grain.minion.report.MinionEvent;
import dev.grain.minion.report.MinionEvent.Action;
import dev.grain.text.Durations;
import dev.grain.text.Exceptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Takes items from a queue as there is room for them, has them run, and tells the queue what became
 * of them. One thread does all this, as the queue wants it; jobs and hooks run on others.
 */
final class MinionLoop {
  private static final System.Logger LOG = System.getLogger("dev.grain.minion");

  /** How long the queue is waited for at a time while nothing, or something, runs. */
  private static final Duration IDLE = Duration.ofSeconds(1);

  private static final Duration BUSY = Duration.ofMillis(20);

  /** A queue that has had nothing for a while is asked as rarely as this, while something runs. */
  private static final Duration LONGEST_BUSY = Duration.ofMillis(320);

  /**
   * How long jobs that were stopped are waited for: longer than commands have before they are
   * killed. Some hooks ignore that they are stopped.
   */
  private static final Duration STOPPING = Duration.ofSeconds(15);

  /** How long an item waits for others that begin with it, if the queue takes long to give them. */
  private static final long LONGEST_FRESH_NANOS = 5_000_000;

  /** After how long items go back that wait for slots, because those before them take so long. */
  private static final long HOARDING_NANOS = 5_000_000_000L;

  /**
   * An item that was delivered more often than this may be one that kills minions. It has no
   * neighbours for a while, whose deliveries would count as well.
   */
  private static final int UNSUSPECTED = 2;

  private static final long ALONE_NANOS = 1_000_000_000L;

  /** After how many jobs in a row that could not start, none will. */
  private static final int HOPELESS = 3;

  /** A lease is extended when this part of it is over. */
  private static final int PART_OF_LEASE = 3;

  /** Those by which others stop programs. */
  private static final Set<String> STOPPING_SIGNALS = Set.of("SIGTERM", "SIGINT", "SIGHUP");

  private final MinionWork work;
  private final Minion.Settings settings;
  private final Room room;
  private final boolean reported;
  private final QueueEngine queue;
  private final String uid = UUID.randomUUID().toString();
  private final String node = node();
  private final Map<String, String> batch;
  private final Ends ends = new Ends();

  // set by any thread
  private volatile boolean stopping;

  // all only accessed by the thread of the loop
  private final Window window;
  private final Pulse pulse;
  private final InFlight inFlight = new InFlight();
  // those in flight that were taken and not started yet
  private final List<ItemRun> fresh = new ArrayList<>();
  // when the next lease may have to be extended, by System.nanoTime
  private long extension = System.nanoTime();
  private long generation;
  private long succeeded;
  private long failed;
  private long dead;
  private long returned;
  private boolean killed;
  private int notStarted;
  private @Nullable ItemRun suspect;
  // when to ask for items again, by System.nanoTime, after one could not be started
  private long resumption = System.nanoTime();
  private @Nullable String hopeless;

  MinionLoop(MinionWork work, Minion.Settings settings, Room room, QueueEngine queue) {
    this.work = work;
    this.settings = settings.clone();
    this.room = room;
    this.reported = settings.isReported();
    this.queue = queue;
    this.batch = BatchSystem.ids(settings.queueSettings.variables());
    this.window = new Window(room.items(), room.limits());
    this.pulse = new Pulse(this.settings, uid, node, batch);
  }

  private static String node() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  /** Takes no more items; for any thread. */
  void stop() {
    stopping = true;
    ends.wake();
  }

  MinionResult run() throws QueueException, InterruptedException {
    long began = System.nanoTime();
    String failure = null;
    try (queue;
        Workplace workplace = open()) {
      try {
        if (!work(workplace)) {
          wind();
        }
      } finally {
        // there are some if the queue has failed
        inFlight.all().forEach(ItemRun::stop);
      }
    } catch (Throwable e) {
      failure = Exceptions.describe(e);
      throw e;
    } finally {
      pulse.end(failure == null ? hopeless : failure, counts());
      closeReporter();
    }
    if (hopeless != null) {
      throw new IllegalStateException(
          "The minion has ended, as jobs cannot be started: " + hopeless);
    }
    return new MinionResult(
        succeeded,
        failed,
        dead,
        returned,
        Duration.ofNanos(System.nanoTime() - began),
        stopping,
        killed);
  }

  private Workplace open() throws QueueException {
    try {
      return Workplace.open(work, settings, room);
    } catch (IOException e) {
      throw new QueueException(
          "The minion cannot make its folder for output: %s. Set java.io.tmpdir to a folder that can be written."
              .formatted(e.getMessage()),
          e);
    }
  }

  private void closeReporter() {
    try {
      settings.reporter.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "The reporter failed: {0}", e.getMessage());
    }
  }

  // ---------------------------------------------------------------- working

  /** Works until the queue is drained, or this is stopped; returns whether it is drained. */
  private boolean work(Workplace workplace) throws QueueException, InterruptedException {
    double asked = time();
    Duration pause = BUSY;
    while (!isOver()) {
      settle(Duration.ZERO);
      long now = System.nanoTime();
      extendLeases(now);
      pulse(now);
      long pausing = pause(now);
      if (pausing > 0 || inFlight.size() >= window.size(now)) {
        startFresh(workplace);
        Duration most = inFlight.isEmpty() ? IDLE : untilExtension();
        settle(pausing > 0 && pausing < most.toNanos() ? Duration.ofNanos(pausing) : most);
        asked = time();
        continue;
      }
      if (!fresh.isEmpty() && now - fresh.getFirst().taken > LONGEST_FRESH_NANOS) {
        startFresh(workplace);
      }
      Delivery delivery = queue.next(Duration.ZERO);
      if (delivery == null) {
        startFresh(workplace);
      }
      if (delivery == null && inFlight.isEmpty()) {
        if (!settings.follow && queue.isDrained()) {
          pulse.ask(queue);
          return true;
        }
        delivery = queue.next(IDLE);
      }
      if (delivery != null) {
        begin(workplace, delivery, asked);
        asked = time();
        pause = BUSY;
      } else if (!inFlight.isEmpty()) {
        Duration left = untilExtension();
        settle(left.compareTo(pause) < 0 ? left : pause);
        pause = pause.compareTo(LONGEST_BUSY) < 0 ? pause.multipliedBy(2) : LONGEST_BUSY;
      }
    }
    return false;
  }

  /** Returns for how many nanoseconds no item is asked for, whether there is room or not. */
  private long pause(long now) {
    if (suspect != null && !inFlight.contains(suspect)) {
      suspect = null;
    }
    long alone = suspect == null ? 0 : suspect.taken + ALONE_NANOS - now;
    return Math.max(alone, resumption - now);
  }

  private void pulse(long now) {
    if (pulse.isDue(now)) {
      pulse.beat(queue, isOver(), counts(), inFlight.byAge());
    }
  }

  /** Returns the time in seconds since 1970, if anybody is told of it. */
  private double time() {
    return reported ? MinionCall.now() : 0;
  }

  private Pulse.Counts counts() {
    return new Pulse.Counts(succeeded, failed, dead, returned);
  }

  private boolean isOver() {
    return stopping || hopeless != null;
  }

  private void begin(Workplace workplace, Delivery delivery, double asked) throws QueueException {
    generation++;
    ItemRun item = new ItemRun(settings, workplace, delivery, generation, asked);
    Parameter parameter;
    try {
      parameter = Parameter.decode(delivery.value(), settings.decoder);
    } catch (IllegalArgumentException e) {
      String reason = "The item cannot be decoded: " + e.getMessage() + ".";
      bury(item, reason);
      return;
    }
    item.parameter = parameter;
    if (delivery.count() > settings.maxDeliveries) {
      bury(
          item,
          "The item was delivered %s times, and no minion has finished it."
              .formatted(delivery.count() - 1));
      return;
    }
    if (settings.dryRun) {
      // code of the program may make the command
      queue.flush();
      show(workplace, item, parameter);
      return;
    }
    inFlight.add(item);
    if (delivery.count() > UNSUSPECTED) {
      suspect = item;
    }
    if (due(item) - extension < 0) {
      extension = due(item);
    }
    fresh.add(item);
    if (fresh.size() >= workplace.batch()) {
      startFresh(workplace);
    }
  }

  /** Starts what was taken, once the queue has noted that. */
  private void startFresh(Workplace workplace) throws QueueException {
    queue.flush();
    if (fresh.isEmpty()) {
      return;
    }
    for (ItemRun item : fresh) {
      item.start(end -> ends.add(item, end));
    }
    fresh.clear();
    workplace.flush();
  }

  /** Prints what would be run, and acknowledges the item all the same. */
  private void show(Workplace workplace, ItemRun item, Parameter parameter) throws QueueException {
    String problem = null;
    try {
      settings.out.println("[dry mode] " + workplace.describe(parameter));
      succeeded++;
    } catch (RuntimeException e) {
      problem =
          e instanceof IllegalArgumentException
              ? String.valueOf(e.getMessage())
              : Exceptions.describe(e);
      failed++;
      note(item, problem);
    }
    item.delivery.ack();
    report(item, problem);
  }

  /** Makes a dead letter of it. */
  private void bury(ItemRun item, String reason) throws QueueException {
    dead++;
    note(item, reason);
    item.delivery.dead(reason);
    report(item, reason);
  }

  // ---------------------------------------------------------------- leases

  private void extendLeases(long now) throws QueueException {
    if (inFlight.isEmpty() || now - extension < 0) {
      return;
    }
    long next = now + IDLE.toNanos();
    for (ItemRun item : inFlight.all()) {
      if (now - due(item) >= 0) {
        item.extended = now;
        item.delivery.extend();
      }
      next = Math.min(next, due(item));
    }
    extension = next;
    queue.tend();
    returnSurplus(now);
  }

  /** Stops items that were taken while items were short, and wait behind one that is not. */
  private void returnSurplus(long now) {
    int surplus = inFlight.size() - room.items();
    if (surplus <= 0) {
      return;
    }
    for (ItemRun item : inFlight.byAge().reversed()) {
      if (surplus <= 0) {
        return;
      }
      if (now - item.taken >= HOARDING_NANOS && item.isWaiting()) {
        item.stop();
        surplus--;
      }
    }
  }

  /** Returns when a lease has to be extended. */
  private static long due(ItemRun item) {
    return item.extended + item.delivery.lease().toNanos() / PART_OF_LEASE;
  }

  /** Returns how long nothing has to be done for the items in flight. */
  private Duration untilExtension() {
    return Duration.ofNanos(Math.clamp(extension - System.nanoTime(), 0, IDLE.toNanos()));
  }

  // ---------------------------------------------------------------- ending

  /** Tells the queue of all items that have ended; waits for the first one. */
  private void settle(Duration patience) throws QueueException, InterruptedException {
    for (Ends.Ended each : ends.take(patience)) {
      settle(each.item(), each.end());
    }
  }

  private void settle(ItemRun item, End end) throws QueueException {
    inFlight.remove(item);
    if (!(end instanceof End.Stopped)) {
      window.ended(System.nanoTime());
    }
    notStarted = end instanceof End.NotStarted ? notStarted + 1 : 0;
    switch (end) {
      case End.Done done -> {
        succeeded++;
        if (reported) {
          item.actions.addAll(done.actions());
        }
        item.delivery.ack();
        report(item, null);
      }
      case End.Impossible(String words) -> bury(item, words);
      case End.Failed(CommandException why, String _) when stopping && isStopped(why) -> {
        // what stops the minion has stopped the program, too, as batch systems do
        returned++;
        item.delivery.nack(Duration.ZERO);
      }
      case End.Failed(Throwable _, String words) -> onFailed(item, words);
      case End.NotStarted(String words) -> {
        failed++;
        note(item, words);
        // it has not begun, so that it is this minion that waits
        item.delivery.release();
        resumption = System.nanoTime() + settings.retryDelay.toNanos();
        report(item, words);
        if (notStarted >= HOPELESS) {
          hopeless = words;
        }
      }
      case End.Stopped(boolean begun) -> {
        returned++;
        if (begun) {
          item.delivery.nack(Duration.ZERO);
        } else {
          item.delivery.release();
        }
      }
    }
  }

  private static boolean isStopped(CommandException why) {
    return why.signal().map(STOPPING_SIGNALS::contains).orElse(false);
  }

  private void onFailed(ItemRun item, String words) throws QueueException {
    failed++;
    note(item, words);
    switch (settings.onFailure) {
      case ACK -> item.delivery.ack();
      case NACK -> {
        if (item.delivery.count() >= settings.maxDeliveries) {
          dead++;
          item.delivery.dead(words);
        } else {
          item.delivery.nack(settings.retryDelay);
        }
      }
      case DEAD -> {
        dead++;
        item.delivery.dead(words);
      }
    }
    report(item, words);
  }

  private void note(ItemRun item, String words) {
    settings.err.println(
        "minion: item %s failed: %s".formatted(shortened(item.text()), words.strip()));
    settings.err.flush();
  }

  private static String shortened(String text) {
    String line = text.replace('\n', ' ');
    return line.length() > 100 ? line.substring(0, 100) + "..." : line;
  }

  private void report(ItemRun item, @Nullable String error) {
    if (!reported) {
      return;
    }
    double now = time();
    List<Action> actions = new ArrayList<>(item.actions);
    if (item.processed > 0) {
      actions.add(new Action("teardown", item.processed, now));
    }
    try {
      settings.reporter.fire(
          new MinionEvent(
              uid,
              item.generation,
              item.start,
              now,
              item.parameter == null ? item.text() : item.parameter.value(),
              error,
              actions,
              node,
              new LinkedHashMap<>(batch)));
    } catch (IOException | RuntimeException e) {
      pulse.onFailure(e);
    }
  }

  // ---------------------------------------------------------------- stopping

  /** Gives back what has not begun, and waits for what runs, within bounds. */
  private void wind() throws QueueException, InterruptedException {
    queue.stopTaking();
    for (ItemRun item : fresh) {
      settle(item, new End.Stopped(false));
    }
    fresh.clear();
    inFlight.byAge().stream().filter(item -> !item.hasBegun()).forEach(ItemRun::stop);
    long deadline = System.nanoTime() + settings.grace.toNanos();
    while (!inFlight.isEmpty()) {
      queue.flush();
      long now = System.nanoTime();
      extendLeases(now);
      pulse(now);
      long left = deadline - now;
      if (left <= 0 && killed) {
        giveUp();
        break;
      }
      if (left <= 0) {
        killed = true;
        inFlight.all().forEach(ItemRun::stop);
        deadline += STOPPING.toNanos();
      }
      Duration wait = untilExtension();
      settle(wait.toNanos() < left ? wait : Duration.ofNanos(Math.max(1, left)));
    }
    // before the end of the jobs is waited for
    queue.flush();
  }

  /** Gives back what does not end although it was stopped: hooks and functions can ignore that. */
  private void giveUp() throws QueueException {
    for (ItemRun item : inFlight.byAge()) {
      note(item, "it was stopped " + Durations.readable(STOPPING) + " ago, but has not ended");
      item.delivery.nack(Duration.ZERO);
      inFlight.remove(item);
      returned++;
    }
  }
}
