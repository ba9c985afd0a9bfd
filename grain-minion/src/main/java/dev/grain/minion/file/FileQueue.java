package dev.grain.minion.file;

import dev.grain.minion.DeliveredItem;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueStats;
import dev.grain.minion.file.Claims.Claimed;
import dev.grain.minion.file.Segment.Item;
import dev.grain.minion.file.Stock.Parcel;
import dev.grain.minion.file.Takeover.Loot;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A queue in a folder that all minions see. No process serves it, no lock is taken, and no clocks
 * are compared; all that has to be atomic is to rename a file.
 *
 * <p>Items are in immutable files, the segments. The name of a segment says how many of its items
 * are claimed; see {@link Marker}. A minion claims the next ones by renaming the file, as many as
 * it is likely to do within a second or two. What it has claimed is in its log, written before it
 * renames the file; see {@link History}. What became of single items is in its receipts, which are
 * written for several at a time, before others begin. Items that were delivered and are to be
 * delivered again, are published as a new segment.
 *
 * <p>A minion is taken for dead when its files have not grown for the time of a lease, by the clock
 * of the one that watches, and in several of its looks: a file server that stands still for longer
 * makes all look as if they were dead. Its items are taken over then; see {@link Takeover}. A
 * minion that was only frozen notices that its log was taken, and starts anew as another one.
 *
 * <p>A minion can be killed at any point. Nothing is lost: before every step a log says what is
 * about to happen, and whether it has happened can be seen afterwards. Only items that have begun
 * are delivered again.
 *
 * <p>What nobody needs any more is removed; see {@link Cleanup}. For that, a minion that works for
 * long starts a new log now and then, and takes over what is left from the old one, as from that of
 * another minion.
 */
final class FileQueue implements QueueEngine {
  private static final System.Logger LOG = System.getLogger("dev.grain.minion");

  /** After how long items that have not begun go back, because those before them take so long. */
  private static final long HOARDING_NANOS = 5 * Claims.CLAIM_NANOS;

  /** How many items that go back are collected, and for how long, before they are published. */
  private static final int MOST_COLLECTED = 256;

  private static final long COLLECTING_NANOS = 200_000_000L;

  private static final long FIRST_PAUSE = 5_000_000;
  private static final long LONGEST_PAUSE = 500_000_000;

  /** The minion shows that it lives after this part of the lease at the latest. */
  private static final int BEATS_PER_LEASE = 6;

  /** So often it looks at the others, while there is enough to do. */
  private static final int LOOKS_PER_LEASE = Peers.LOOKS_PER_LEASE;

  private static final int LOOKS_WHEN_IDLE = 16;

  private final Folder folder;
  private final Settings settings;
  private final Letters letters;

  // all only accessed by the thread of the queue
  private final Peers peers;
  private final Takeover takeover;
  private final Cleanup cleanup;
  private final Claims claims;
  private final Stock stock = new Stock();
  private final SequencedSet<Given> inFlight = new LinkedHashSet<>();
  private OwnLog log;
  private long lastBeat;
  private long writesAtBeat;
  private long lastLook;
  private long lastWatch;
  private boolean hasWarned;

  /**
   * How a minion uses a queue.
   *
   * @param lease after how long a minion that gives no sign of life is taken for dead
   * @param longestLog after how many bytes a new log is started, so that the old one can be removed
   * @param names gives names that no minion ever had
   * @param nanos the time, in nanoseconds from any moment on
   */
  record Settings(
      Duration lease, long longestLog, Supplier<String> names, LongSupplier nanos, Pause pause) {}

  /** Lets time pass. */
  @FunctionalInterface
  interface Pause {
    void of(long nanos) throws InterruptedException;
  }

  private FileQueue(Folder folder, Settings settings, OwnLog log) {
    this.folder = folder;
    this.settings = settings;
    this.letters = new Letters(folder);
    this.log = log;
    this.peers = new Peers(folder, settings.nanos(), settings.lease().toNanos());
    this.takeover = new Takeover(folder, peers);
    this.cleanup = new Cleanup(folder, peers);
    this.claims = new Claims(folder, takeover, settings.nanos());
    this.lastBeat = now();
    // so that the first look is at once
    this.lastLook = now() - settings.lease().toNanos();
    this.lastWatch = lastLook;
  }

