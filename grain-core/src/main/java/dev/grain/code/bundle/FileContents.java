package dev.grain.code.bundle;

import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.Map;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Jars, and folders as the jars that they are packed into. A jar with other jars within that are
 * entries themselves is packed again without these. Safe for all threads.
 */
final class FileContents {
  /** What was found in this process, so that each run need not read all files again. */
  private static final Map<ClassPathEntry, Known> KNOWN = new ConcurrentHashMap<>();

  /** Up to how many bytes a packed folder is kept in memory, so that its files may change. */
  private static final long KEPT = 32L << 20;

  private FileContents() {}

  /**
   * What is sent of an entry.
   *
   * @param entry the entry
   * @param jarsWithin those jars within its file that are entries themselves
   * @param skipped which files of a folder on the disk do not count
   */
  record Source(ClassPathEntry entry, SortedSet<String> jarsWithin, Predicate<Path> skipped) {
    /** A jar on the disk. */
    static Source of(Path jar) {
      return new Source(ClassPathEntry.of(jar), Collections.emptySortedSet(), _ -> false);
    }

    /** Returns whether it is sent as a jar that it is packed into, and not as it is. */
    boolean isPacked() {
      return entry.isNested()
          ? !jarsWithin.contains(entry.within())
          : !jarsWithin.isEmpty() || Files.isDirectory(entry.file());
    }
  }

  /**
   * What is in a file.
   *
   * @param size how many bytes
   * @param hash their SHA-256
   */
  record Hashed(long size, Bytes hash) {}

  /**
   * What a file or folder was when it was read.
   *
   * @param packed the folder, packed, if it is small: a program may well write its log or its
   *     results into a folder of its class path
   */
  private record Known(Object stamp, Hashed hashed, @Nullable Bytes packed) {}

  private record Stamp(long size, FileTime modified, SortedSet<String> jarsWithin) {}

  /** Returns size and hash of a jar or of a packed folder. */
  static Hashed hash(Source source) throws IOException {
    Path file = source.entry.file();
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    Pack folder = attributes.isDirectory() ? Pack.ofFolder(file, source.skipped) : null;
    Object stamp =
        folder == null
            ? new Stamp(attributes.size(), attributes.lastModifiedTime(), source.jarsWithin)
            : folder.stamp();
    Known known = KNOWN.get(source.entry);
    if (known != null && known.stamp.equals(stamp)) {
      return known.hashed;
    }
    Known found = folder == null ? new Known(stamp, hashed(source), null) : packed(stamp, folder);
    KNOWN.put(source.entry, found);
    return found.hashed;
  }

  private static Hashed hashed(Source source) throws IOException {
    MessageDigest digest = Sha256.digest();
    long size = write(source, Sha256.into(digest));
    return new Hashed(size, Sha256.finish(digest));
  }

  private static Known packed(Object stamp, Pack pack) throws IOException {
    MessageDigest digest = Sha256.digest();
    if (pack.size() > KEPT) {
      long size = pack.write(Sha256.into(digest));
      return new Known(stamp, new Hashed(size, Sha256.finish(digest)), null);
    }
    Bytes.Builder bytes = new Bytes.Builder(Long.MAX_VALUE);
    long size = pack.write(new DigestOutputStream(bytes, digest));
    return new Known(stamp, new Hashed(size, Sha256.finish(digest)), bytes.toBytes());
  }

  /** Returns what is in the jar or folder if that is still known by the hash, otherwise null. */
  static @Nullable Bytes read(Source source, Bytes hash) throws IOException {
    Known known = KNOWN.get(source.entry);
    if (known != null && known.packed != null && known.hashed.hash.equals(hash)) {
      return known.packed;
    }
    MessageDigest digest = Sha256.digest();
    Bytes.Builder bytes = new Bytes.Builder(Long.MAX_VALUE);
    write(source, new DigestOutputStream(bytes, digest));
    return Sha256.finish(digest).equals(hash) ? bytes.toBytes() : null;
  }

  /** Writes the jar, or what it is packed into, and returns how many bytes that has. */
  private static long write(Source source, OutputStream target) throws IOException {
    ClassPathEntry entry = source.entry;
    if (Files.isDirectory(entry.file())) {
      return Pack.ofFolder(entry.file(), source.skipped).write(target);
    }
    if (!entry.isNested() && !source.isPacked()) {
      return Files.copy(entry.file(), target);
    }
    try (ZipFile jar = new ZipFile(entry.file().toFile())) {
      if (source.isPacked()) {
        return Pack.ofJar(jar, entry.within(), source.jarsWithin).write(target);
      }
      ZipEntry nested = jar.getEntry(entry.within());
      if (nested == null) {
        return 0; // the file has changed
      }
      try (InputStream in = jar.getInputStream(nested)) {
        return in.transferTo(target);
      }
    }
  }
}
