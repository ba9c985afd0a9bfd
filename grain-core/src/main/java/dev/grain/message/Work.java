package dev.grain.message;

import dev.grain.bytes.Bytes;

/** What a job does while it runs. */
public sealed interface Work permits Work.Call, Work.Command {
  /** Returns which kind of work this is. */
  Kind kind();

  /** Returns what the work is, as bytes that jobs with the same work share. */
  Bytes content();

  /** The kinds of work; each needs a runner of its own. */
  enum Kind {
    /** A Java function is called. */
    CALL,
    /** A program is started. */
    COMMAND
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

    @Override
    public Bytes content() {
      return function;
    }
  }

  /**
   * Starts a program. The input of the order is a {@link CommandInput}, encoded.
   *
   * @param line a {@link CommandLine}, encoded
   */
  record Command(Bytes line) implements Work {
    @Override
    public Kind kind() {
      return Kind.COMMAND;
    }

    @Override
    public Bytes content() {
      return line;
    }
  }
}
