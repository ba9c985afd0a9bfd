package dev.grain.wire;

/**
 * The answer of a side that does not want the connection.
 *
 * @param reason what kind of reason, for programs
 * @param sentence why, and what to do, for people
 */
record Refusal(Code reason, String sentence) implements Greeting {
  /** Kinds of reasons. */
  enum Code {
    /** Something else; what a later version has beyond these counts as this one. */
    OTHER,
    /** The two do not fit together: releases, Java versions, codecs. */
    VERSION,
    /** The refusing side wants TLS. */
    TLS,
    /** The refusing side speaks plain text. */
    PLAIN_TEXT
  }
}
