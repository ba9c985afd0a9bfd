package dev.grain.code.bundle;

import dev.grain.bytes.Bytes;
import java.io.ByteArrayInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.time.LocalDateTime;
import java.util.EnumSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.jar.JarFile;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * A jar made of named contents. The same contents give the same bytes: in the order of the names,
 * without times, not compressed.
 */
final class Pack {
  /** How many bytes of files a folder may have. */
  static final long MAX_FOLDER = 1L << 30;

  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  /** Up to how many bytes a file is read at once, so that it may change meanwhile. */
  private static final int READ_AT_ONCE = 16 << 20;

  /** A file of a pack; a large one is read twice. */
  @FunctionalInterface
  private interface EntryContent {
    InputStream open() throws IOException;
  }

  private final SortedMap<String, EntryContent> contents = new TreeMap<>();
  private final SortedMap<String, String> stamps = new TreeMap<>();
  private long size;

  /** Returns a pack of bytes in memory. */
  static Pack of(SortedMap<String, byte[]> files) {
    Pack pack = new Pack();
    files.forEach((name, bytes) -> pack.contents.put(name, () -> new ByteArrayInputStream(bytes)));
    return pack;
  }

  /**
   * Returns a pack of what is in a folder; links are followed.
   *
   * @param skipped which files are left out
   */
  static Pack ofFolder(Path folder, Predicate<Path> skipped) throws IOException {
    Pack pack = new Pack();
    Files.walkFileTree(
        folder,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        Integer.MAX_VALUE,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
            if (!path.equals(folder)) {
              pack.contents.put(nameIn(folder, path) + "/", InputStream::nullInputStream);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            if (skipped.test(path)) {
              return FileVisitResult.CONTINUE;
            }
            pack.count(attributes.size());
            if (attributes.isRegularFile()) {
              String name = nameIn(folder, path);
              pack.contents.put(name, () -> Files.newInputStream(path));
              pack.stamps.put(name, attributes.size() + " " + attributes.lastModifiedTime());
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path path, IOException e) throws IOException {
            throw e instanceof FileSystemLoopException ? new IOException(sentence(path), e) : e;
          }
        });
    return pack;
  }

  /**
   * Returns a pack of what is in a jar, or in a folder of it, to be written while the jar is open.
   * A folder has the manifest of its jar, unless there is one in it.
   *
   * @param folder the name of the folder, or nothing
   * @param skipped which files of the jar are left out
   */
  static Pack ofJar(ZipFile jar, String folder, Set<String> skipped) throws IOException {
    Pack pack = new Pack();
    String prefix = folder.isEmpty() ? "" : folder + "/";
    for (ZipEntry each : jar.stream().toList()) {
      String name = each.getName();
      if (name.startsWith(prefix) && !name.equals(prefix) && !skipped.contains(name)) {
        pack.count(each.getSize());
        pack.contents.put(name.substring(prefix.length()), () -> jar.getInputStream(each));
      }
    }
    ZipEntry manifest = jar.getEntry(JarFile.MANIFEST_NAME);
    if (manifest != null) {
      pack.contents.putIfAbsent(JarFile.MANIFEST_NAME, () -> jar.getInputStream(manifest));
    }
    return pack;
  }

  private void count(long bytes) throws IOException {
    size += bytes;
    if (size > MAX_FOLDER) {
      throw new IOException(
          "it has more than "
              + (MAX_FOLDER >> 20)
              + " MiB of files; start the program with a class path that has nothing but"
              + " its classes and resources");
    }
  }

  private static String sentence(Path inLoop) {
    Path link = inLoop;
    while (!Files.isSymbolicLink(link) && link.getParent() != null) {
      link = link.getParent();
    }
    return "it has a link that leads back to a folder above it: %s; remove the link"
        .formatted(link);
  }

  private static String nameIn(Path folder, Path path) {
    return folder.relativize(path).toString().replace(path.getFileSystem().getSeparator(), "/");
  }

  /** Returns what changes when a file of the folder does. */
  Bytes stamp() {
    MessageDigest digest = Sha256.digest();
    stamps.forEach((name, stamp) -> {
      digest.update(name.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      digest.update(stamp.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
    });
    return Sha256.finish(digest);
  }

  /** Writes the jar and returns how many bytes it has. */
  long write(OutputStream target) throws IOException {
    Counting counted = new Counting(target);
    ZipOutputStream zip = new ZipOutputStream(counted);
    for (var each : contents.entrySet()) {
      write(each.getKey(), each.getValue(), zip);
    }
    zip.finish();
    zip.flush();
    return counted.count;
  }

  private static void write(String name, EntryContent content, ZipOutputStream zip)
      throws IOException {
    try (InputStream in = content.open()) {
      byte[] bytes = in.readNBytes(READ_AT_ONCE);
      EntryContent same =
          bytes.length < READ_AT_ONCE ? () -> new ByteArrayInputStream(bytes) : content;
      zip.putNextEntry(entry(name, same));
      try (InputStream again = same.open()) {
        again.transferTo(zip);
      }
      zip.closeEntry();
    }
  }

  /** Returns what stands in front of an entry that is not compressed. */
  private static ZipEntry entry(String name, EntryContent content) throws IOException {
    CRC32 crc = new CRC32();
    long size = 0;
    byte[] buffer = new byte[64 * 1024];
    try (InputStream in = content.open()) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        crc.update(buffer, 0, count);
        size += count;
      }
    }
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setTimeLocal(TIME);
    entry.setSize(size);
    entry.setCrc(crc.getValue());
    return entry;
  }

  /** Returns how many bytes the files of a folder had when it was looked through. */
  long size() {
    return size;
  }

  /** Counts what goes through it. Used by one thread. */
  private static final class Counting extends FilterOutputStream {
    private long count;

    Counting(OutputStream target) {
      super(target);
    }

    @Override
    public void write(int next) throws IOException {
      out.write(next);
      count++;
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      out.write(source, offset, length);
      count += length;
    }
  }

  Bytes toBytes() throws IOException {
    Bytes.Builder bytes = new Bytes.Builder(Long.MAX_VALUE);
    write(bytes);
    return bytes.toBytes();
  }
}
