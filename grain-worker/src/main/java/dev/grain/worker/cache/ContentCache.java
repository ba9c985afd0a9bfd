package dev.grain.worker.cache;

import dev.grain.folder.Folders;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Prepared;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Folders by key, made once per machine: shared by all caches with the same folder, of this and of
 * other processes. For all threads; the calls block.
 *
 * <p>What is made is bounded in bytes. Whenever something was made, the folders go that were not
 * used for the longest time; not those in use, so that these alone may exceed the bound. A process
 * that ends in whatever way uses nothing any more, and what it has left half-made is removed by the
 * next one.
 *
 * <p>A folder is made in the place where it stays, so that files in it may have its path. Nobody
 * but its maker sees it before it is complete.
 */
public final class ContentCache {
  // In the folder of the cache: LOCKS, and a folder for each key. In that one: CONTENT, and MADE
  // if it is complete. MADE comes last and goes first. Two locks for each key: whoever makes or
  // removes holds the first one, alone. Users share the second one; whoever removes holds it alone.
  private static final String LOCKS = "locks";
  private static final String CONTENT = "content";
  private static final String MADE = "made";
  private static final Pattern ENTRY = Pattern.compile("[0-9a-f]{32}");

  /** How many hexadecimal digits of a name make the number of its locks, of 60 bits. */
  private static final int LOCK_DIGITS = 15;

  private static final int BLOCK_BYTES = 4096;

  /** A disk with less is full. */
  private static final long FULL_BYTES = 1 << 20;

  private static final Duration REMEMBERED = Duration.ofMinutes(1);

  private final Path folder;
  private final long mostBytes;
  private final InstantSource clock;
  // guarded by itself; by the key
  private final Map<String, Failure> failures = new HashMap<>();

  private record Failure(String message, boolean ofThisNode, Instant forgotten) {
    PreparationException toException() {
      return ofThisNode
          ? PreparationException.here(message)
          : PreparationException.everywhere(message);
    }
  }

  /** A folder of this cache that is complete. */
  private record Entry(Path folder, long bytes, FileTime used) {}

  /**
   * Makes a cache; nothing is written before it is needed.
   *
   * @param folder where the folders are; only its owner may enter it
   * @param mostBytes how many bytes they may have together, as their files take them on a disk
   */
  public ContentCache(Path folder, long mostBytes) {
    this(folder, mostBytes, InstantSource.system());
  }

  /** Makes a cache, as the other constructor. */
  ContentCache(Path folder, long mostBytes, InstantSource clock) {
    this.folder = folder;
    this.mostBytes = mostBytes;
    this.clock = clock;
  }

  /** Makes the content of a folder. */
  @FunctionalInterface
  public interface Maker {
    /**
     * Fills a folder. If this throws, the content is removed.
     *
     * @param folder empty, and the path by which the content is used later
     * @throws PreparationException if the content cannot be made
     * @throws IOException if the disk fails; the message becomes visible
     */
    void make(Path folder) throws PreparationException, IOException, InterruptedException;

    /**
     * Returns whether a failure of {@link #make} is one for everybody who asks for the same key
     * within a minute; false for one that depends on who asks, such as a wrong password.
     */
    default boolean isForEverybody() {
      return true;
    }
  }

  /**
   * Returns the folder of a key; makes it if it is not there. Waits while another thread or process
   * makes it.
   *
   * @param key what defines the content; it is written to the disk, so no secret may be in it
   * @throws PreparationException if the maker has failed, now or less than a minute ago for this
   *     key; or the disk is full
   */
  public Prepared get(String key, Maker maker) throws PreparationException, InterruptedException {
    try {
      return use(key, maker);
    } catch (IOException e) {
      throw failureOf(key, e);
    }
  }

  /**
   * Changes what is kept for a key, such as a clone that is brought up to date. One thread of all
   * processes does so at a time; others wait. What was made stays if the change fails or the
   * process is killed, even half-changed; failures are not remembered.
   *
   * @param key as for {@link #get}, of which none must have the same
   * @param change gets the folder as the last one left it; empty for the first one, and after a
   *     first one that has failed
   */
  public void update(String key, Maker change) throws PreparationException, InterruptedException {
    try {
      SharedLocks locks = open();
      String name = nameOf(key);
      try (SharedLocks.Hold _ = locks.share(useLock(name));
          SharedLocks.Hold _ = locks.own(makeLock(name))) {
        Path entry = folder.resolve(name);
        if (isMade(entry)) {
          touch(entry);
          change(entry, key, change);
          writeMade(entry, key);
        } else {
          make(entry, key, change);
        }
        shrink(locks, mostBytes);
      }
    } catch (IOException e) {
      throw failureOf(key, e);
    }
  }

