package dev.grain.node.isolated;

import dev.grain.node.confine.Life;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserPrincipal;

/**
 * The folder of one JVM, which only its owner may enter. It is removed by whoever lives longer: the
 * worker, or the JVM if the worker was killed. If both were killed, the next JVM of the same user
 * removes it: a file in it tells whose it is.
 *
 * @param path where it is
 */
record JvmFolder(Path path) {
  private static final String PREFIX = "grain-jvm-";
  private static final String OWNER = "owner";

  /** Machines may share a folder for temporary files, and number their processes alike. */
  private static final String MACHINE = machine() + " ";

  private static final String SELF = MACHINE + Life.next().name();
  private static final Path USUAL = Path.of(System.getProperty("java.io.tmpdir"));
  private static final Path SHORT = Path.of("/tmp");

  /** The address of a socket may have about a hundred bytes. */
  private static final int LONGEST_ADDRESS = 100;

  /** So much of what a JVM prints stays when it has no job. */
  private static final long MOST_PRINTED = 1L << 20;

  private static final int BEGIN = 64 * 1024;
  private static final int TAIL = 16 * 1024;

  /** Returns what tells the start of this machine from others. */
  private static String machine() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    } catch (IOException e) {
      return "0";
    }
  }

  /** Makes one where temporary files go, or in /tmp if the way there is too long for a socket. */
  static JvmFolder create() throws IOException {
    return create(USUAL);
  }

  static JvmFolder create(Path parent) throws IOException {
    JvmFolder usual = make(parent);
    if (usual.socket().toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_ADDRESS) {
      return usual;
    }
    usual.delete();
    return make(SHORT);
  }

  private static JvmFolder make(Path parent) throws IOException {
    JvmFolder made = new JvmFolder(Files.createTempDirectory(parent, PREFIX));
    Files.writeString(made.owner(), SELF);
    sweep(parent, Files.getOwner(made.path));
    return made;
  }

  /** Removes the folders of processes of this machine that are gone. */
  private static void sweep(Path parent, UserPrincipal owner) {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path each : folders) {
        JvmFolder other = new JvmFolder(each);
        if (isFolderOf(owner, each) && other.isAbandoned()) {
          other.delete();
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // nothing is in the way
    }
  }

  /** Others may put something with such a name there, such as a link to a folder of this user. */
  private static boolean isFolderOf(UserPrincipal owner, Path path) {
    try {
      return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
          && Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).equals(owner);
    } catch (IOException e) {
      return false;
    }
  }

  private boolean isAbandoned() {
    String whose = begin(owner());
    return whose.startsWith(MACHINE) && Life.isOver(whose.substring(MACHINE.length()));
  }

  /** Tells which process has made it. */
  private Path owner() {
    return path.resolve(OWNER);
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

  /** Has what the JVM itself prints. */
  Path printed() {
    return path.resolve("printed");
  }

  /** Has the JVM's report of a crash. */
  Path crash() {
    return path.resolve("crash");
  }

  /** Has what the JVM's compiler leaves when it crashes. */
  Path replay() {
    return path.resolve("replay");
  }

  /** Has what a JVM says that ends because its memory is used up. */
  Path exhausted() {
    return path.resolve("exhausted");
  }

  /** Returns the begin of a file; nothing if it is not there. */
  static String begin(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(BEGIN), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  /** Returns the end of a file; nothing if it is not there. */
  static String end(Path file) {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
      byte[] end = new byte[(int) Math.min(TAIL, open.length())];
      open.seek(open.length() - end.length);
      open.readFully(end);
      return new String(end, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
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
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path each : files) {
        if (!each.endsWith(OWNER)) {
          Files.deleteIfExists(each);
        }
      }
      // last, so that another one can go on if this is interrupted
      Files.deleteIfExists(owner());
      Files.deleteIfExists(path);
    } catch (NoSuchFileException e) {
      // the other side has removed it
    } catch (IOException | DirectoryIteratorException e) {
      // the JVM makes a file at this moment, or the disk is gone
    }
  }
}
