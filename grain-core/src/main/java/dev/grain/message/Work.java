package dev.grain.message;

import dev.grain.bytes.Bytes;

/** What a job does while it runs. */
public sealed interface Work permits Work.Call {
  /** Returns which kind of work this is. */
  Kind kind();

  /** The kinds of work; each needs a runner of its own. */
  enum Kind {
    /** A Java function is called. */
    CALL
  }

  /**
   * Calls a Java function. The input of the order is what the function captures, and its arguments,
   * encoded.
   *
   * @param function the identity of its code, encoded
   * @param platformThread whether it asks for a platform thread
   */
  record Call(Bytes function, boolean platformThread) implements Work {
    @Override
    public Kind kind() {
      return Kind.CALL;
    }
  }
}
