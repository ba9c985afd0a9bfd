package dev.grain.head;

import dev.grain.bytes.Bytes;
import dev.grain.message.Message;
import java.util.function.Consumer;

/** Where the head finds the code that nodes ask for. */
@FunctionalInterface
public interface CodeLibrary {
  /** The library of a head whose nodes have the program's own classes. */
  CodeLibrary NONE =
      (hash, answer) ->
          answer.accept(new Message.CodeMissing(hash, "This run ships no code to its workers."));

  /**
   * Finds code without blocking the caller, which is the head's loop.
   *
   * @param hash the SHA-256 of what is asked for
   * @param answer to be called once, on any thread, with {@link Message.CodeContent} or {@link
   *     Message.CodeMissing}
   */
  void find(Bytes hash, Consumer<Message.ToNode> answer);
}
