package dev.grain.message;

import dev.grain.bytes.Bytes;

/** Where the classes come from that a job runs with. */
public sealed interface CodeRef {
  /** The classes of the node's own process. */
  CodeRef OWN = new Own();

  /** No classes of the program, but those that are made ready for the job on the node. */
  CodeRef NONE = new None();

  /** None of the program; there is {@link #NONE}. */
  record None() implements CodeRef {}

  /** The classes of the node's own process; there is {@link #OWN}. */
  record Own() implements CodeRef {}

  /**
   * The classes of a bundle, which the node fetches from the head if it lacks them.
   *
   * @param hash the SHA-256 of the listing of the bundle
   */
  record Bundle(Bytes hash) implements CodeRef {}
}
