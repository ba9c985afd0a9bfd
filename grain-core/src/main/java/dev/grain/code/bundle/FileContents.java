package dev.grain.code.bundle;

import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Jars, and folders as the jars that they are packed into. Safe for all threads. */
final class FileContents {
  /** What was found in this process, so that each run need not read all files again. */
  private static final Map<Path, Known> KNOWN = new ConcurrentHashMap<>();

  /** Up to how many bytes a packed folder is kept in memory, so that its files may change. */
  private static final long KEPT = 32L << 20;

  private FileContents() {}

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

  private record Stamp(long size, FileTime modified) {}

  /** Returns size and hash of a jar or of a packed folder. */
  static Hashed hash(Path path) throws IOException {
    return hash(path, _ -> false);
  }

  /**
   * Returns size and hash of a jar or of a packed folder.
   *
   * @param skipped which files of a folder do not count
   */
  static Hashed hash(Path path, Predicate<Path> skipped) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
    Pack pack = attributes.isDirectory() ? Pack.ofFolder(path, skipped) : null;
    Object stamp =
        pack == null ? new Stamp(attributes.size(), attributes.lastModifiedTime()) : pack.stamp();
    Known known = KNOWN.get(path);
    if (known != null && known.stamp.equals(stamp)) {
      return known.hashed;
    }
    Known found =
        pack == null
            ? new Known(stamp, new Hashed(attributes.size(), Sha256.of(path)), null)
            : packed(stamp, pack);
    KNOWN.put(path, found);
    return found.hashed;
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
  static @Nullable Bytes read(Path path, Predicate<Path> skipped, Bytes hash) throws IOException {
    Known known = KNOWN.get(path);
    if (known != null && known.packed != null && known.hashed.hash.equals(hash)) {
      return known.packed;
    }
    if (!Files.isDirectory(path)) {
      try (InputStream in = Files.newInputStream(path)) {
        return Sha256.read(in, hash);
      }
    }
    MessageDigest digest = Sha256.digest();
    Bytes.Builder bytes = new Bytes.Builder(Long.MAX_VALUE);
    Pack.ofFolder(path, skipped).write(new DigestOutputStream(bytes, digest));
    return Sha256.finish(digest).equals(hash) ? bytes.toBytes() : null;
  }
}
