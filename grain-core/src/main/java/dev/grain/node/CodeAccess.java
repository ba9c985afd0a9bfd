package dev.grain.node;

import dev.grain.bytes.Bytes;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The code that the jobs of one run need. Called on the node's loop. */
public interface CodeAccess {
  /** For jobs whose classes are those of this process. */
  CodeAccess OWN =
      new CodeAccess() {
        @Override
        public boolean isReady(CodeRef code) {
          return true;
        }

        @Override
        public void prepare(CodeRef code, Ask ask, Consumer<@Nullable AttemptEnd> whenDone) {
          whenDone.accept(null);
        }

        @Override
        public void onContent(Bytes hash, Bytes content) {}

        @Override
        public void onMissing(Bytes hash, String reason) {}

        @Override
        public void close() {}
      };

  /** Asks for code where the jobs come from. */
  @FunctionalInterface
  interface Ask {
    /**
     * Asks; the answer comes by {@link CodeAccess#onContent} or {@link CodeAccess#onMissing}.
     *
     * @param hash the SHA-256 of a listing or of an entry
     */
    void ask(Bytes hash);
  }

  /** Returns whether jobs that run with the code can start now. */
  boolean isReady(CodeRef code);

  /**
   * Makes code ready that is not; to be called once for it.
   *
   * @param ask asks for what is missing, on the loop
   * @param whenDone called on the loop with null, or if it failed with how its jobs end
   */
  void prepare(CodeRef code, Ask ask, Consumer<@Nullable AttemptEnd> whenDone);

  /** Code has come that was asked for. */
  void onContent(Bytes hash, Bytes content);

  /** The code that was asked for cannot be had. */
  void onMissing(Bytes hash, String reason);

  /** Nobody needs it any more: the run is over, and none of its jobs runs. */
  void close();
}
