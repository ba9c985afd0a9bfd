package dev.grain.code;

import dev.grain.bytes.Bytes;

/** Values in the one form that equal ones have in every JVM, if they have such a form. */
public sealed interface Canonical {
  /**
   * The form.
   *
   * @param bytes equal for equal values; to be compared, not decoded
   * @param bundle the id of the code that the values come with; empty if nobody asked
   */
  record Form(Bytes bytes, Bytes bundle) implements Canonical {}

  /**
   * They have none.
   *
   * @param reason why, as a clause
   */
  record None(String reason) implements Canonical {}
}
