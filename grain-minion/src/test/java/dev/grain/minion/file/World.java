package dev.grain.minion.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.minion.DeadLetter;
import dev.grain.minion.QueueEngine.Delivery;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueStats;
import dev.grain.minion.file.FaultyDisk.Fault;
import dev.grain.minion.file.FaultyDisk.Killed;
import dev.grain.minion.file.Segment.Item;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * A queue in memory with a clock of its own, and minions that work on it one after another. The
 * items are numbers. What the minions do depends on the item: 3 fails at first, 5 goes to the dead
 * letters, and 7 comes again after a while; all others are done.
 */
final class World {
  static final Duration LEASE = Duration.ofSeconds(30);

  /** So short that minions start new logs all the time. */
  private static final long LONGEST_LOG = 100;

  private static final int MOST_LOOKS = 60;

  final MemoryDisk disk = new MemoryDisk();
  private final AtomicLong now = new AtomicLong(1_000_000);
  private final Path root = Path.of("/queue");
  private int minions;
  // how many items minions have acknowledged, or were about to
  private int acks;
  // whether a minion was frozen, so that others may have done again what it has done
  boolean frozen;

  final Set<String> items = new TreeSet<>();
  // what minions were told that the queue knows that it is done
  final Set<String> acknowledged = new TreeSet<>();
  final Set<String> done = new TreeSet<>();
  final Map<String, Integer> begun = new HashMap<>();

  /** Makes a queue with some segments of items. */
  World(int... sizes) throws IOException {
    disk.write(Tally.none().file(new Folder(root, disk)), new byte[0]);
    for (int i = 0; i < sizes.length; i++) {
      fill("s" + i, sizes[i]);
    }
  }

  /** Adds a segment with the next numbers. */
  void fill(String segment, int size) throws IOException {
    Folder folder = new Folder(root, disk);
    List<Item> some = new ArrayList<>();
    for (int left = size; left > 0; left--) {
      String text = Integer.toString(items.size());
      items.add(text);
      some.add(new Item("", text.getBytes(StandardCharsets.UTF_8), 0, 0));
    }
    Path file = folder.unpublished().resolve(segment + ".1");
    disk.write(file, new Segment(some).encode());
    disk.rename(file, folder.place(new Marker(segment, some.size(), 0, segment, 1)));
  }

  /** Returns a world with numbers from 0. */
  static World of(int... sizes) throws IOException {
    return new World(sizes);
  }

  void sleep(Duration time) {
    now.addAndGet(time.toNanos());
  }

  /** A process that works on the queue. */
  final class Minion {
    private final FileQueue queue;
    // what was acknowledged since the queue was last told to write that down
    private final Set<String> unwritten = new TreeSet<>();

    Minion(Disk own) throws IOException {
      this.queue =
          FileQueue.open(
              new Folder(root, own),
              new FileQueue.Settings(
                  LEASE,
                  LONGEST_LOG,
                  () -> "m" + ++minions,
                  now::get,
                  nanos -> now.addAndGet(nanos)));
    }

    FileQueue queue() {
      return queue;
    }

    /** Lets time pass, and sees meanwhile who is dead. */
    void watch(Duration time) throws QueueException {
      try {
        for (Duration left = time; left.isPositive(); left = left.minus(LEASE.dividedBy(4))) {
          sleep(LEASE.dividedBy(4));
          queue.watch();
        }
      } catch (IOException e) {
        throw new QueueException("not watched", e);
      }
    }

    /** Works until nothing is there for now. */
    void work() throws QueueException, InterruptedException {
      Delivery delivery = queue.next(Duration.ZERO);
      while (delivery != null) {
        handle(delivery);
        delivery = queue.next(Duration.ZERO);
      }
      flush();
    }

    private void flush() throws QueueException {
      queue.flush();
      acknowledged.addAll(unwritten);
      unwritten.clear();
    }

