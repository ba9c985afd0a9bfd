package dev.grain.minion.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The operations on files that the queue is made of. Each either happens or not, wherever a process
 * is killed, except that the last line that is appended may be cut.
 */
interface Disk {
  /** Returns the names in a folder, in no order. */
  List<String> list(Path folder) throws IOException;

  /**
   * Returns the content of a file from a position on.
   *
   * @throws java.nio.file.NoSuchFileException if there is no such file
   */
  byte[] read(Path file, long from) throws IOException;

  /** Returns the length of a file; -1 if there is no such file. */
  long size(Path file) throws IOException;

  /** Writes a new file, which is on the disk when this returns. */
  void write(Path file, byte[] content) throws IOException;

  /**
   * Gives a file another name; one that exists is never replaced, because names are unique.
   *
   * @throws java.nio.file.NoSuchFileException if there is no such file, for example because another
   *     process was faster
   */
  void rename(Path from, Path to) throws IOException;

  /** Removes a file if it is there. */
  void delete(Path file) throws IOException;

  /** Opens a file, which is made if necessary, to append to it. */
  Appender append(Path file) throws IOException;

  /** A file that grows; it may be renamed while it is open. */
  interface Appender extends AutoCloseable {
    /**
     * Appends bytes.
     *
     * @param lasting whether they are to be on the disk when this returns, rather than in the
     *     memory of the system
     */
    void append(byte[] bytes, boolean lasting) throws IOException;

    @Override
    void close() throws IOException;
  }
}
