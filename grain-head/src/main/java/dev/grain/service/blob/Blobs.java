package dev.grain.service.blob;

import dev.grain.service.blob.BlobException.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A folder of blobs. One head at a time has it. For any thread; all calls block.
 *
 * <p>The blob {@code abcd…} is the file {@code ab/abcd…}. What has arrived of one that is not
 * complete is {@code uploads/abcd….N}. The time of a file is when somebody was last told that the
 * blob is there.
 */
public final class Blobs {
  /** How large a blob can be: 5 TiB. */
  public static final long MOST_BYTES = 5L << 40;

  /** What is left of the disk for the tables, so that the ends of jobs can still be stored. */
  public static final long RESERVE = 64L << 20;

  /** How long an upload receives nothing until another one may take over. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final String UPLOADS = "uploads";

  private final Path folder;
  private final Path uploads;
  private final long reserve;
  private final Clock clock;
  private final Duration patience;

  /** Guards the files that are being written, and the removal of blobs. */
  private final Object lock = new Object();

  // accessed with the lock
  private final Map<Path, Upload> open = new HashMap<>();
  private long last;

  private Blobs(Path folder, long reserve, Clock clock, Duration patience) {
    this.folder = folder;
    this.uploads = folder.resolve(UPLOADS);
    this.reserve = reserve;
    this.clock = clock;
    this.patience = patience;
  }

  /**
   * Opens a folder, which is made if it does not exist, and removes what former uploads have left
   * in vain: of each blob, the longest part stays.
   *
   * @param reserve how many bytes of the disk are left free
   * @throws dev.grain.service.store.StoreException if the folder cannot be used
   */
  public static Blobs open(Path folder, long reserve, Clock clock) {
    return open(folder, reserve, clock, PATIENCE);
  }

  static Blobs open(Path folder, long reserve, Clock clock, Duration patience) {
    Blobs blobs = new Blobs(folder, reserve, clock, patience);
    try {
      Files.createDirectories(blobs.uploads);
      blobs.keepLongest();
    } catch (IOException e) {
      throw Disks.failure(folder, e);
    }
    return blobs;
  }

  private void keepLongest() throws IOException {
    Map<String, Path> longest = new HashMap<>();
    for (Path each : files(uploads)) {
      String name = hash(each);
      last = Math.max(last, number(each));
      if (!BlobHash.isHash(name) || Files.exists(path(new BlobHash(name)))) {
        Files.delete(each);
        continue;
      }
      Path other = longest.putIfAbsent(name, each);
      if (other != null) {
        boolean longer = Files.size(each) > Files.size(other);
        Files.delete(longer ? other : each);
        longest.put(name, longer ? each : other);
      }
    }
  }

  private static String hash(Path upload) {
    String name = upload.getFileName().toString();
    int dot = name.indexOf('.');
    return dot < 0 ? name : name.substring(0, dot);
  }

  private static long number(Path upload) {
    String name = upload.getFileName().toString();
    try {
      return Long.parseLong(name.substring(name.indexOf('.') + 1));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      all.forEach(files::add);
    }
    return files;
  }

  Path folder() {
    return folder;
  }

  Duration patience() {
    return patience;
  }

  private Path path(BlobHash hash) {
    return parent(hash).resolve(hash.hex());
  }

  private Path parent(BlobHash hash) {
    return folder.resolve(hash.hex().substring(0, 2));
  }

  /**
   * Returns how large a blob is; empty if it is not there, or not all of it. One that is there will
   * be for some days, even if no job names it.
   */
  public OptionalLong size(BlobHash hash) {
    synchronized (lock) {
      Path file = path(hash);
      try {
        long size = Files.size(file);
        touch(file);
        return OptionalLong.of(size);
      } catch (NoSuchFileException e) {
        return OptionalLong.empty();
      } catch (IOException e) {
        throw Disks.failure(folder, e);
      }
    }
  }