    void handle(Delivery delivery) throws QueueException {
      flush();
      String item = new String(delivery.value(), StandardCharsets.UTF_8);
      begun.merge(item, 1, Integer::sum);
      switch (item) {
        case "3" -> {
          if (delivery.count() == 1) {
            delivery.nack(Duration.ZERO);
            return;
          }
        }
        case "5" -> {
          delivery.dead("it is 5");
          return;
        }
        case "7" -> {
          if (delivery.count() == 1) {
            delivery.nack(Duration.ofSeconds(10));
            return;
          }
        }
        default -> {}
      }
      done.add(item);
      acks++;
      delivery.ack();
      unwritten.add(item);
    }

    /** Sees first of all who is dead, works until the queue is drained, and leaves. */
    void live() throws QueueException, InterruptedException {
      watch(LEASE.multipliedBy(2));
      finish();
    }

    /** Sees who is dead, works on some items, looks whether anything is needless, and leaves. */
    void workOnSome(int count) throws QueueException, InterruptedException {
      watch(LEASE.multipliedBy(2));
      for (int i = 0; i < count; i++) {
        Delivery delivery = queue.next(Duration.ZERO);
        if (delivery != null) {
          handle(delivery);
        }
        sleep(LEASE.dividedBy(3));
      }
      queue.close();
    }

    /** Works until the queue is drained, and leaves. */
    void finish() throws QueueException, InterruptedException {
      for (int i = 0; i < MOST_LOOKS; i++) {
        work();
        if (queue.isDrained()) {
          queue.close();
          return;
        }
        sleep(LEASE.dividedBy(3));
      }
      assertThat(queue.isDrained()).as("is drained\n%s", World.this).isTrue();
    }
  }

  Minion minion() throws IOException {
    return new Minion(disk);
  }

  Minion minion(Disk own) throws IOException {
    return new Minion(own);
  }

  /** Runs a minion until it is killed, and returns whether it was. */
  boolean runAndKill(Fault fault) throws IOException, QueueException, InterruptedException {
    try {
      minion(new FaultyDisk(disk, fault)).live();
      return false;
    } catch (Killed e) {
      return true;
    }
  }

  /** Ensures that nothing is lost, and that all that nobody needs any more is removed. */
  void assertComplete() throws Exception {
    Folder folder = new Folder(root, disk);
    Set<String> found = new TreeSet<>(done);
    new Letters(folder)
        .forEach(
            (DeadLetter letter) -> found.add(new String(letter.value(), StandardCharsets.UTF_8)));
    assertThat(found).as("done or dead\n%s", this).containsExactlyInAnyOrderElementsOf(items);
    // two more minions, because the first takes the logs of those that died while they had nothing
    for (int i = 0; i < 2; i++) {
      minion().live();
    }
    assertThat(disk.files()).as("what is left\n%s", this).allMatch(this::isKept);
    QueueStats stats = Census.of(folder);
    long dead = stats.dead().orElseThrow();
    assertThat(stats.done().orElseThrow() + dead)
        .as("what is counted\n%s", this)
        .isGreaterThanOrEqualTo(items.size());
    assertThat(stats.done().orElseThrow()).as("\n%s", this).isLessThanOrEqualTo(acks);
    if (!frozen) {
      assertThat(stats.done().orElseThrow() + dead).as("\n%s", this).isEqualTo(items.size());
    }
    assertThat(stats.inFlight()).as("in flight\n%s", this).hasValue(0);
  }

  private boolean isKept(Path file) {
    String folder = String.valueOf(file.getParent());
    return folder.endsWith("/dead") || folder.endsWith("/done");
  }

  int begun(String item) {
    return begun.getOrDefault(item, 0);
  }

  static Set<String> numbers(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(Integer::toString)
        .collect(java.util.stream.Collectors.toCollection(TreeSet::new));
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Path file : disk.files()) {
      text.append(file).append('\n');
      if (file.toString().contains("/minions/")) {
        try {
          text.append(new String(disk.read(file, 0), StandardCharsets.UTF_8).indent(4));
        } catch (IOException e) {
          text.append(e);
        }
      }
    }
    return text.toString();
  }
}
