package dev.grain.minion.file;

import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueStats;
import dev.grain.minion.file.Segment.Item;
import dev.grain.minion.file.Takeover.Loot;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A queue in a folder that all minions see. No process serves it, no lock is taken, and no clocks
 * are compared; all that has to be atomic is to rename a file.
 *
 * <p>Items are in immutable files, the segments. The name of a segment says how many of its items
 * are claimed; see {@link Marker}. A minion claims the next ones by renaming the file, as many as
 * it is likely to do within a second or two. What it has claimed is in its log, written before it
 * renames the file; see {@link History}. What became of single items is in its receipts. Items that
 * were delivered and are to be delivered again, are published as a new segment.
 *
 * <p>A minion is taken for dead when its files have not grown for the time of a lease, by the clock
 * of the one that watches. Its items are taken over then; see {@link Takeover}. A minion that was
 * only frozen notices that its log was taken, and starts anew as another one.
 *
 * <p>A minion can be killed at any point. Nothing is lost: before every step a log says what is
 * about to happen, and whether it has happened can be seen afterwards. Only items that have begun
 * are delivered again.
 */
final class FileQueue implements QueueEngine {
  /** How long the items of a claim are to last. */
  private static final long CLAIM_NANOS = 1_000_000_000L;

  /** After how long items that have not begun go back, because those before them take so long. */
  private static final long HOARDING_NANOS = 5 * CLAIM_NANOS;

  private static final int MOST_CLAIMED = 4096;

  /** How many items that go back are collected, and for how long, before they are published. */
  private static final int MOST_COLLECTED = 256;

  private static final long COLLECTING_NANOS = 200_000_000L;

  private static final long FIRST_PAUSE = 5_000_000;
  private static final long LONGEST_PAUSE = 500_000_000;

  private final Folder folder;
  private final Duration lease;
  private final Supplier<String> names;
  private final LongSupplier nanos;
  private final Pause pause;
  private final Letters letters;

  // all only accessed by the thread of the queue
  private final Peers peers;
  private final Takeover takeover;
  private OwnLog log;
  private final SequencedMap<Integer, Held> held = new LinkedHashMap<>();
  private final Deque<Parcel> waiting = new ArrayDeque<>();
  private final PriorityQueue<Parcel> delayed =
      new PriorityQueue<>(Comparator.comparingLong(Parcel::due));
  private final PriorityQueue<Parcel> returning =
      new PriorityQueue<>(Comparator.comparingLong(Parcel::due));
  private final SequencedSet<Given> inFlight = new LinkedHashSet<>();
  private int claimSize = 1;
  private long claimedAt;
  private long lastBeat;
  private long writesAtBeat;
  private long lastLook;

  /** Lets time pass. */
  @FunctionalInterface
  interface Pause {
    void of(long nanos) throws InterruptedException;
  }

  /** An item that is claimed, and due at some time. */
  private record Parcel(Held claim, int place, Item item, long due) {}

  private FileQueue(
      Folder folder,
      Duration lease,
      Supplier<String> names,
      LongSupplier nanos,
      Pause pause,
      OwnLog log) {
    this.folder = folder;
    this.lease = lease;
    this.names = names;
    this.nanos = nanos;
    this.pause = pause;
    this.letters = new Letters(folder);
    this.log = log;
    this.peers = new Peers(folder, nanos);
    this.takeover = new Takeover(folder, peers);
    long now = nanos.getAsLong();
    this.lastBeat = now;
    // neither fast nor slow
    this.claimedAt = now - 3 * CLAIM_NANOS / 2;
    this.lastLook = now;
  }

  /**
   * Opens a queue for a minion.
   *
   * @param lease after how long a minion that gives no sign of life is taken for dead
   * @param names gives names that no minion ever had
   */
  static FileQueue open(
      Folder folder, Duration lease, Supplier<String> names, LongSupplier nanos, Pause pause)
      throws IOException {
    new Letters(folder).completeRequeues();
    OwnLog log = OwnLog.open(folder, names.get());
    FileQueue queue = new FileQueue(folder, lease, names, nanos, pause, log);
    // from now on it sees who is silent
    queue.peers.refresh();
    return queue;
  }

  // ---------------------------------------------------------------- delivering

