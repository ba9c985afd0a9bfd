package dev.grain.node.isolated;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * How many jobs a JVM has begun, in a file that is mapped into its memory. To count costs the JVM
 * nothing, and the file outlives it, however it has ended: only then does the worker read it. Only
 * accessed by the thread that starts jobs.
 */
final class BegunNote {
  private final MappedByteBuffer note;

  private BegunNote(MappedByteBuffer note) {
    this.note = note;
  }

  /** Makes the file, whose bytes are there: a mapped file without room for them ends its JVM. */
  static void create(Path file) throws IOException {
    Files.write(file, new byte[Long.BYTES]);
  }

  /** Opens a file that was made by {@link #create}. */
  static BegunNote open(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new BegunNote(channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES));
    }
  }

  /** Counts a job that may begin from here on. */
  void count() {
    note.putLong(0, note.getLong(0) + 1);
  }

  /**
   * Returns how many jobs a JVM that has ended may have begun, which are all if that is not known.
   */
  static long read(Path file) {
    try (DataInputStream in = new DataInputStream(Channels.newInputStream(JvmFolder.open(file)))) {
      return in.readLong();
    } catch (IOException e) {
      return Long.MAX_VALUE;
    }
  }
}
