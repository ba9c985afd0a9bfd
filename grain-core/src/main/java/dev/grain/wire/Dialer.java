package dev.grain.wire;

import dev.grain.wire.Connection.ConnectionHandler;

/** Connects to peers. */
public interface Dialer {
  /**
   * Begins to connect.
   *
   * @param address where a peer listens
   * @param mine who this side is; one with a session is monitored by heartbeats
   * @param handler is notified of the result later
   * @return to give it up
   * @throws java.util.concurrent.RejectedExecutionException if this side has ended
   */
  Dial dial(Address address, Hello mine, ConnectionHandler handler);

  /** An attempt to connect. */
  interface Dial {
    /**
     * Gives the attempt up; the handler is not called again. Has no effect once the connection is
     * up. To be called on the loop of the endpoint.
     */
    void cancel();
  }
}
