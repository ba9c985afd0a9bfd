package dev.grain.git;

import dev.grain.folder.Folders;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a checkout, which can be made again what it was. To be used by one thread at a time.
 *
 * <p>Implementation note. A file was not changed if it is the same one, and its time of change is
 * the same: programs cannot set that time. File systems count it in ticks, so a command gets the
 * copy only when the tick of the last file that was copied is over.
 */
final class WorkingCopy {
  private static final String ATTRIBUTES = "unix:ino,ctime,size,mode";
  private static final String MODE = "unix:mode";

  /** More than the time between two ticks of a kernel; some file systems count in seconds. */
  private static final long LONGEST_TICK = 50_000_000L;

  private static final long PAUSE = 1_000_000L;

  private final Path original;
  private final Path path;

  /** What it has, by relative path, folders before what is in them. */
  private final SequencedMap<Path, Entry> entries = new LinkedHashMap<>();

  /** The modes of the copy and its folders, by relative path; none where there is no such thing. */
  private final Map<Path, Object> folderModes = new HashMap<>();

  private Instant lastChange = Instant.EPOCH;
  private boolean restorable;

  /**
   * A file, link or folder.
   *
   * @param stamp differs after a change; null for a folder, and where there is no such thing
   */
  private record Entry(boolean isFolder, @Nullable Stamp stamp) {}

  private record Stamp(Object inode, Instant changed, Object size, Object mode) {
    static Stamp of(Path file) throws IOException {
      Map<String, Object> attributes =
          Files.readAttributes(file, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
      FileTime changed = (FileTime) attribute(attributes, "ctime");
      return new Stamp(
          attribute(attributes, "ino"),
          changed.toInstant(),
          attribute(attributes, "size"),
          attribute(attributes, "mode"));
    }

    private static Object attribute(Map<String, Object> attributes, String name) {
      return Objects.requireNonNull(attributes.get(name), name);
    }
  }

  private WorkingCopy(Path original, Path path) {
    this.original = original;
    this.path = path;
  }

  /** Makes a copy, in a new folder in another one. */
  static WorkingCopy make(Path original, Path parent) throws IOException {
    WorkingCopy copy = new WorkingCopy(original, Files.createTempDirectory(parent, "copy-"));
    boolean complete = false;
    try {
      copy.list();
      copy.fill(Set.of());
      complete = true;
      return copy;
    } finally {
      if (!complete) {
        copy.delete();
      }
    }
  }

  /** Returns the folder of the copy. */
  Path path() {
    return path;
  }

  private void list() throws IOException {
    Files.walkFileTree(
        original,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            if (!folder.equals(original)) {
              entries.put(original.relativize(folder), new Entry(true, null));
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            entries.put(original.relativize(file), new Entry(false, null));
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Copies what is not there. */
  private void fill(Set<Path> there) throws IOException {
    boolean stamps = path.getFileSystem().supportedFileAttributeViews().contains("unix");
    boolean changed = false;
    if (stamps) {
      folderModes.putIfAbsent(path.relativize(path), mode(path));
    }
    for (Map.Entry<Path, Entry> each : entries.entrySet()) {
      Path relative = each.getKey();
      if (there.contains(relative)) {
        continue;
      }
      Path target = path.resolve(relative);
      if (each.getValue().isFolder()) {
        Files.createDirectory(target);
        if (stamps) {
          folderModes.put(relative, mode(target));
        }
      } else {
        Files.copy(
            original.resolve(relative),
            target,
            StandardCopyOption.COPY_ATTRIBUTES,
            LinkOption.NOFOLLOW_LINKS);
        changed = true;
        if (stamps) {
          each.setValue(new Entry(false, note(Stamp.of(target))));
        }
      }
    }
    if (changed || !restorable) {
      restorable = stamps && awaitTick();
    }
  }

  private static Object mode(Path folder) throws IOException {
    return Files.getAttribute(folder, MODE, LinkOption.NOFOLLOW_LINKS);
  }

  private Stamp note(Stamp stamp) {
    if (stamp.changed().isAfter(lastChange)) {
      lastChange = stamp.changed();
    }
    return stamp;
  }

  /** Waits until a change gets a later time than the last one; returns false if that takes long. */
  private boolean awaitTick() throws IOException {
    Path probe = Files.createTempFile(path.getParent(), "tick-", "");
    try {
      long begin = System.nanoTime();
      while (!Stamp.of(probe).changed().isAfter(lastChange)) {
        if (System.nanoTime() - begin > LONGEST_TICK) {
          return false;
        }
        LockSupport.parkNanos(PAUSE);
        Files.setLastModifiedTime(probe, FileTime.from(lastChange));
      }
      return true;
    } finally {
      Files.deleteIfExists(probe);
    }
  }

  /** Undoes all changes; returns false if that is not possible, and then it is of no use. */
  boolean restore() {
    try {
      if (restorable) {
        fill(removeChanged());
      }
      return restorable;
    } catch (IOException e) {
      return false;
    }
  }

  /** Removes what is not as it was copied; returns the rest. */
  private Set<Path> removeChanged() throws IOException {
    Set<Path> unchanged = new HashSet<>();
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            Path relative = path.relativize(folder);
            Entry known = entries.get(relative);
            if (folder.equals(path) || (known != null && known.isFolder())) {
              ensureHasItsMode(folder, relative);
              unchanged.add(relative);
              return FileVisitResult.CONTINUE;
            }
            Folders.delete(folder);
            return FileVisitResult.SKIP_SUBTREE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path relative = path.relativize(file);
            Entry known = entries.get(relative);
            Stamp stamp = known == null ? null : known.stamp();
            if (stamp != null && stamp.equals(Stamp.of(file))) {
              unchanged.add(relative);
            } else {
              Files.delete(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return unchanged;
  }

  /** A command could have taken the next one's right to write there. */
  private void ensureHasItsMode(Path folder, Path relative) throws IOException {
    if (!mode(folder).equals(folderModes.get(relative))) {
      throw new IOException(folder + " has another mode");
    }
  }

  void delete() {
    Folders.deleteQuietly(path);
  }
}
