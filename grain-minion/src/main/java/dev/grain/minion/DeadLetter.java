package dev.grain.minion;

import java.util.Arrays;

/**
 * An item that was given up.
 *
 * @param id what identifies it in the queue
 * @param value what it has
 * @param count how many times it was delivered
 * @param reason why it was given up, for people
 */
@SuppressWarnings("ArrayRecordComponent") // compared by its content, and copied
public record DeadLetter(String id, byte[] value, int count, String reason) {
  /** Makes one; the value is copied. */
  public DeadLetter {
    value = value.clone();
  }

  /** Returns what it has; a copy. */
  @Override
  public byte[] value() {
    return value.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DeadLetter letter
        && letter.id.equals(id)
        && Arrays.equals(letter.value, value)
        && letter.count == count
        && letter.reason.equals(reason);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }
}
