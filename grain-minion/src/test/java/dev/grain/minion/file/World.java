package dev.grain.minion.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.minion.DeadLetter;
import dev.grain.minion.QueueEngine.Delivery;
import dev.grain.minion.QueueException;
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

  private static final int MOST_LOOKS = 60;

  final MemoryDisk disk = new MemoryDisk();
  private final AtomicLong now = new AtomicLong(1_000_000);
  private final Path root = Path.of("/queue");
  private int minions;

  final Set<String> items = new TreeSet<>();
  // what minions were told that the queue knows that it is done
  final Set<String> acknowledged = new TreeSet<>();
  final Set<String> done = new TreeSet<>();
  final Map<String, Integer> begun = new HashMap<>();

  /** Makes a queue with some segments of items. */
  World(int... sizes) throws IOException {
    Folder folder = new Folder(root, disk);
    int number = 0;
    for (int i = 0; i < sizes.length; i++) {
      List<Item> some = new ArrayList<>();
      for (int left = sizes[i]; left > 0; left--) {
        String text = Integer.toString(number++);
        items.add(text);
        some.add(new Item("", text.getBytes(StandardCharsets.UTF_8), 0, 0));
      }
      Path file = folder.unpublished().resolve("fill." + i);
      disk.write(file, new Segment(some).encode());
      disk.rename(file, folder.place(new Marker("s" + i, some.size(), 0, "fill", i)));
    }
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
    private final FaultyDisk own;
    private FileQueue queue;

    Minion(Fault fault) throws IOException {
      this.own = new FaultyDisk(disk, fault);
      this.queue =
          FileQueue.open(
              new Folder(root, own),
              LEASE,
              () -> "m" + ++minions,
              now::get,
              nanos -> now.addAndGet(nanos));
    }

    FileQueue queue() {
      return queue;
    }

    int steps() {
      return own.steps();
    }

    /** Works until nothing is there for now. */
    void work() throws QueueException, InterruptedException {
      Delivery delivery = queue.next(Duration.ZERO);
      while (delivery != null) {
        handle(delivery);
        delivery = queue.next(Duration.ZERO);
      }
    }

    void handle(Delivery delivery) throws QueueException {
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
      delivery.ack();
      acknowledged.add(item);
    }

    /** Sees first of all who is dead, works until the queue is drained, and leaves. */
    void live() throws QueueException, InterruptedException {
      sleep(LEASE.multipliedBy(2));
      finish();
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
    return new Minion(_ -> FaultyDisk.Extent.ALL);
  }

  /** Runs a minion until it is killed, and returns whether it was. */
  boolean runAndKill(Fault fault) throws IOException, QueueException, InterruptedException {
    try {
      new Minion(fault).live();
      return false;
    } catch (Killed e) {
      return true;
    }
  }

  /** Ensures that nothing is lost, nothing is open, and nothing was done needlessly. */
  void assertComplete() throws IOException {
    Set<String> found = new TreeSet<>(done);
    new Letters(new Folder(root, disk))
        .forEach(
            (DeadLetter letter) -> found.add(new String(letter.value(), StandardCharsets.UTF_8)));
    assertThat(found).as("done or dead\n%s", this).containsExactlyInAnyOrderElementsOf(items);
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
