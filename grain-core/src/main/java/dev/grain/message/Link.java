package dev.grain.message;

/**
 * One direction of the way between a head and a node: what is sent arrives in order.
 *
 * <p>To be used on the loop of the sender.
 *
 * @param <M> what is sent
 */
public interface Link<M extends Message> {
  /** Sends the message with the next {@link #flush()}. */
  void send(M message);

  /** Lets everything sent so far go. */
  void flush();

  /** Returns whether so much waits to be sent that its sender should not add to it. */
  default boolean isCongested() {
    return false;
  }
}
