package dev.grain.journal;

import dev.grain.journal.Contents.Stretch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes a file ready to be appended to, whatever became of it. Used by one thread. */
final class JournalReader {
  private static final System.Logger LOG = System.getLogger(JournalReader.class.getName());

  private static final Set<PosixFilePermission> OWNER =
      Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  /** What the files beside it have behind its name. */
  private static final String NEW = ".new";

  private static final String DAMAGED = ".damaged-";

  private final Path file;

  private JournalReader(Path file) {
    this.file = file;
  }

  /**
   * Reads what is in the file, and leaves nothing in it that is not whole. Makes it if there is
   * none.
   *
   * @param file a real path, for which {@link OneWriter} is held
   * @throws IOException if it is no journal, or one of another version, in a sentence that states
   *     what to do; it is then as it was. Or if it cannot be read or written
   */
  static Contents of(Path file) throws IOException {
    return new JournalReader(file).run();
  }

  /**
   * Changes nothing, nor makes anything.
   *
   * @param file a real path; nobody has to hold {@link OneWriter} for it
   * @throws IOException if there is a file and it is no journal, or one of another version, in a
   *     sentence that states what to do. Or if it cannot be read
   */
  static void ensureJournalOrNone(Path file) throws IOException {
    if (Files.exists(file) && !isBegun(file)) {
      try (Source source = new Source(file)) {
        ensureJournal(file, source);
      }
    }
  }

  /** Returns whether a file that is beside a journal has to do with it, by their names. */
  static boolean isPartOf(String name, String journal) {
    return name.startsWith(journal)
        && (name.length() == journal.length()
            || name.equals(journal + NEW)
            || name.equals(journal + OneWriter.LOCK)
            || name.startsWith(journal + DAMAGED));
  }

  private Contents run() throws IOException {
    Files.deleteIfExists(file.resolveSibling(file.getFileName() + NEW));
    if (!Files.exists(file) || isBegun(file)) {
      replace(List.of(), null);
      return Contents.none();
    }
    List<Stretch> worthKeeping;
    try (Source source = new Source(file)) {
      ensureJournal(file, source);
      Contents contents = Contents.read(source);
      long size = source.size();
      if (contents.end() < size && new Scan(source).mayHaveMore(contents.end() + 1)) {
        Path aside = setAside();
        replace(
            List.of(new Stretch(JournalFormat.HEADER, contents.end() - JournalFormat.HEADER)),
            source);
        LOG.log(System.Logger.Level.WARNING, sentence(contents, size, aside));
        return contents;
      }
      worthKeeping = contents.worthKeeping();
      long kept = JournalFormat.HEADER + worthKeeping.stream().mapToLong(Stretch::length).sum();
      if (kept >= contents.end() - kept) {
        cut(contents.end(), size);
        return contents;
      }
      replace(worthKeeping, source);
      LOG.log(
          System.Logger.Level.DEBUG,
          String.format(
              Locale.ROOT,
              "The journal %s had %,d bytes and was compacted to %,d, without results that "
                  + "were not used lately.",
              file,
              size,
              kept));
    }
    try (Source source = new Source(file)) {
      return Contents.read(source);
    }
  }

  /** Returns whether nothing of it was written but a part of its header, or not even that. */
  private static boolean isBegun(Path file) throws IOException {
    if (Files.size(file) >= JournalFormat.HEADER) {
      return false;
    }
    return JournalFormat.isBegunHeader(Files.readAllBytes(file));
  }

  private static void ensureJournal(Path file, Source source) throws IOException {
    byte[] header = source.read(0, (int) Math.min(JournalFormat.HEADER, source.size()));
    if (!JournalFormat.isJournal(header)) {
      throw new UnusableJournalException(
          ("%s is not a Grain journal. It was not changed. Name another file, or move this "
                  + "one away.")
              .formatted(file));
    }
    int version = JournalFormat.versionOf(header);
    if (version != JournalFormat.VERSION) {
      throw new UnusableJournalException(
          ("The journal %s has format %s, but this release of Grain reads format %s. It was "
                  + "not changed. Use the release that wrote it, or name another file.")
              .formatted(file, version, JournalFormat.VERSION));
    }
  }

  private String sentence(Contents contents, long size, Path aside) {
    return String.format(
        Locale.ROOT,
        "The journal %s is damaged at byte %,d of %,d. The %,d outcomes before it are kept, "
            + "and later jobs run again. The damaged file was renamed to %s.",
        file,
        contents.end(),
        size,
        contents.size(),
        aside);
  }

  /** Cuts off what was not written to its end when a life ended. */
  private void cut(long end, long size) throws IOException {
    if (end < size) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(end);
        channel.force(true);
      }
      LOG.log(
          System.Logger.Level.DEBUG,
          String.format(
              Locale.ROOT,
              "The last %,d bytes of the journal %s were incomplete and were removed.",
              size - end,
              file));
    }
  }

  /** Gives the file another name as well, under which it stays when it is replaced. */
  private Path setAside() throws IOException {
    int number = 1;
    Path aside = aside(number);
    while (Files.exists(aside)) {
      aside = aside(++number);
    }
    try {
      Files.createLink(aside, file);
    } catch (UnsupportedOperationException | IOException e) {
      Files.copy(file, aside);
    }
    return aside;
  }

  private Path aside(int number) {
    return file.resolveSibling(file.getFileName() + DAMAGED + number);
  }

  /**
   * Puts another file in its place, at once and for good.
   *
   * @param stretches what is in it behind the header
   * @param source has the stretches; null if there are none
   */
  private void replace(List<Stretch> stretches, @Nullable Source source) throws IOException {
    Path made = file.resolveSibling(file.getFileName() + NEW);
    Files.createFile(made);
    makePrivate(made);
    try {
      try (Disk disk = Disk.of(made)) {
        disk.write(ByteBuffer.wrap(JournalFormat.header()));
        Appender appender = new Appender(disk);
        for (Stretch each : stretches) {
          copy(each, source, appender);
        }
        appender.flush();
        disk.force();
      }
      move(made);
    } catch (IOException e) {
      Files.deleteIfExists(made);
      throw e;
    }
    forceFolder();
  }

  private void move(Path made) throws IOException {
    try {
      Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(made, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /**
   * Keeps the rights of the file that is there, and else leaves it to its owner: whoever can write
   * it decides what the program takes for its results.
   */
  private void makePrivate(Path made) throws IOException {
    try {
      Files.setPosixFilePermissions(
          made, Files.exists(file) ? Files.getPosixFilePermissions(file) : OWNER);
    } catch (UnsupportedOperationException e) {
      // such a file system has its own ways
    }
  }

  private static void copy(Stretch stretch, @Nullable Source source, Appender target)
      throws IOException {
    long end = stretch.position() + stretch.length();
    for (long at = stretch.position(); source != null && at < end; ) {
      byte[] bytes = source.read(at, (int) Math.min(64 * 1024, end - at));
      target.append(bytes);
      at += bytes.length;
    }
  }

  private void forceFolder() throws IOException {
    Path folder = file.getParent();
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      // not every system opens folders; where it does not, moves are for good by themselves
    }
  }
}
