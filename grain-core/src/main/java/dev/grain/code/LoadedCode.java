package dev.grain.code;

import dev.grain.code.bundle.BundleStore;

/**
 * One use of a bundle that a worker has loaded. While several use the same bundle, they have the
 * same {@link Codec}, so that its classes and their static fields are one.
 */
public final class LoadedCode implements AutoCloseable {
  private final BundleStore.Use<Codec> use;

  LoadedCode(BundleStore.Use<Codec> use) {
    this.use = use;
  }

  /** Returns what encodes and decodes with the classes of the bundle. */
  public Codec code() {
    return use.made();
  }

  /**
   * Ends the use. The last one closes the loader: classes that were not loaded before are not found
   * any more. Further calls do nothing.
   */
  @Override
  public void close() {
    use.close();
  }
}