  /** Removes what is not in use, and what was left half-made; returns how many bytes that were. */
  public long purge() throws IOException {
    return Files.exists(folder) ? shrink(open(), 0) : 0;
  }

  private Prepared use(String key, Maker maker)
      throws IOException, PreparationException, InterruptedException {
    SharedLocks locks = open();
    String name = nameOf(key);
    Path entry = folder.resolve(name);
    SharedLocks.Hold use = locks.share(useLock(name));
    boolean complete = false;
    try {
      if (!isMade(entry)) {
        try (SharedLocks.Hold _ = locks.own(makeLock(name))) {
          if (!isMade(entry)) {
            ensureNotFailed(key);
            make(entry, key, maker);
          }
        }
        shrink(locks, mostBytes);
      }
      touch(entry);
      complete = true;
      return new InUse(entry.resolve(CONTENT), use);
    } finally {
      if (!complete) {
        use.close();
      }
    }
  }

  private record InUse(Path path, SharedLocks.Hold use) implements Prepared {
    @Override
    public void close() {
      use.close();
    }
  }

  /** Makes an entry whose locks the caller holds. */
  private void make(Path entry, String key, Maker maker)
      throws PreparationException, InterruptedException {
    boolean complete = false;
    try {
      fill(entry, maker);
      writeMade(entry, key);
      complete = true;
    } catch (IOException e) {
      PreparationException failure = failureOf(key, e);
      remember(key, failure);
      throw failure;
    } catch (PreparationException e) {
      if (maker.isForEverybody()) {
        remember(key, e);
      }
      throw e;
    } finally {
      if (!complete) {
        deleteQuietly(entry);
      }
    }
  }

  private void fill(Path entry, Maker maker)
      throws IOException, PreparationException, InterruptedException {
    try {
      maker.make(empty(entry));
    } catch (IOException e) {
      boolean full = isFull(e);
      delete(entry);
      makeRoom(full, e);
      maker.make(empty(entry));
    }
  }

  private void change(Path entry, String key, Maker change)
      throws PreparationException, InterruptedException {
    try {
      try {
        change.make(entry.resolve(CONTENT));
      } catch (IOException e) {
        makeRoom(isFull(e), e);
        change.make(entry.resolve(CONTENT));
      }
    } catch (IOException e) {
      throw failureOf(key, e);
    }
  }

  /** Removes all that nobody uses from a full disk, so that another attempt may succeed. */
  private void makeRoom(boolean full, IOException e) throws IOException {
    if (!full) {
      throw e;
    }
    if (shrink(open(), 0) == 0) {
      throw new FullException(e);
    }
  }

  private static Path empty(Path entry) throws IOException {
    delete(entry);
    return Files.createDirectories(entry.resolve(CONTENT));
  }

  /** A disk is full, also if it is not any more. */
  private static final class FullException extends IOException {
    private static final long serialVersionUID = 1;

    FullException(IOException cause) {
      super(describe(cause), cause);
    }
  }

  private PreparationException failureOf(String key, IOException e) {
    return PreparationException.here(
        isFull(e)
            ? "The disk of the cache %s is full (%s), so %s could not be made. Free space there, or name another folder by --cache-dir."
                .formatted(folder, describe(e), key)
            : "%s could not be made in the cache %s (%s). If the folder cannot be used, name another one by --cache-dir."
                .formatted(key, folder, describe(e)));
  }

