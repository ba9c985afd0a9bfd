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
import org.jspecify.annotations.Nullable;

/** Jars, and folders as the jars that they are packed into. Safe for all threads. */
final class FileContents {
  /** What was found in this process, so that each run need not read all files again. */
  private static final Map<Path, Known> KNOWN = new ConcurrentHashMap<>();

  private FileContents() {}

  /**
   * What is in a file.
   *
   * @param size how many bytes
   * @param hash their SHA-256
   */
  record Hashed(long size, Bytes hash) {}

  /** What a file or folder was when it was read. */
  private record Known(Object stamp, Hashed hashed) {}

  private record Stamp(long size, FileTime modified) {}

  /** Returns size and hash of a jar or of a packed folder. */
  static Hashed hash(Path path) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
    Pack pack = attributes.isDirectory() ? Pack.ofFolder(path) : null;
    Object stamp =
        pack == null ? new Stamp(attributes.size(), attributes.lastModifiedTime()) : pack.stamp();
    Known known = KNOWN.get(path);
    if (known != null && known.stamp.equals(stamp)) {
      return known.hashed;
    }
    Hashed hashed = pack == null ? new Hashed(attributes.size(), Sha256.of(path)) : hash(pack);
    KNOWN.put(path, new Known(stamp, hashed));
    return hashed;
  }

  private static Hashed hash(Pack pack) throws IOException {
    MessageDigest digest = Sha256.digest();
    long size = pack.write(Sha256.into(digest));
    return new Hashed(size, Sha256.finish(digest));
  }

  /** Returns what is in the jar or folder if that still has the hash, otherwise null. */
  static @Nullable Bytes read(Path path, Bytes hash) throws IOException {
    if (!Files.isDirectory(path)) {
      try (InputStream in = Files.newInputStream(path)) {
        return Sha256.read(in, hash);
      }
    }
    MessageDigest digest = Sha256.digest();
    Bytes.Builder bytes = new Bytes.Builder(Long.MAX_VALUE);
    Pack.ofFolder(path).write(new DigestOutputStream(bytes, digest));
    return Sha256.finish(digest).equals(hash) ? bytes.toBytes() : null;
  }
}
