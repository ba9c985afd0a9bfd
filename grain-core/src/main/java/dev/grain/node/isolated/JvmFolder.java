package dev.grain.node.isolated;

import dev.grain.folder.ProcessFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one JVM, which only its owner may enter. It is removed by whoever lives longer: the
 * worker, or the JVM if the worker was killed. If both were killed, the next JVM of the same user
 * removes it.
 *
 * <p>A JVM that runs apart may be of another user, and is not trusted: it has a folder within that
 * of the worker, and what it leaves there is only read if it is a file, and no link to another one.
 *
 * @param path where it is
 * @param printed has what the JVM itself prints
 * @param own keeps it for as long as the worker lives; null in the JVM
 */
record JvmFolder(Path path, Path printed, @Nullable ProcessFolder own) {
  private static final String PREFIX = "grain-jvm-";
  private static final String PRINTED = "printed";
  private static final String SHARED = "jvm";
  private static final Path USUAL = Path.of(System.getProperty("java.io.tmpdir"));
  private static final Path SHORT = Path.of("/tmp");

  /** The address of a socket may have about a hundred bytes. */
  private static final int LONGEST_ADDRESS = 100;

  /** So much of what a JVM prints stays when it has no job. */
  private static final long MOST_PRINTED = 1L << 20;

  private static final int BEGIN = 64 * 1024;
  private static final int TAIL = 16 * 1024;

  /**
   * Makes one where temporary files go, or in /tmp if the way there is too long for a socket.
   *
   * @param isApart whether the JVM runs apart
   */
  static JvmFolder create(boolean isApart) throws IOException {
    return create(USUAL, isApart);
  }

  static JvmFolder create(Path parent, boolean isApart) throws IOException {
    JvmFolder usual = make(parent, isApart);
    if (usual.socket().toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_ADDRESS) {
      return usual;
    }
    usual.delete();
    return make(SHORT, isApart);
  }

  private static JvmFolder make(Path parent, boolean isApart) throws IOException {
    ProcessFolder own = ProcessFolder.temporary(parent, PREFIX);
    Path whole = own.open();
    Path path = isApart ? Files.createDirectory(whole.resolve(SHARED)) : whole;
    return new JvmFolder(path, whole.resolve(PRINTED), own);
  }

  /** Returns the one that the worker has made for this JVM, where this JVM has it. */
  static JvmFolder ofThisJvm(Path path) {
    return new JvmFolder(path, path.resolve(PRINTED), null);
  }

  Path socket() {
    return path.resolve("socket");
  }

  /** Has what the JVM needs to know before the first job. */
  Path setup() {
    return path.resolve("setup");
  }

  /** Has the class path, which may be longer than a command line. */
  Path classPath() {
    return path.resolve("classpath");
  }

  /** Has the {@link BegunNote}. */
  Path begun() {
    return path.resolve("begun");
  }

  /** Has the JVM's report of a crash. */
  Path crash() {
    return path.resolve("crash");
  }

  /** Has what the JVM's compiler leaves when it crashes. */
  Path replay() {
    return path.resolve("replay");
  }

  /** Contains the message of a JVM that ends because its memory is exhausted. */
  Path exhausted() {
    return path.resolve("exhausted");
  }

  /** Returns the start of a file; nothing if it is not there. */
  static String begin(Path file) {
    try (InputStream in = Channels.newInputStream(open(file))) {
      return new String(in.readNBytes(BEGIN), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  /** Returns the end of a file; nothing if it is not there. */
  static String end(Path file) {
    try (SeekableByteChannel open = open(file)) {
      open.position(Math.max(0, open.size() - TAIL));
      InputStream in = Channels.newInputStream(open);
      return new String(in.readNBytes(TAIL), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  /** Opens a file that a JVM has left; a link or a pipe counts as none. */
  static SeekableByteChannel open(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new NoSuchFileException(file.toString());
    }
    return Files.newByteChannel(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
  }

  /** Forgets what the JVM has printed if that is long; it goes on printing. */
  void boundPrinted() {
    try {
      if (Files.size(printed()) > MOST_PRINTED) {
        try (FileChannel file = FileChannel.open(printed(), StandardOpenOption.WRITE)) {
          file.truncate(0);
        }
      }
    } catch (IOException e) {
      // then it is not
    }
  }

  /** Removes it, as far as that is possible. */
  void delete() {
    ProcessFolder mine = own;
    if (mine == null) {
      ProcessFolder.delete(path);
    } else {
      mine.close();
    }
  }
}
