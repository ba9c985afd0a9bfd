package dev.grain.wire;

/** A port that an endpoint listens on. */
public interface Listening extends AutoCloseable {
  /** Returns where it listens, with the port that was chosen. */
  Address address();

  /**
   * Stops listening. Connections stay; a peer that dials at the same moment may be cut off. Any
   * thread but that of the loop may call it.
   */
  @Override
  void close();
}
