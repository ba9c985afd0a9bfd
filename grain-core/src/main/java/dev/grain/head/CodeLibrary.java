package dev.grain.head;

import dev.grain.bytes.Bytes;
import dev.grain.message.Message;
import java.util.Iterator;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Where the head finds the code that nodes ask for. */
@FunctionalInterface
public interface CodeLibrary {
  /** The library of a run whose nodes have the program's own classes. */
  CodeLibrary NONE =
      (hash, answer) ->
          answer.accept(new Message.CodeMissing(hash, "This run ships no code to its workers."));

  /**
   * Finds code without blocking the caller.
   *
   * @param hash the SHA-256 of what is asked for
   * @param answer to be called once, on any thread, with {@link Message.CodeContent} or {@link
   *     Message.CodeMissing}
   */
  void find(Bytes hash, Consumer<Message.ToNode> answer);

  /** Finds code in the first of the libraries that has it; see {@link #find}. */
  static void firstOf(Stream<CodeLibrary> libraries, Bytes hash, Consumer<Message.ToNode> answer) {
    firstOf(libraries.toList().iterator(), hash, answer);
  }

  private static void firstOf(
      Iterator<CodeLibrary> libraries, Bytes hash, Consumer<Message.ToNode> answer) {
    CodeLibrary next = libraries.hasNext() ? libraries.next() : NONE;
    next.find(
        hash,
        found -> {
          if (found instanceof Message.CodeMissing && libraries.hasNext()) {
            firstOf(libraries, hash, answer);
          } else {
            answer.accept(found);
          }
        });
  }
}
