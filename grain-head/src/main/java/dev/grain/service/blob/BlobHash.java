package dev.grain.service.blob;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The name of a blob: the SHA-256 of its bytes.
 *
 * @param hex 64 digits, letters in lower case
 */
public record BlobHash(String hex) implements Comparable<BlobHash> {
  private static final int LENGTH = 64;

  /**
   * Checks the digits, as the name becomes a part of a path.
   *
   * @throws IllegalArgumentException if it is no hash
   */
  public BlobHash {
    if (!isHash(hex)) {
      throw new IllegalArgumentException(
          "\"%s\" is not the name of a blob. A blob is named by the SHA-256 of its bytes: 64 of the characters 0-9 and a-f, as sha256sum prints them."
              .formatted(hex.length() > LENGTH ? hex.substring(0, LENGTH) + "..." : hex));
    }
  }

  static boolean isHash(String text) {
    return text.length() == LENGTH
        && text.chars()
            .allMatch(each -> (each >= '0' && each <= '9') || (each >= 'a' && each <= 'f'));
  }

  /** Returns the one of bytes. */
  public static BlobHash of(byte[] bytes) {
    return new BlobHash(HexFormat.of().formatHex(digest().digest(bytes)));
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public int compareTo(BlobHash other) {
    return hex.compareTo(other.hex);
  }

  @Override
  public String toString() {
    return hex;
  }
}
