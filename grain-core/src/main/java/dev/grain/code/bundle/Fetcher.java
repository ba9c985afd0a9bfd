package dev.grain.code.bundle;

import dev.grain.bytes.Bytes;
import java.io.IOException;

/**
 * Asks the head for code. Called by any thread, never twice at a time for one content of a store.
 */
@FunctionalInterface
public interface Fetcher {
  /**
   * Returns the bytes with a hash; blocks until they have come. Whoever asked checks them.
   *
   * @param hash their SHA-256
   * @throws IOException if the head does not have them or cannot be asked, in a sentence
   * @throws InterruptedException if the thread is interrupted
   */
  Bytes fetch(Bytes hash) throws IOException, InterruptedException;

  /**
   * Tells that this content will be fetched soon, so that it may be on its way before; does not
   * block.
   *
   * @param hash its SHA-256
   */
  default void expect(Bytes hash) {}
}
