package dev.grain.wire;

import dev.grain.session.Frame;
import dev.grain.session.WireException;

/**
 * Hears what happens to a connection, on the loop of its endpoint: first {@link #up} or never, last
 * {@link #down}, unless this side has closed it.
 */
public interface ConnectionHandler {
  /**
   * Both sides have said who they are and want the connection.
   *
   * @param connection to be used on the loop
   * @param peer who the peer says it is; its key is proven
   */
  void up(Connection connection, Hello peer);

  /**
   * A frame has arrived. Does nothing by default, as the two below, for links that say all in the
   * hello.
   *
   * @throws WireException if the peer must not send this; the connection goes down
   */
  default void received(Frame frame) throws WireException {}

  /** The frames that came together have been handed over. */
  default void batchEnded() {}

  /** The connection is writable again after it was not. */
  default void writable() {}

  /**
   * The connection is gone, or there will be none. Nothing is called after this.
   *
   * @param why the reason
   */
  void down(Down why);
}