  @Override
  public @Nullable Delivery next(Duration patience) throws QueueException, InterruptedException {
    long deadline = nanos.getAsLong() + patience.toNanos();
    long wait = FIRST_PAUSE;
    try {
      while (true) {
        Delivery delivery = nextNow();
        long left = deadline - nanos.getAsLong();
        if (delivery != null || left <= 0) {
          return delivery;
        }
        pause.of(Math.min(left, wait));
        wait = Math.min(2 * wait, LONGEST_PAUSE);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private @Nullable Delivery nextNow() throws IOException {
    beat();
    look();
    publishReturning(false);
    while (true) {
      Parcel parcel = takeDue();
      if (parcel != null) {
        return deliver(parcel);
      }
      if (!claim() && !publishReturning(true) && !takeOver()) {
        return null;
      }
    }
  }

  private @Nullable Parcel takeDue() {
    Parcel first = delayed.peek();
    if (first != null && first.due() - nanos.getAsLong() <= 0) {
      return delayed.poll();
    }
    return waiting.poll();
  }

  private Delivery deliver(Parcel parcel) throws IOException {
    log.receipt('d', parcel.claim().number(), parcel.place());
    Given given = new Given(parcel, log.id());
    inFlight.add(given);
    return given;
  }

  // ---------------------------------------------------------------- claiming

  /** Claims the next items; returns false if there are none. */
  private boolean claim() throws IOException {
    adaptSize();
    while (true) {
      List<Marker> ready = folder.readyMarkers();
      if (ready.isEmpty()) {
        return false;
      }
      for (Marker marker : ready) {
        if (tryClaim(marker)) {
          return true;
        }
      }
    }
  }

  /** Claims more at once as long as that takes little time, and less if it has taken long. */
  private void adaptSize() {
    long took = nanos.getAsLong() - claimedAt;
    if (took < CLAIM_NANOS) {
      claimSize = Math.min(MOST_CLAIMED, 2 * claimSize);
    } else if (took > 2 * CLAIM_NANOS) {
      claimSize = Math.max(1, (int) (claimSize * (double) CLAIM_NANOS / took));
    }
  }

  private boolean tryClaim(Marker marker) throws IOException {
    List<Item> items;
    try {
      items = folder.read(marker).items();
    } catch (NoSuchFileException e) {
      return false;
    }
    int to = Math.min(marker.count(), marker.from() + claimSize);
    int number = log.nextNumber();
    log.write(
        "c %s %s %s".formatted(number, new Stretch(marker.segment(), marker.from(), to, 0), marker),
        true);
    if (!takeover.renames(marker, marker.claimed(to, log.id(), number))) {
      log.write("l " + number, false);
      return false;
    }
    log.write("g " + number, false);
    if (!ensureMine()) {
      // whoever has the log now, sees the marker
      return false;
    }
    claimedAt = nanos.getAsLong();
    hold(number, List.copyOf(items.subList(marker.from(), to)));
    return true;
  }

  private void hold(int number, List<Item> items) throws IOException {
    long now = nanos.getAsLong();
    Held claim = new Held(number, items, now);
    held.put(number, claim);
    for (int i = 0; i < items.size(); i++) {
      Item item = items.get(i);
      if (item.delay() > 0) {
        delayed.add(new Parcel(claim, i, item, now + Duration.ofMillis(item.delay()).toNanos()));
      } else {
        waiting.add(new Parcel(claim, i, item, now));
      }
    }
    finishIfOver(claim);
  }

  private void finishIfOver(Held claim) throws IOException {
    if (claim.isOver()) {
      held.remove(claim.number());
      log.write(claim.line(), false);
    }
  }

  // ---------------------------------------------------------------- giving back

  /**
   * Publishes items that are due to go back.
   *
   * @param now whether not to wait for more of them
   * @return whether there were any
   */
  private boolean publishReturning(boolean now) throws IOException {
    Parcel first = returning.peek();
    if (first == null) {
      return false;
    }
    long time = nanos.getAsLong();
    long overdue = time - first.due();
    if (overdue < 0 || (!now && overdue < COLLECTING_NANOS && returning.size() < MOST_COLLECTED)) {
      return false;
    }
    List<Parcel> due = new ArrayList<>();
    while (first != null && first.due() - time <= 0) {
      due.add(returning.remove());
      first = returning.peek();
    }
    publish(due);
    return true;
  }

  /** Items that have not begun go back if those that were claimed with them take too long. */
  private void stopHoarding() throws IOException {
    Parcel first = waiting.peek();
    if (first != null
        && nanos.getAsLong() - Math.max(claimedAt, first.claim().since()) > HOARDING_NANOS) {
      List<Parcel> all = List.copyOf(waiting);
      waiting.clear();
      claimSize = 1;
      publish(all);
    }
  }

  /** Makes new segments of items; their delays start when they are claimed. */
  private void publish(Collection<Parcel> parcels) throws IOException {
    List<Parcel> some = new ArrayList<>();
    long bytes = 0;
    for (Parcel parcel : parcels) {
      some.add(parcel);
      bytes += parcel.item().value().length;
      if (some.size() >= Segment.MOST_ITEMS || bytes >= Segment.MOST_BYTES) {
        publishSegment(some);
        some.clear();
        bytes = 0;
      }
    }
    if (!some.isEmpty()) {
      publishSegment(some);
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
    log.write(line.toString(), true);
    Marker marker = Folder.published(log.id(), number, parcels.size());
    try {
      folder.disk().rename(folder.unpublished(log.id(), number), folder.place(marker));
    } catch (NoSuchFileException e) {
      // the answer was lost on the way from the file server, or the log was taken
    }
    log.write("q " + number, false);
    for (Parcel parcel : parcels) {
      parcel.claim().settled(parcel.place());
      finishIfOver(parcel.claim());
    }
    var _ = ensureMine();
  }

  // ---------------------------------------------------------------- the others

  /** Shows that this minion lives, if that is due, and finds out whether it is taken for dead. */
  private void beat() throws IOException {
    long now = nanos.getAsLong();
    if (now - lastBeat >= lease.toNanos() / 6) {
      if (log.writes() == writesAtBeat) {
        log.beat();
      }
      writesAtBeat = log.writes();
      lastBeat = now;
      var _ = ensureMine();
    }
  }

  /** Looks at the others now and then, also while there is enough to do. */
  private void look() throws IOException {
    if (nanos.getAsLong() - lastLook >= lease.toNanos() / 4) {
      takeOver();
    }
  }

  /** Takes over the items of one minion that is dead, if there is one. */
  private boolean takeOver() throws IOException {
    lastLook = nanos.getAsLong();
    peers.refresh();
    Loot loot = takeover.takeOne(log, lease.toNanos());
    if (loot == null || !ensureMine()) {
      return false;
    }
    List<Item> items = new ArrayList<>();
    for (Stretch stretch : loot.stretches()) {
      for (Item item :
          folder.segment(stretch.segment()).items().subList(stretch.from(), stretch.to())) {
        items.add(
            new Item(item.id(), item.value(), item.deliveries() + stretch.more(), item.delay()));
      }
    }
    hold(loot.number(), items);
    return true;
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
    log.close();
    held.clear();
    waiting.clear();
    delayed.clear();
    returning.clear();
    inFlight.clear();
    log = OwnLog.open(folder, names.get());
    return false;
  }

  // ---------------------------------------------------------------- questions

  @Override
  public boolean isDrained() throws QueueException {
    try {
      return held.isEmpty() && hasNothingReady() && othersHaveNothing() && hasNothingReady();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private boolean hasNothingReady() throws IOException {
    return folder.readyMarkers().isEmpty();
  }

  private boolean othersHaveNothing() throws IOException {
    peers.refresh();
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
    try (OwnLog closing = log) {
      if (!ensureMine()) {
        log.close();
        return;
      }
      List<Parcel> all = new ArrayList<>();
      inFlight.forEach(given -> all.add(given.again(0)));
      inFlight.clear();
      all.addAll(waiting);
      waiting.clear();
      delayed.forEach(parcel -> all.add(later(parcel)));
      delayed.clear();
      returning.forEach(parcel -> all.add(later(parcel)));
      returning.clear();
      publish(all);
      if (log == closing) {
        closing.write("e", true);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Returns it with what is left of its delay. */
  private Parcel later(Parcel parcel) {
    long left = Math.max(0, parcel.due() - nanos.getAsLong());
    Item item = parcel.item();
    return new Parcel(
        parcel.claim(),
        parcel.place(),
        new Item(item.id(), item.value(), item.deliveries(), millis(left)),
        parcel.due());
  }

  private static int millis(long nanos) {
    return (int) Math.min(Integer.MAX_VALUE, (nanos + 999_999) / 1_000_000);
  }

  /** An item that this minion works on. */
  private final class Given implements Delivery {
    private final Parcel parcel;
    private final String minion;

    Given(Parcel parcel, String minion) {
      this.parcel = parcel;
      this.minion = minion;
    }

    @Override
    public String id() {
      return parcel.item().id();
    }

    @Override
    public byte[] value() {
      return parcel.item().value();
    }

    @Override
    public int count() {
      return parcel.item().deliveries() + 1;
    }

    @Override
    public Duration lease() {
      return lease;
    }

    @Override
    public void extend() throws QueueException {
      try {
        beat();
        stopHoarding();
      } catch (IOException e) {
        throw failed(e);
      }
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
          returning.add(again(delay.toNanos()));
          publishReturning(false);
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
          parcel.claim().dead(parcel.place());
          finishIfOver(parcel.claim());
        }
      } catch (IOException e) {
        throw failed(e);
      }
    }

    /** Returns it as it is published when it is to be delivered again. */
    private Parcel again(long delay) {
      return new Parcel(
          parcel.claim(), parcel.place(), parcel.item().delivered(), nanos.getAsLong() + delay);
    }

    /** Returns false if another minion has it, which takes this one for dead. */
    private boolean leave() throws IOException {
      beat();
      if (!minion.equals(log.id())) {
        return false;
      }
      if (!inFlight.remove(this)) {
        throw new IllegalStateException("The item %s has ended already.".formatted(id()));
      }
      return true;
    }
  }

  /** Returns the claims that are open, for tests. */
  Map<Integer, Held> held() {
    return held;
  }
}
