package dev.grain.container;

import dev.grain.node.prepare.Held;

/** An image that an engine has, and that is not removed by Grain before this is closed. */
public final class Image implements Held {
  private final String id;
  private final String reference;
  private final Runnable release;
  // guarded by this
  private boolean closed;

  Image(String id, String reference, Runnable release) {
    this.id = id;
    this.reference = reference;
    this.release = release;
  }

  /** Returns what the engine knows it by, whatever names it has. */
  public String id() {
    return id;
  }

  /** Returns the name that it was asked for by. */
  public String reference() {
    return reference;
  }

  /** From here on it may be removed; does nothing if it was called before. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      release.run();
    }
  }
}