  /** Opens a queue for a minion. */
  static FileQueue open(Folder folder, Settings settings) throws IOException {
    new Letters(folder).completeRequeues();
    OwnLog log = OwnLog.open(folder, settings.names().get());
    try {
      FileQueue queue = new FileQueue(folder, settings, log);
      // from now on it sees who is silent
      var _ = queue.peers.refresh();
      return queue;
    } catch (IOException | RuntimeException e) {
      log.close();
      throw e;
    }
  }

  private long now() {
    return settings.nanos().getAsLong();
  }

  // ---------------------------------------------------------------- delivering

  @Override
  public @Nullable Delivery next(Duration patience) throws QueueException, InterruptedException {
    long deadline = now() + patience.toNanos();
    long wait = FIRST_PAUSE;
    try {
      while (true) {
        Delivery delivery = nextNow();
        long left = deadline - now();
        if (delivery != null || left <= 0) {
          return delivery;
        }
        settings.pause().of(Math.min(left, wait));
        wait = Math.min(2 * wait, LONGEST_PAUSE);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private @Nullable Delivery nextNow() throws IOException {
    beat();
    var _ = look(LOOKS_PER_LEASE);
    publishReturning(false);
    while (true) {
      Parcel parcel = stock.takeDue(now());
      if (parcel != null) {
        return deliver(parcel);
      }
      if (!claim() && !publishReturning(true) && !look(LOOKS_WHEN_IDLE)) {
        return null;
      }
    }
  }

  private Delivery deliver(Parcel parcel) throws IOException {
    log.receipt('d', parcel.claim().number(), parcel.place());
    Given given = new Given(parcel);
    inFlight.add(given);
    return given;
  }

  /** Claims the next items; returns false if there are none. */
  private boolean claim() throws IOException {
    if (log.isLongerThan(settings.longestLog())) {
      renewLog();
    }
    Claimed claimed =
        claims.next(() -> {
          var _ = ensureMine();
          return log;
        });
    if (claimed == null) {
      return false;
    }
    hold(claimed.number(), claimed.items());
    return true;
  }

  private void hold(int number, List<Item> items) throws IOException {
    finishIfOver(stock.add(number, items, now()));
  }

  private void finishIfOver(Held claim) throws IOException {
    if (claim.isOver()) {
      stock.remove(claim);
      var _ = log.write(claim.line(), false);
    }
  }

  // ---------------------------------------------------------------- giving back

  @Override
  public void flush() throws QueueException {
    try {
      log.flush();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public void tend() throws QueueException {
    try {
      beat();
      watch();
      stopHoarding();
      var _ = publishReturning(false);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public void stopTaking() throws QueueException {
    try {
      publish(stock.takeAll(now()));
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Some are collected, because each time makes a file. */
  private void giveBack(Parcel parcel) throws IOException {
    stock.giveBack(parcel);
    var _ = publishReturning(false);
  }

  /**
   * Publishes items that are due to go back.
   *
   * @param now whether not to wait for more of them
   * @return whether there were any
   */
  private boolean publishReturning(boolean now) throws IOException {
    List<Parcel> due = stock.takeReturning(now(), MOST_COLLECTED, now ? 0 : COLLECTING_NANOS);
    publish(due);
    return !due.isEmpty();
  }

  /** Items that have not begun go back if those that were claimed with them take too long. */
  private void stopHoarding() throws IOException {
    Parcel first = stock.firstWaiting();
    if (first != null && now() - Math.max(claims.since(), first.claim().since()) > HOARDING_NANOS) {
      claims.slow();
      publish(stock.takeWaiting());
    }
  }

  /** Makes new segments of items; their delays start when they are claimed. */
  private void publish(List<Parcel> parcels) throws IOException {
    List<Parcel> some = new ArrayList<>();
    long bytes = 0;
    for (Parcel parcel : parcels) {
      some.add(parcel);
      bytes += parcel.item().value().length;
      if (some.size() >= Segment.MOST_ITEMS
          || bytes >= Segment.MOST_BYTES
          || parcel == parcels.getLast()) {
        publishSegment(some);
        if (!ensureMine()) {
          // another minion has the others
          return;
        }
        some.clear();
        bytes = 0;
      }
    }
  }

  private void publishSegment(List<Parcel> parcels) throws IOException {
    int number = log.nextNumber();
    SequencedMap<Integer, BitSet> moved = new LinkedHashMap<>();
    parcels.forEach(parcel ->
        moved.computeIfAbsent(parcel.claim().number(), _ -> new BitSet()).set(parcel.place()));
    folder
        .disk()
        .write(
            folder.unpublished(log.id(), number),
            new Segment(parcels.stream().map(Parcel::item).toList()).encode());
    StringBuilder line = new StringBuilder("p " + number + " " + parcels.size());
    moved.forEach(
        (claim, items) -> line.append(' ').append(claim).append(':').append(Ordinals.text(items)));
    if (!log.write(line.toString(), true)) {
      return;
    }
    Marker marker = Folder.published(log.id(), number, parcels.size());
    try {
      folder.disk().rename(folder.unpublished(log.id(), number), folder.place(marker));
    } catch (NoSuchFileException e) {
      // the answer was lost on the way from the file server, or the log was taken
    }
    var _ = log.write("q " + number, false);
    for (Parcel parcel : parcels) {
      parcel.claim().settled(parcel.place());
      finishIfOver(parcel.claim());
    }
  }

  // ---------------------------------------------------------------- the others

  /** Shows that this minion lives, if that is due, and finds out whether it is taken for dead. */
  private void beat() throws IOException {
    if (now() - lastBeat >= settings.lease().toNanos() / BEATS_PER_LEASE) {
      if (log.writes() == writesAtBeat) {
        log.beat();
      }
      writesAtBeat = log.writes();
      lastBeat = now();
      var _ = ensureMine();
    }
  }

  /**
   * Looks at the others, and removes what is needless, if that is due.
   *
   * @param perLease how often that is due
   * @return whether items were taken over
   */
  private boolean look(int perLease) throws IOException {
    if (now() - lastLook < settings.lease().toNanos() / perLease) {
      return false;
    }
    boolean found = false;
    while (takeOver()) {
      found = true;
    }
    clean();
    lastLook = now();
    lastWatch = lastLook;
    return found;
  }

  /** Sees which of the others live, while no item is asked for; if that is due. */
  void watch() throws IOException {
    if (now() - lastWatch >= settings.lease().toNanos() / LOOKS_PER_LEASE) {
      var _ = peers.refresh();
      lastWatch = now();
    }
  }

  /** Takes over the items of one minion that is dead, if there is one. */
  private boolean takeOver() throws IOException {
    var _ = peers.refresh();
    Loot loot = takeover.takeOne(log);
    if (loot == null || !ensureMine()) {
      return false;
    }
    List<Item> items = new ArrayList<>();
    try {
      for (Stretch stretch : loot.stretches()) {
        for (Item item :
            folder.segment(stretch.segment()).items().subList(stretch.from(), stretch.to())) {
          items.add(
              new Item(item.id(), item.value(), item.deliveries() + stretch.more(), item.delay()));
        }
      }
    } catch (IOException e) {
      if (ensureMine()) {
        throw e;
      }
      // the items are over, and their segment was removed
      return false;
    }
    hold(loot.number(), items);
    return true;
  }

  /** Removes what is needless; that can wait, so the minion goes on if it fails. */
  private void clean() {
    try {
      cleanup.run();
    } catch (IOException e) {
      if (!hasWarned) {
        hasWarned = true;
        LOG.log(
            System.Logger.Level.WARNING,
            "Files of the queue {0} that are not needed any more cannot be removed: {1}.",
            folder.root(),
            Reasons.of(e));
      }
    }
  }

  /**
   * Starts anew if another minion has taken the log, as it took this one for dead; it has all the
   * items now.
   *
   * @return whether it has not
   */
  private boolean ensureMine() throws IOException {
    if (log.isMine()) {
      return true;
    }
    OwnLog taken = log;
    log = OwnLog.open(folder, settings.names().get());
    forget();
    taken.close();
    return false;
  }

  private void forget() {
    for (Held claim : List.copyOf(stock.held().values())) {
      forget(claim);
    }
  }

  private void forget(Held claim) {
    stock.forget(claim);
    inFlight.removeIf(given -> {
      given.lost |= given.parcel.claim() == claim;
      return given.lost;
    });
  }

  /** Starts a new log, which says what is left of the old one, so that that one can be removed. */
  private void renewLog() throws IOException {
    OwnLog old = log;
    old.flush();
    OwnLog next = OwnLog.open(folder, settings.names().get());
    old.leave(false);
    Loot loot = takeover.takeOwn(old.id(), next);
    log = next;
    old.close();
    if (loot == null) {
      forget();
      return;
    }
    // others may have taken over the same from another minion, because this one was slow
    for (Held claim : List.copyOf(stock.held().values())) {
      if (!loot.claims().contains(claim.number())) {
        forget(claim);
      }
    }
    int count = loot.stretches().stream().mapToInt(Stretch::size).sum();
    UnaryOperator<Parcel> move = stock.unite(loot.number(), count, now());
    inFlight.forEach(given -> given.parcel = move.apply(given.parcel));
    for (Held claim : List.copyOf(stock.held().values())) {
      finishIfOver(claim);
    }
  }

  // ---------------------------------------------------------------- questions

  @Override
  public boolean isDrained() throws QueueException {
    try {
      // twice, as an item may go from one that is looked at later to one that was looked at before
      return stock.isEmpty()
          && hasNothingReady()
          && othersHaveNothing()
          && hasNothingReady()
          && othersHaveNothing();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private boolean hasNothingReady() throws IOException {
    return folder.readyMarkers().isEmpty();
  }

  private boolean othersHaveNothing() throws IOException {
    if (!peers.refresh()) {
      return false;
    }
    for (Peers.Peer peer : peers.all()) {
      boolean open =
          peer.taker() == null
              ? !peer.minion().equals(log.id()) && peer.history().isBusy()
              : peers.caredFor(peer) < peer.size();
      if (open) {
        return false;
      }
    }
    return true;
  }

  @Override
  public QueueStats stats() throws QueueException {
    try {
      log.flush();
      return Census.of(folder);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private QueueException failed(IOException e) {
    return new QueueException(
        "The queue %s cannot be used: %s.".formatted(folder.root(), Reasons.of(e)), e);
  }

  // ---------------------------------------------------------------- the end

  @Override
  public void close() throws QueueException {
    try {
      try {
        if (log.isMine()) {
          log.flush();
          List<Parcel> all = new ArrayList<>();
          inFlight.forEach(given -> all.add(given.again(0)));
          inFlight.clear();
          all.addAll(stock.takeAll(now()));
          publish(all);
          log.leave(true);
        }
      } finally {
        letters.close();
        log.close();
      }
      clean();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** An item that this minion works on. */
  private final class Given extends DeliveredItem {
    private Parcel parcel;
    // whether another minion has it, which took this one for dead
    private boolean lost;

    Given(Parcel parcel) {
      super(
          parcel.item().id(),
          parcel.item().value(),
          parcel.item().deliveries() + 1,
          settings.lease());
      this.parcel = parcel;
    }

    @Override
    public void extend() throws QueueException {
      tend();
    }

    @Override
    public void ack() throws QueueException {
      try {
        if (leave()) {
          log.receipt('a', parcel.claim().number(), parcel.place());
          parcel.claim().acked(parcel.place());
          finishIfOver(parcel.claim());
        }
      } catch (IOException e) {
        throw failed(e);
      }
    }

    @Override
    public void nack(Duration delay) throws QueueException {
      try {
        if (leave()) {
          giveBack(again(delay.toNanos()));
        }
      } catch (IOException e) {
        throw failed(e);
      }
    }

    @Override
    public void release() throws QueueException {
      try {
        if (leave()) {
          giveBack(new Parcel(parcel.claim(), parcel.place(), parcel.item().due(), now()));
        }
      } catch (IOException e) {
        throw failed(e);
      }
    }

    @Override
    public void dead(String reason) throws QueueException {
      try {
        if (leave()) {
          letters.add(log.id(), id(), value(), count(), reason);
          log.receipt('x', parcel.claim().number(), parcel.place());
          log.flush();
          parcel.claim().dead(parcel.place());
          finishIfOver(parcel.claim());
        }
      } catch (IOException e) {
        throw failed(e);
      }
    }

    /** Returns it as it is published when it is to be delivered again. */
    private Parcel again(long delay) {
      return new Parcel(parcel.claim(), parcel.place(), parcel.item().delivered(), now() + delay);
    }

    /** Returns false if another minion has it. */
    private boolean leave() throws IOException {
      end();
      beat();
      inFlight.remove(this);
      return !lost;
    }
  }

  /** Returns the claims that are open, for tests. */
  Map<Integer, Held> held() {
    return stock.held();
  }
}
