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
 * A kind of file with keys: for each pair the private key (PKCS#8) and the certificate, as PEM
 * blocks. Text between the blocks is for people.
 */
final class KeyFile {
  private static final String PRIVATE_KEY = "PRIVATE KEY";
  static final String CERTIFICATE = "CERTIFICATE";
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

  /** Of the key that every process of a cluster has. */
  static final KeyFile CLUSTER =
      new KeyFile(
          """
          # The cluster key of Grain. Whoever can read this file can run code on every worker that has it.
          # Keep it to yourself (chmod 600). The first pair is offered, all of them are accepted.
          """,
          new Errors(
              "There is no cluster key at %s. Create one (grain key create), or copy the one that the other machines use.",
              "The cluster key in %s is damaged (%s). Copy it again from a machine where it works, or remove it and create a new one.",
              "The cluster key in %1$s can be read by others (%2$s), who could run code as you. Fix this: chmod 600 %1$s",
              "The cluster key in %s belongs to %s, who could run code as you. Use a copy of your own, with chmod 600."));

  /** Of the key by which a head proves itself to those who call it by HTTPS. */
  static final KeyFile SERVER =
      new KeyFile(
          """
          # The key by which this head of Grain proves itself by HTTPS. Whoever can read this file can pretend to be it.
          # Keep it to yourself (chmod 600).
          """,
          new Errors(
              "There is no key for HTTPS at %s. Start the head again, which makes one.",
              "The key for HTTPS in %s is damaged (%s). Restore it from a backup. Or remove it: the head makes a new one, of which all its users have to be told the fingerprint.",
              "The key for HTTPS in %1$s can be read by others (%2$s), who could pretend to be this head. Fix this: chmod 600 %1$s",
              "The key for HTTPS in %s belongs to %s, who could pretend to be this head. Use a copy of your own, with chmod 600."));

  private final String header;
  private final Errors errors;

  /**
   * What is told if the file cannot be used, with its path, and the fact that is wrong.
   *
   * @param open if others can read it
   * @param foreign if it is that of somebody else
   */
  private record Errors(String missing, String damaged, String open, String foreign) {}

  private KeyFile(String header, Errors errors) {
    this.header = header;
    this.errors = errors;
  }

  List<OfferedKey> read(Path file) throws IOException {
    if (Files.notExists(file)) {
      throw new NoSuchFileException(errors.missing().formatted(file));
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
  boolean writeNew(Path file, List<OfferedKey> pairs) throws IOException {
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
  void replace(Path file, List<OfferedKey> pairs) throws IOException {
    Path complete = writeBeside(file, pairs);
    try {
      Files.move(complete, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(complete);
    }
  }

  private Path writeBeside(Path file, List<OfferedKey> pairs) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(file + " is a directory. Name a file for the key.");
    }
    Files.createDirectories(folder, PRIVATE_FOLDER);
    Path complete = Files.createTempFile(folder, ".grain", ".key", PRIVATE_FILE);
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

  private String format(List<OfferedKey> pairs) {
    StringBuilder text = new StringBuilder(header);
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

  static String block(String type, byte[] content) {
    return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
        .replace("%n", "\n")
        .formatted(type, LINES.encodeToString(content), type);
  }

  private List<OfferedKey> parse(Path file, String text) throws IOException {
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

  private IOException damaged(Path file, @Nullable String how, @Nullable Throwable cause) {
    return new IOException(errors.damaged().formatted(file, how), cause);
  }

  private void ensurePrivate(Path file) throws IOException {
    if (!Files.getFileStore(file).supportsFileAttributeView("posix")) {
      return;
    }
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    if (!OWNER.containsAll(permissions)) {
      throw new IOException(
          errors.open().formatted(file, PosixFilePermissions.toString(permissions)));
    }
    ensureOwned(file);
  }

  private void ensureOwned(Path file) throws IOException {
    Path self = Path.of("/proc/self");
    if (Files.notExists(self)) {
      return;
    }
    Object user = Files.getAttribute(self, "unix:uid");
    Object owner = Files.getAttribute(file, "unix:uid");
    if (!owner.equals(user) && !owner.equals(ROOT)) {
      throw new IOException(errors.foreign().formatted(file, Files.getOwner(file)));
    }
  }
}
