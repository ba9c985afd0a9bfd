package dev.grain.node;

import dev.grain.bytes.Bytes;
import dev.grain.message.AttemptEnd;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The code that the jobs of one head run with. Called on the node's loop. */
public interface CodeAccess {
  /** For jobs whose classes are those of this process. */
  CodeAccess OWN =
      new CodeAccess() {
        @Override
        public boolean isReady(Bytes bundle) {
          return true;
        }

        @Override
        public void prepare(Bytes bundle, Ask ask, Consumer<@Nullable AttemptEnd> whenDone) {
          whenDone.accept(null);
        }

        @Override
        public void onContent(Bytes hash, Bytes content) {}

        @Override
        public void onMissing(Bytes hash, String reason) {}

        @Override
        public void close() {}
      };

  /** Asks the head for code. */
  @FunctionalInterface
  interface Ask {
    /**
     * Asks; the answer comes by {@link CodeAccess#onContent} or {@link CodeAccess#onMissing}.
     *
     * @param hash the SHA-256 of a listing or of an entry
     */
    void ask(Bytes hash);
  }

  /** Returns whether jobs that run with the bundle can start now. */
  boolean isReady(Bytes bundle);

  /**
   * Makes a bundle ready that is not; to be called once for it.
   *
   * @param ask asks the head, on the loop
   * @param whenDone called on the loop with null, or if it failed with how its jobs end
   */
  void prepare(Bytes bundle, Ask ask, Consumer<@Nullable AttemptEnd> whenDone);

  /** The head has sent code. */
  void onContent(Bytes hash, Bytes content);

  /** The head does not have the code. */
  void onMissing(Bytes hash, String reason);

  /** The head is gone and none of its jobs runs any more. */
  void close();
}
