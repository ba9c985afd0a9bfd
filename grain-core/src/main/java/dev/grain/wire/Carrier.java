package dev.grain.wire;

import dev.grain.session.Frame;
import dev.grain.session.WireException;
import dev.grain.wire.Connection.ConnectionHandler;
import org.jspecify.annotations.Nullable;

/**
 * Handles a connection that carries a session, as long as the session does not go on over another
 * one.
 */
public abstract class Carrier implements ConnectionHandler {
  // both only accessed by the loop
  private @Nullable LastingSession carried;
  private @Nullable Connection connection;

  /** Makes one that carries nothing yet. */
  protected Carrier() {}

  /** From now on it carries the session over the connection. */
  protected final void carry(LastingSession session, Connection over) {
    carried = session;
    connection = over;
  }

  /** Carries nothing any more. */
  protected final void drop() {
    carried = null;
    connection = null;
  }

  /** Returns whether what arrives is for the session: that may have another connection by now. */
  protected final boolean carries() {
    return carried != null && connection != null && carried.hasConnection(connection);
  }

  @Override
  public final void received(Frame frame) throws WireException {
    if (carried != null && carries()) {
      carried.receive(frame);
    }
  }

  @Override
  public final void batchEnded() {
    if (carried != null && carries()) {
      carried.batchEnded();
    }
  }

  @Override
  public final void writable() {
    if (carried != null && carries()) {
      carried.onWritable();
    }
  }
}