  /** Returns whether something says that it failed because a disk is full. */
  public static boolean saysFull(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
      if (cause instanceof FullException
          || message.contains("no space left")
          || message.contains("quota exceeded")) {
        return true;
      }
    }
    return false;
  }

  private boolean isFull(IOException e) {
    if (saysFull(e)) {
      return true;
    }
    try {
      // the message may be in any language
      return Files.getFileStore(folder).getUsableSpace() < FULL_BYTES;
    } catch (IOException unknown) {
      return false;
    }
  }

  private static String describe(IOException e) {
    String message = e.getMessage();
    return e instanceof FullException && message != null ? message : e.toString();
  }

  private void ensureNotFailed(String key) throws PreparationException {
    synchronized (failures) {
      Instant now = clock.instant();
      failures.values().removeIf(each -> !now.isBefore(each.forgotten));
      Failure failure = failures.get(key);
      if (failure != null) {
        throw failure.toException();
      }
    }
  }

  private void remember(String key, PreparationException e) {
    synchronized (failures) {
      failures.put(
          key,
          new Failure(
              String.valueOf(e.getMessage()), e.isOfThisNode(), clock.instant().plus(REMEMBERED)));
    }
  }

  private SharedLocks open() throws IOException {
    if (!Files.isDirectory(folder)) {
      Path parent = folder.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      Files.createDirectories(folder, ownersOnly());
    }
    return SharedLocks.of(folder.resolve(LOCKS));
  }

  private FileAttribute<?>[] ownersOnly() {
    return folder.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
        }
        : new FileAttribute<?>[0];
  }

  private static boolean isMade(Path entry) {
    return Files.exists(entry.resolve(MADE), LinkOption.NOFOLLOW_LINKS);
  }

  private void writeMade(Path entry, String key) throws IOException {
    Path written = entry.resolve(MADE + ".new");
    Files.writeString(written, bytesOf(entry.resolve(CONTENT)) + "\n" + key + "\n");
    Files.setLastModifiedTime(written, FileTime.from(clock.instant()));
    Files.move(
        written,
        entry.resolve(MADE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private void touch(Path entry) throws IOException {
    Files.setLastModifiedTime(entry.resolve(MADE), FileTime.from(clock.instant()));
  }

  /** Removes what nobody uses until the rest has no more than some bytes; returns how many. */
  private long shrink(SharedLocks locks, long most) throws IOException {
    List<Entry> entries = new ArrayList<>();
    long removed = 0;
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(
            folder, each -> ENTRY.matcher(each.getFileName().toString()).matches())) {
      for (Path each : all) {
        Entry entry = read(each);
        if (entry != null) {
          entries.add(entry);
        } else {
          removed += removeHalfMade(locks, each);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    entries.sort(Comparator.comparing(Entry::used));
    long bytes = entries.stream().mapToLong(Entry::bytes).sum();
    for (Entry each : entries) {
      if (bytes > most && remove(locks, each.folder)) {
        bytes -= each.bytes;
        removed += each.bytes;
      }
    }
    return removed;
  }

  private static @Nullable Entry read(Path entry) throws IOException {
    Path made = entry.resolve(MADE);
    try {
      String text = Files.readString(made);
      long bytes = Long.parseLong(text.substring(0, Math.max(0, text.indexOf('\n'))));
      return new Entry(entry, bytes, Files.getLastModifiedTime(made));
    } catch (NoSuchFileException halfMade) {
      return null;
    } catch (NumberFormatException damaged) {
      return new Entry(entry, bytesOf(entry), FileTime.fromMillis(0));
    }
  }

  /** Removes an entry, unless somebody uses it. */
  private static boolean remove(SharedLocks locks, Path entry) throws IOException {
    String name = entry.getFileName().toString();
    try (SharedLocks.Hold use = locks.tryOwn(useLock(name))) {
      if (use == null) {
        return false;
      }
      try (SharedLocks.Hold make = locks.tryOwn(makeLock(name))) {
        if (make == null) {
          return false;
        }
        delete(entry);
        return true;
      }
    }
  }

  /** Removes what nobody makes any more; returns how many bytes that were. */
  private static long removeHalfMade(SharedLocks locks, Path entry) throws IOException {
    try (SharedLocks.Hold make = locks.tryOwn(makeLock(entry.getFileName().toString()))) {
      if (make == null || isMade(entry)) {
        return 0;
      }
      long bytes = bytesOf(entry);
      delete(entry);
      return bytes;
    }
  }

  private static String nameOf(String key) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  private static long makeLock(String name) {
    return 2 * HexFormat.fromHexDigitsToLong(name, 0, LOCK_DIGITS);
  }

  private static long useLock(String name) {
    return makeLock(name) + 1;
  }

  private static long bytesOf(Path folder) throws IOException {
    long[] blocks = {0};
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes) {
            blocks[0]++;
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path each, BasicFileAttributes attributes) {
            blocks[0] += Math.ceilDiv(attributes.size(), (long) BLOCK_BYTES);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path each, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              // others may remove something meanwhile
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }
        });
    return blocks[0] * BLOCK_BYTES;
  }

  private static void deleteQuietly(Path entry) {
    try {
      delete(entry);
    } catch (IOException e) {
      // it is not complete, so whoever makes something next tries again
    }
  }

  /** Removes an entry: first what says that it is complete. */
  private static void delete(Path entry) throws IOException {
    Files.deleteIfExists(entry.resolve(MADE));
    Folders.delete(entry);
  }
}
