package dev.grain.node.isolated;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The folder of one JVM, which only its owner may enter. It is removed by whoever lives longer: the
 * worker, or the JVM if the worker was killed.
 *
 * @param path where it is
 */
record JvmFolder(Path path) {
  private static final String PREFIX = "grain-jvm-";
  private static final Path SHORT = Path.of("/tmp");

  /** The address of a socket may have about a hundred bytes. */
  private static final int LONGEST_ADDRESS = 100;

  private static final int BEGIN = 64 * 1024;
  private static final int TAIL = 16 * 1024;

  /** Makes one where temporary files go, or in /tmp if the way there is too long for a socket. */
  static JvmFolder create() throws IOException {
    JvmFolder usual = new JvmFolder(Files.createTempDirectory(PREFIX));
    if (usual.socket().toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_ADDRESS) {
      return usual;
    }
    usual.delete();
    return new JvmFolder(Files.createTempDirectory(SHORT, PREFIX));
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

  /** Removes it, as far as that is possible. */
  void delete() {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path each : files) {
        Files.deleteIfExists(each);
      }
      Files.deleteIfExists(path);
    } catch (NoSuchFileException e) {
      // the other side has removed it
    } catch (IOException e) {
      // the JVM makes a file at this moment, or the disk is gone
    }
  }
}
