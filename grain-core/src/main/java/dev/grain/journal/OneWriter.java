package dev.grain.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to write a journal, which one run has at a time: the lock of a file beside it, as the
 * journal itself may be replaced by a shorter one. The file stays; its existence means nothing.
 */
final class OneWriter implements AutoCloseable {
  /** What its file has behind the name of the journal. */
  static final String LOCK = ".lock";

  private static final int LONGEST = 200;

  /**
   * The journals of this process. Locks are those of a process, and closing a second channel of the
   * same file would give the lock of the first one away.
   */
  private static final Set<Path> OF_THIS_PROCESS = ConcurrentHashMap.newKeySet();

  private final Path journal;
  private final FileChannel channel;

  private OneWriter(Path journal, FileChannel channel) {
    this.journal = journal;
    this.channel = channel;
  }

  /**
   * Takes the right.
   *
   * @throws IOException if another run has it, in a sentence, or the file cannot be written
   */
  static OneWriter of(Path journal) throws IOException {
    if (!OF_THIS_PROCESS.add(journal)) {
      throw inUse(journal, " of this process");
    }
    try {
      return new OneWriter(journal, lockedChannel(journal));
    } catch (IOException | RuntimeException e) {
      OF_THIS_PROCESS.remove(journal);
      throw e;
    }
  }

  private static FileChannel lockedChannel(Path journal) throws IOException {
    FileChannel channel =
        FileChannel.open(
            journal.resolveSibling(journal.getFileName() + LOCK),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw inUse(journal, holder(channel));
      }
      String self = ", process " + ProcessHandle.current().pid();
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(self.getBytes(StandardCharsets.US_ASCII)));
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static UnusableJournalException inUse(Path journal, String holder) {
    return new UnusableJournalException(
        ("The journal %s is in use by another run%s. Wait until that run has ended, end it, "
                + "or give this run another journal.")
            .formatted(journal, holder));
  }

  /** Returns who has the lock, in words, if the file names it. */
  private static String holder(FileChannel channel) {
    ByteBuffer bytes = ByteBuffer.allocate(LONGEST);
    try {
      channel.read(bytes, 0);
    } catch (IOException e) {
      return "";
    }
    return StandardCharsets.US_ASCII.decode(bytes.flip()).toString();
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      OF_THIS_PROCESS.remove(journal);
    }
  }
}
