package dev.grain.environment;

import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Sums up all that an environment depends on. Each part is taken with its length. */
final class Fingerprint {
  /** Enough of it that no two are the same. */
  private static final int BYTES = 16;

  private final MessageDigest digest = sha256();

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java runtime has SHA-256", e);
    }
  }

  void add(String text) {
    add(Bytes.utf8(text));
  }

  void add(Bytes bytes) {
    addLength(bytes.length());
    bytes.chunks().forEach(digest::update);
  }

  private void addLength(long length) {
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(length).flip());
  }

  /**
   * Adds a file, a link or a folder with all that is in it, with names and modes.
   *
   * @throws InterruptedException if the thread is interrupted, as this may take long
   */
  void addTree(Path root) throws IOException, InterruptedException {
    List<Path> all = FileTree.list(root);
    addLength(all.size());
    for (Path each : all) {
      FileTree.ensureNotInterrupted();
      add(FileTree.name(root, each));
      if (Files.isSymbolicLink(each)) {
        add("link");
        add(Files.readSymbolicLink(each).toString());
      } else if (Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)) {
        add("folder");
      } else if (Files.isRegularFile(each)) {
        add(Files.isExecutable(each) ? "program" : "file");
        addContent(each);
      }
    }
  }

  private void addContent(Path file) throws IOException {
    MessageDigest content = sha256();
    byte[] buffer = new byte[64 * 1024];
    try (InputStream in = Files.newInputStream(file)) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        content.update(buffer, 0, count);
      }
    }
    digest.update(content.digest());
  }

  /** Returns it as a text of hexadecimal digits; nothing can be added after that. */
  String hex() {
    return HexFormat.of().formatHex(digest.digest(), 0, BYTES);
  }
}
