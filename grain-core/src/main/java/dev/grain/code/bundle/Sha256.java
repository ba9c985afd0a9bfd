package dev.grain.code.bundle;

import dev.grain.bytes.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Names of contents: their SHA-256. */
final class Sha256 {
  /** The length of a hash, in bytes. */
  static final int LENGTH = 32;

  private static final int BRIEF = 8;

  private Sha256() {}

  /** Returns a digest without any bytes yet. */
  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java runtime has SHA-256", e);
    }
  }

  /** Ends a digest. */
  static Bytes finish(MessageDigest digest) {
    return Bytes.of(digest.digest());
  }

  static Bytes of(Bytes content) throws IOException {
    try (InputStream in = content.stream()) {
      return of(in);
    }
  }

  static Bytes of(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return of(in);
    }
  }

  private static Bytes of(InputStream content) throws IOException {
    MessageDigest digest = digest();
    byte[] buffer = new byte[64 * 1024];
    for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
      digest.update(buffer, 0, count);
    }
    return finish(digest);
  }

  /** Returns a stream that only updates the digest. */
  static OutputStream into(MessageDigest digest) {
    return new DigestOutputStream(OutputStream.nullOutputStream(), digest);
  }

  /** Returns the hash as 64 digits. */
  static String hex(Bytes hash) {
    byte[] bytes = hash.single();
    if (bytes == null || bytes.length != LENGTH) {
      throw new IllegalArgumentException("No SHA-256: it has " + hash.length() + " bytes");
    }
    return HexFormat.of().formatHex(bytes);
  }

  /** Returns as much of the hash as people need to distinguish it from others. */
  static String brief(Bytes hash) {
    return hex(hash).substring(0, BRIEF);
  }
}