  private void touch(Path file) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
  }

  /** Returns those of some blobs that are not there; the others will be for some days. */
  public List<BlobHash> missing(Collection<BlobHash> some) {
    return some.stream().distinct().filter(hash -> size(hash).isEmpty()).toList();
  }

  /**
   * Opens a blob to read it, at any position.
   *
   * @throws BlobException if it is not there
   */
  public FileChannel read(BlobHash hash) {
    try {
      return FileChannel.open(path(hash), StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw new BlobException(
          Kind.UNKNOWN, 0, "There is no blob %s. Upload it first.".formatted(hash));
    } catch (IOException e) {
      throw Disks.failure(folder, e);
    }
  }

  /** Returns how much of a blob has arrived, where an upload can go on. */
  public long arrived(BlobHash hash) {
    synchronized (lock) {
      try {
        return files(uploads).stream()
            .filter(each -> hash(each).equals(hash.hex()))
            .filter(each -> isFree(each))
            .mapToLong(Blobs::length)
            .max()
            .orElse(0);
      } catch (IOException e) {
        throw Disks.failure(folder, e);
      }
    }
  }

  /** Has to be called with the lock. */
  private boolean isFree(Path part) {
    Upload upload = open.get(part);
    return upload == null || upload.isStalled();
  }

  private static long length(Path part) {
    try {
      return Files.size(part);
    } catch (IOException e) {
      return 0;
    }
  }

  /**
   * Begins to receive a blob, or goes on with it. Uploads of the same blob at a time do not disturb
   * each other. Only an upload that has received nothing for a while, whose connection may be lost,
   * is taken over by one that continues at that offset.
   *
   * @param offset where what comes belongs: 0, or at most {@link #arrived}
   * @param length how many bytes come
   * @throws BlobException if not so much has arrived, or the blob is too large
   * @throws dev.grain.service.store.StoreException if the disk has no space for it
   */
  public Upload upload(BlobHash hash, long offset, OptionalLong length) {
    if (offset < 0 || length.orElse(0) < 0) {
      throw new IllegalArgumentException(
          "Bytes from %s on, %s of them, are no part of a blob.".formatted(offset, length));
    }
    ensureSmall(hash, offset, length.orElse(0));
    synchronized (lock) {
      try {
        ensureSpace(length.orElse(1));
        Path part = part(hash, offset);
        Upload former = open.remove(part);
        if (former != null) {
          former.takeOver();
        }
        Upload upload = Upload.open(this, hash, part, offset);
        open.put(part, upload);
        return upload;
      } catch (IOException e) {
        throw Disks.failure(folder, e);
      }
    }
  }

  /** Returns the file for an upload: the shortest that is long enough, or a new one at 0. */
  private Path part(BlobHash hash, long offset) throws IOException {
    Path best = null;
    for (Path each : files(uploads)) {
      if (hash(each).equals(hash.hex())
          && isFree(each)
          && length(each) >= offset
          && (best == null || length(each) < length(best))) {
        best = each;
      }
    }
    if (best != null) {
      return best;
    }
    if (offset > 0) {
      long arrived = arrived(hash);
      throw new BlobException(
          Kind.WRONG_OFFSET,
          arrived,
          "Of the blob %s, %s bytes have arrived, so the upload cannot go on at %s. Send it from %s on."
              .formatted(hash, arrived, offset, arrived));
    }
    return uploads.resolve(hash.hex() + "." + ++last);
  }

  void ensureSmall(BlobHash hash, long arrived, long more) {
    // no sum, which may be too large for a number
    if (more > MOST_BYTES - arrived) {
      throw new BlobException(
          Kind.TOO_LARGE,
          0,
          "The blob %s has more than %s bytes, the most that a blob can have. Split it."
              .formatted(hash, MOST_BYTES));
    }
  }

  /** Refuses what would leave less than the reserve. */
  void ensureSpace(long needed) throws IOException {
    long free = Files.getFileStore(folder).getUsableSpace();
    if (free - reserve < needed) {
      throw Disks.full(folder, needed, Math.max(0, free - reserve));
    }
  }

  /** Moves what an upload has written into place. */
  void complete(BlobHash hash, Path part) throws IOException {
    Path file = path(hash);
    synchronized (lock) {
      if (Files.exists(file)) {
        // another upload was faster
        Files.delete(part);
        touch(file);
        return;
      }
      touch(part);
      Path parent = parent(hash);
      if (!Files.isDirectory(parent)) {
        Files.createDirectories(parent);
        Disks.force(folder);
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }
    Disks.force(parent(hash));
  }

  /** Forgets an upload that has ended. */
  void close(Path part, Upload upload) {
    synchronized (lock) {
      open.remove(part, upload);
    }
  }

  /** Keeps others from taking over an upload. */
  void beginToComplete(Upload upload) {
    synchronized (lock) {
      upload.beginToComplete();
    }
  }

  /** Removes what has arrived of an upload, unless another one has taken over. */
  void discard(Path part, Upload upload) throws IOException {
    synchronized (lock) {
      if (open.remove(part, upload)) {
        Files.deleteIfExists(part);
      }
    }
  }

  /** Returns the folders of blobs whose hashes begin alike. */
  List<Path> folders() throws IOException {
    return files(folder).stream()
        .filter(each -> Files.isDirectory(each) && !each.equals(uploads))
        .toList();
  }

  /** Returns the blobs in such a folder. */
  static List<BlobHash> list(Path folder) throws IOException {
    return files(folder).stream()
        .map(file -> file.getFileName().toString())
        .filter(BlobHash::isHash)
        .map(BlobHash::new)
        .toList();
  }

  /** Notes that blobs are used now. */
  void use(Collection<BlobHash> some) {
    some.forEach(hash -> {
      var _ = size(hash);
    });
  }

  /** Removes blobs that nobody was told of since a moment, and returns how many. */
  int removeOlder(Collection<BlobHash> some, FileTime moment) throws IOException {
    int removed = 0;
    for (BlobHash hash : some) {
      synchronized (lock) {
        Path file = path(hash);
        if (Files.exists(file)
            && Files.getLastModifiedTime(file).compareTo(moment) < 0
            && !isArriving(hash)) {
          Files.delete(file);
          removed++;
        }
      }
    }
    return removed;
  }

  /** Has to be called with the lock. */
  private boolean isArriving(BlobHash hash) {
    return open.keySet().stream().anyMatch(part -> hash(part).equals(hash.hex()));
  }

  /** Removes what has arrived before a moment of blobs that are not complete. */
  int removeParts(FileTime moment) throws IOException {
    int removed = 0;
    synchronized (lock) {
      Set<Path> used = new HashSet<>(open.keySet());
      for (Path each : files(uploads)) {
        if (!used.contains(each) && Files.getLastModifiedTime(each).compareTo(moment) < 0) {
          Files.delete(each);
          removed++;
        }
      }
    }
    return removed;
  }
}
