package dev.grain.minion.file;

import dev.grain.minion.DeadLetter;
import dev.grain.minion.MinionName;
import dev.grain.minion.Parts;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueProvider;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.QueueStats;
import dev.grain.minion.file.Segment.Item;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The queues in folders, {@code file:FOLDER}; see {@link FileQueue}. */
public final class FileQueues implements QueueProvider {
  private static final String FORMAT = "grain-queue 1";
  private static final String HEADER = "header.";
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);

  /** An item is in memory as a whole, and so are those of its segment. */
  private static final int LONGEST_ITEM = 64 << 20;

  /** How often a folder is emptied into which minions write meanwhile. */
  private static final int REMOVALS = 20;

  /** About 400 claims, or the receipts of 200,000 items. */
  private static final long LONGEST_LOG = 64 * 1024;

  private final Disk disk;

  /** Makes the provider. */
  public FileQueues() {
    this(new RealDisk());
  }

  FileQueues(Disk disk) {
    this.disk = disk;
  }

  @Override
  public String scheme() {
    return "file";
  }

  @Override
  public List<String> otherNames() {
    return List.of("execo");
  }

  // ---------------------------------------------------------------- addresses

  private Folder folder(QueueAddress address) throws QueueException {
    String path = address.rest().startsWith("///") ? address.rest().substring(2) : address.rest();
    address.ensureOnly("lease");
    try {
      return new Folder(Path.of(path).toAbsolutePath().normalize(), disk);
    } catch (InvalidPathException e) {
      throw new QueueException("The address %s names no folder: %s".formatted(address, e), e);
    }
  }

  private static Duration lease(QueueAddress address, QueueSettings settings, Duration otherwise)
      throws QueueException {
    Duration asked = address.lease(settings, SHORTEST_LEASE);
    return asked == null ? otherwise : asked;
  }

  /** Returns the lease of a queue that is there. */
  private Duration ensureQueue(Folder folder) throws QueueException {
    String header;
    try {
      header = new String(disk.read(folder.header(), 0), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new QueueException(missing(folder.root()), e);
    } catch (IOException e) {
      throw failed(folder, "read", e);
    }
    List<String> lines = header.lines().toList();
    if (lines.isEmpty() || !lines.getFirst().equals(FORMAT)) {
      throw new QueueException(
          "The queue in %s has a format that this release of Grain does not know ('%s'). Use a newer release."
              .formatted(folder.root(), lines.isEmpty() ? "" : lines.getFirst()));
    }
    return lines.stream()
        .filter(line -> line.startsWith("lease "))
        .findFirst()
        .map(line -> Duration.parse(line.substring("lease ".length())))
        .orElse(LEASE);
  }

  private static String missing(Path root) {
    String create = "create it with: grain queue create file:" + root + " --range 0..9";
    if (Files.isDirectory(root)) {
      return "The folder %s is no queue. Name another folder, or %s".formatted(root, create);
    }
    return Files.exists(root)
        ? "%s is no folder, and so no queue. Name a folder.".formatted(root)
        : "There is no queue in %s; %s".formatted(root, create);
  }

  private static QueueException failed(Folder folder, String what, IOException e) {
    return new QueueException(
        "The queue in %s cannot be %s: %s.".formatted(folder.root(), what, Reasons.of(e)), e);
  }

  // ---------------------------------------------------------------- for minions

  @Override
  public QueueEngine open(QueueAddress address, QueueSettings settings) throws QueueException {
    Folder folder = folder(address);
    Duration lease = lease(address, settings, ensureQueue(folder));
    try {
      return FileQueue.open(
          folder,
          new FileQueue.Settings(
              lease, LONGEST_LOG, MinionName::next, System::nanoTime, TimeUnit.NANOSECONDS::sleep));
    } catch (IOException e) {
      throw failed(folder, "opened", e);
    }
  }

  private static String newId() {
    return UUID.randomUUID().toString().substring(0, 8);
  }

  // ---------------------------------------------------------------- for people

  @Override
  public void create(QueueAddress address, QueueSettings settings) throws QueueException {
    Folder folder = folder(address);
    Duration lease = lease(address, settings, LEASE);
    if (Files.exists(folder.header())) {
      throw exists(folder, address);
    }
    try {
      ensureUnused(folder, address);
      for (Path each : folder.folders()) {
        Files.createDirectories(each);
      }
      Path tally = Tally.none().file(folder);
      if (!Files.exists(tally)) {
        disk.write(tally, new byte[0]);
      }
      Path header = folder.unpublished().resolve(HEADER + newId());
      disk.write(header, (FORMAT + "\nlease " + lease + "\n").getBytes(StandardCharsets.UTF_8));
      // last, so that what has one is complete
      putInPlace(header, folder.header());
    } catch (FileAlreadyExistsException e) {
      throw exists(folder, address);
    } catch (IOException e) {
      throw failed(folder, "created", e);
    }
  }

  private static QueueException exists(Folder folder, QueueAddress address) {
    return new QueueException(
        "There is a queue in %s already. Add items with: grain queue fill %s"
            .formatted(folder.root(), address));
  }

  /** Gives the file its name if no file has it, which only a link ensures. */
  private void putInPlace(Path from, Path to) throws IOException {
    try {
      Files.createLink(to, from);
    } catch (FileAlreadyExistsException e) {
      disk.delete(from);
      throw e;
    } catch (UnsupportedOperationException | IOException e) {
      // a file system without links
      disk.rename(from, to);
      return;
    }
    disk.delete(from);
  }

  /** A folder may be one of a queue that was not completed. */
  private static void ensureUnused(Folder folder, QueueAddress address)
      throws IOException, QueueException {
    String problem = problem(folder);
    if (problem != null) {
      // what is there may be of somebody who has just created the queue
      throw Files.exists(folder.header()) ? exists(folder, address) : new QueueException(problem);
    }
  }

  /** Returns why no queue can be created; null if one can. */
  private static @Nullable String problem(Folder folder) throws IOException {
    Path root = folder.root();
    if (!Files.isDirectory(root)) {
      return Files.exists(root) ? "%s is no folder. Name a new folder.".formatted(root) : null;
    }
    if (!hasOnlyOwnFiles(folder)) {
      return "The folder %s has other files, so no queue can be created in it. Name a new folder."
          .formatted(root);
    }
    return hasItems(folder)
        ? "The folder %s has what is left of a queue whose removal was interrupted. Complete that with: grain queue purge file:%s"
            .formatted(root, root)
        : null;
  }

  private static boolean hasOnlyOwnFiles(Folder folder) throws IOException {
    try (Stream<Path> files = Files.list(folder.root())) {
      return files.allMatch(file -> folder.folders().contains(file));
    }
  }

  /** Returns whether there is more than what is made before the queue is complete. */
  private static boolean hasItems(Folder folder) throws IOException {
    for (Path each : folder.folders()) {
      if (Files.isDirectory(each)) {
        try (Stream<Path> files = Files.list(each)) {
          if (!files.allMatch(
              file ->
                  file.equals(Tally.none().file(folder))
                      || file.getFileName().toString().startsWith(HEADER))) {
            return true;
          }
        }
      }
    }
    return false;
  }

  @Override
  public long fill(QueueAddress address, QueueSettings settings, Iterator<byte[]> items)
      throws QueueException {
    Folder folder = folder(address);
    var _ = ensureQueue(folder);
    Filling filling = new Filling(folder);
    try {
      Parts.forEach(items, Segment.MOST_ITEMS, Segment.MOST_BYTES, filling::add);
    } catch (IOException e) {
      throw new QueueException(
          "The queue in %s cannot be filled: %s. The first %s items were added."
              .formatted(folder.root(), Reasons.of(e), filling.added),
          e);
    }
    return filling.added;
  }

  /** Adds items, a segment at a time. */
  private final class Filling {
    private final Folder folder;
    // in the order in which queues are filled, if the clocks of machines agree somewhat
    private final String name =
        "s" + HexFormat.of().toHexDigits(System.currentTimeMillis(), 12) + "-" + newId();
    // both accessed by one thread at a time
    private long added;
    private int number;

    Filling(Folder folder) {
      this.folder = folder;
    }

    void add(List<byte[]> values) throws IOException {
      for (byte[] value : values) {
        if (value.length > LONGEST_ITEM) {
          throw new IOException(
              "an item has %s bytes, but it can have %s; put it in a file, and the name of the file in the queue"
                  .formatted(value.length, LONGEST_ITEM));
        }
      }
      publish(values.stream().map(value -> new Item("", value, 0, 0)).toList());
      added += values.size();
    }

    private void publish(List<Item> items) throws IOException {
      number++;
      Path file = folder.unpublished().resolve(name + "." + number);
      try {
        disk.write(file, new Segment(items).encode());
      } catch (IOException e) {
        // a part of it, if the disk is full
        disk.delete(file);
        throw e;
      }
      String segment =
          name + "-" + "0".repeat(6 - Math.min(6, Integer.toString(number).length())) + number;
      disk.rename(file, folder.place(new Marker(segment, items.size(), 0, name, number)));
    }
  }

  @Override
  public QueueStats stat(QueueAddress address, QueueSettings settings) throws QueueException {
    Folder folder = folder(address);
    var _ = ensureQueue(folder);
    try {
      new Letters(folder).completeRequeues();
      return Census.of(folder);
    } catch (IOException e) {
      throw failed(folder, "read", e);
    }
  }

  @Override
  public void dead(QueueAddress address, QueueSettings settings, Consumer<DeadLetter> receiver)
      throws QueueException {
    Folder folder = folder(address);
    var _ = ensureQueue(folder);
    try {
      new Letters(folder).forEach(receiver);
    } catch (IOException e) {
      throw failed(folder, "read", e);
    }
  }

  @Override
  public long requeue(QueueAddress address, QueueSettings settings) throws QueueException {
    Folder folder = folder(address);
    var _ = ensureQueue(folder);
    try {
      return new Letters(folder).requeue("requeue-" + newId());
    } catch (IOException e) {
      throw failed(folder, "changed", e);
    }
  }

  @Override
  public void purge(QueueAddress address, QueueSettings settings) throws QueueException {
    Folder folder = folder(address);
    try {
      if (!Files.isDirectory(folder.root()) || !hasOnlyOwnFiles(folder) || !hasItems(folder)) {
        var _ = ensureQueue(folder);
      }
      // first, so that what is left is no queue
      Files.deleteIfExists(folder.header());
      for (Path each : folder.folders()) {
        delete(each);
      }
      if (hasOnlyOwnFiles(folder)) {
        Files.delete(folder.root());
      }
    } catch (IOException e) {
      throw failed(folder, "removed", e);
    }
  }

  /** Removes a folder with its files, into which minions may write meanwhile. */
  private static void delete(Path folder) throws IOException {
    for (int i = 1; Files.isDirectory(folder); i++) {
      List<Path> all;
      try (Stream<Path> files = Files.list(folder)) {
        all = files.toList();
      }
      for (Path file : all) {
        Files.deleteIfExists(file);
      }
      try {
        Files.delete(folder);
      } catch (DirectoryNotEmptyException e) {
        if (i >= REMOVALS) {
          throw e;
        }
      }
    }
  }
}
