package dev.grain.key;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateEncodingException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The file of a cluster key: for each pair the private key (PKCS#8) and the certificate, as PEM
 * blocks. Text between the blocks is for people.
 */
final class KeyFile {
  private static final String PRIVATE_KEY = "PRIVATE KEY";
  private static final String CERTIFICATE = "CERTIFICATE";
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
  private static final Base64.Encoder LINES =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  /** Far more than any number of pairs that a person would keep. */
  private static final int LARGEST = 1 << 20;

  private static final FileAttribute<?> PRIVATE_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<?> PRIVATE_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final Integer ROOT = 0;
  private static final Set<PosixFilePermission> OWNER =
      PosixFilePermissions.fromString("rwx------");

  private static final String HEADER =
      """
      # The cluster key of Grain. Whoever can read this file can run code on every worker that has it.
      # Keep it to yourself (chmod 600). The first pair is offered, all of them are accepted.
      """;

  private KeyFile() {}

  static List<OfferedKey> read(Path file) throws IOException {
    if (Files.notExists(file)) {
      throw new NoSuchFileException(
          "There is no cluster key at "
              + file
              + ". Create one (grain key create), or copy the one that the other machines "
              + "use.");
    }
    ensurePrivate(file);
    if (Files.size(file) > LARGEST) {
      throw damaged(file, "it has " + Files.size(file) + " bytes", null);
    }
    return parse(file, new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
  }

  /**
   * Writes the file unless there is one.
   *
   * @return whether it was written
   */
  static boolean writeNew(Path file, List<OfferedKey> pairs) throws IOException {
    Path complete = writeBeside(file, pairs);
    try {
      // a link appears with all of the contents, and never in place of another file
      Files.createLink(file, complete);
      return true;
    } catch (FileAlreadyExistsException exists) {
      return false;
    } finally {
      Files.delete(complete);
    }
  }

  /** Puts a file in the place of the one there. */
  static void replace(Path file, List<OfferedKey> pairs) throws IOException {
    Path complete = writeBeside(file, pairs);
    try {
      Files.move(complete, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(complete);
    }
  }

  private static Path writeBeside(Path file, List<OfferedKey> pairs) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(file + " is a directory. Name a file for the cluster key.");
    }
    Files.createDirectories(folder, PRIVATE_FOLDER);
    Path complete = Files.createTempFile(folder, ".cluster", ".key", PRIVATE_FILE);
    boolean written = false;
    try {
      Files.writeString(complete, format(pairs));
      written = true;
      return complete;
    } finally {
      if (!written) {
        Files.delete(complete);
      }
    }
  }

  private static String format(List<OfferedKey> pairs) {
    StringBuilder text = new StringBuilder(HEADER);
    for (OfferedKey pair : pairs) {
      text.append("\n# ").append(pair.fingerprint()).append(", made ").append(pair.made());
      text.append('\n').append(block(PRIVATE_KEY, pair.privateKey().getEncoded()));
      try {
        text.append(block(CERTIFICATE, pair.certificate().getEncoded()));
      } catch (CertificateEncodingException impossible) {
        throw new AssertionError(impossible);
      }
    }
    return text.toString();
  }

  private static String block(String type, byte[] content) {
    return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
        .replace("%n", "\n")
        .formatted(type, LINES.encodeToString(content), type);
  }

  private static List<OfferedKey> parse(Path file, String text) throws IOException {
    List<OfferedKey> pairs = new ArrayList<>();
    Matcher blocks = BLOCK.matcher(text);
    try {
      while (blocks.find()) {
        byte[] key = content(blocks, PRIVATE_KEY);
        if (!blocks.find()) {
          throw new GeneralSecurityException("the last key has no certificate");
        }
        pairs.add(OfferedKey.of(key, content(blocks, CERTIFICATE)));
      }
    } catch (GeneralSecurityException | IllegalArgumentException wrong) {
      throw damaged(file, wrong.getMessage(), wrong);
    }
    int begun = text.split("-----BEGIN", -1).length - 1;
    if (pairs.isEmpty() || begun != 2 * pairs.size()) {
      throw damaged(file, "it has no complete pair, or part of one is missing", null);
    }
    return pairs;
  }

  private static byte[] content(Matcher block, String type) throws GeneralSecurityException {
    if (!block.group(1).equals(type)) {
      throw new GeneralSecurityException(
          "a block " + block.group(1) + " is where " + type + " should be");
    }
    return Base64.getMimeDecoder().decode(block.group(2));
  }

  private static IOException damaged(Path file, @Nullable String how, @Nullable Throwable cause) {
    return new IOException(
        "The cluster key in "
            + file
            + " is damaged ("
            + how
            + "). Copy it again from a machine where it works, or remove it and create a new "
            + "one.",
        cause);
  }

  private static void ensurePrivate(Path file) throws IOException {
    if (!Files.getFileStore(file).supportsFileAttributeView("posix")) {
      return;
    }
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    if (!OWNER.containsAll(permissions)) {
      throw new IOException(
          "The cluster key in "
              + file
              + " can be read by others ("
              + PosixFilePermissions.toString(permissions)
              + "), who could run code as you. Fix this: chmod 600 "
              + file);
    }
    ensureOwned(file);
  }

  private static void ensureOwned(Path file) throws IOException {
    Path self = Path.of("/proc/self");
    if (Files.notExists(self)) {
      return;
    }
    Object user = Files.getAttribute(self, "unix:uid");
    Object owner = Files.getAttribute(file, "unix:uid");
    if (!owner.equals(user) && !owner.equals(ROOT)) {
      throw new IOException(
          "The cluster key in "
              + file
              + " belongs to "
              + Files.getOwner(file)
              + ", who could run code as you. Use a copy of your own, with chmod 600.");
    }
  }
}
