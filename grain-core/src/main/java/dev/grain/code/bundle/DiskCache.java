package dev.grain.code.bundle;

import dev.grain.bytes.Bytes;
import dev.grain.folder.ProcessFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Contents by their hash in a folder that several workers may share. Safe for all threads, as long
 * as no two of them ask for one name at the same time.
 *
 * <p>Whoever uses a content has a second name for its file, a hard link in a folder of its own. So
 * the file stays whatever others do with the first name, and its number of links shows them that it
 * is in use. Files are written under the second name, and get the first one when they are complete.
 */
final class DiskCache {
  private static final System.Logger LOGGER = System.getLogger(DiskCache.class.getName());
  private static final String DESK = "use-";
  private static final Pattern STORED = Pattern.compile("[0-9a-f]{64}\\.(jar|listing)");

  private final Path folder;
  private final long bound;
  private final ProcessFolder desk;
  // guarded by this
  private boolean warned;
  // written by whoever looks through the folder
  private volatile long bytes;

  /**
   * Makes a cache; the folder is made when it is needed.
   *
   * @param bound how many bytes may stay that nobody uses
   */
  DiskCache(Path folder, long bound) {
    this.folder = folder;
    this.bound = bound;
    this.desk = ProcessFolder.within(folder, DESK);
  }

  /**
   * Returns a file with the content, which stays until {@link #release}; null if there is none, or
   * it is damaged.
   */
  @Nullable Path use(String name, Bytes hash) {
    Path stored = folder.resolve(name);
    if (!Files.isRegularFile(stored)) {
      return null;
    }
    Path used = place(name);
    if (used == null) {
      return null;
    }
    boolean sound = false;
    try {
      Files.deleteIfExists(used);
      link(used, stored, used);
      sound = Sha256.of(used).equals(hash);
      if (sound) {
        touch(stored);
      } else {
        LOGGER.log(System.Logger.Level.WARNING, "{0} is damaged and is fetched again", stored);
        Files.deleteIfExists(stored);
      }
    } catch (NoSuchFileException e) {
      // another worker has removed it meanwhile
    } catch (IOException e) {
      warn(e);
    }
    if (!sound) {
      release(used);
      return null;
    }
    return used;
  }

  /** Returns whether there is a file with that name; it may be damaged, or gone in a moment. */
  boolean has(String name) {
    return Files.isRegularFile(folder.resolve(name));
  }

  /**
   * Writes a content and returns its file, which stays until {@link #release}; null if the disk
   * does not take it.
   */
  @Nullable Path keep(String name, Bytes content) {
    Path written = place(name);
    if (written == null) {
      return null;
    }
    try {
      Files.deleteIfExists(written);
      try (InputStream in = content.stream();
          OutputStream out = Files.newOutputStream(written, StandardOpenOption.CREATE_NEW)) {
        in.transferTo(out);
      }
      touch(written);
    } catch (IOException e) {
      warn(e);
      release(written);
      return null;
    }
    try {
      link(folder.resolve(name), written, written);
    } catch (FileAlreadyExistsException e) {
      // another worker was faster
    } catch (IOException e) {
      warn(e);
    }
    return written;
  }

  /** Notes that a content is used now. */
  private static void touch(Path file) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
  }

  /** Returns where the file that is in use is to be; null if there can be none. */
  private @Nullable Path place(String name) {
    try {
      return desk.open().resolve(name);
    } catch (IOException e) {
      warn(e);
      return null;
    }
  }

  /** Gives a file a second name, or copies it where files have one name only. */
  private static void link(Path name, Path existing, Path desk) throws IOException {
    try {
      Files.createLink(name, existing);
    } catch (FileAlreadyExistsException | NoSuchFileException e) {
      throw e;
    } catch (IOException | UnsupportedOperationException e) {
      Path copy = desk.resolveSibling("copy-" + desk.getFileName());
      Files.copy(existing, copy, StandardCopyOption.REPLACE_EXISTING);
      Files.move(copy, name, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** Ends the use of a file that {@link #use} or {@link #keep} gave. */
  void release(Path used) {
    try {
      Files.deleteIfExists(used);
    } catch (IOException e) {
      LOGGER.log(System.Logger.Level.DEBUG, "Cannot remove " + used, e);
    }
    desk.close();
  }

  private record Stored(Path path, long size, FileTime used) {}

  /** Removes what was not used for the longest time until the rest is within the bound. */
  synchronized void shrink() {
    ProcessFolder.sweep(folder, DESK);
    List<Stored> stored = new ArrayList<>();
    long total = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path each : files) {
        if (STORED.matcher(String.valueOf(each.getFileName())).matches()) {
          BasicFileAttributes attributes = Files.readAttributes(each, BasicFileAttributes.class);
          stored.add(new Stored(each, attributes.size(), attributes.lastModifiedTime()));
          total += attributes.size();
        }
      }
      stored.sort(Comparator.comparing(Stored::used).thenComparing(Stored::path));
      for (Stored each : stored) {
        if (total > bound && !isUsed(each.path)) {
          Files.deleteIfExists(each.path);
          total -= each.size;
        }
      }
      bytes = total;
    } catch (IOException e) {
      // another worker is at it, or there is no folder
      LOGGER.log(System.Logger.Level.DEBUG, "Cannot look through " + folder, e);
    }
  }

  /** Returns how many bytes were kept when the folder was last looked through. */
  long bytes() {
    return bytes;
  }

  private static boolean isUsed(Path stored) throws IOException {
    try {
      return (int) Files.getAttribute(stored, "unix:nlink") > 1;
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return false; // whoever uses it has its own name for it
    }
  }

  private synchronized void warn(IOException e) {
    if (!warned) {
      warned = true;
      LOGGER.log(
          System.Logger.Level.WARNING,
          "Code cannot be cached in {0} ({1}); it is kept in memory and fetched again when "
              + "needed",
          folder,
          e.toString());
    }
  }
}
