package dev.grain.wire;

/** Connects to peers. */
public interface Dialer {
  /**
   * Begins to connect.
   *
   * @param address where a peer listens
   * @param mine who this side is; one with a session is watched by signs of life
   * @param handler hears what becomes of it, later
   * @return to give it up
   * @throws java.util.concurrent.RejectedExecutionException if this side has ended
   */
  Dial dial(Address address, Hello mine, ConnectionHandler handler);
}
