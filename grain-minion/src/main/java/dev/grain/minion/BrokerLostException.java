package dev.grain.minion;

/**
 * A broker was not reached, or has ended the connection. What it was asked to do may have been
 * done. Engines throw it to themselves, and try again or tell people.
 */
public final class BrokerLostException extends Exception {
  private static final long serialVersionUID = 1;

  private final String reason;

  /**
   * Makes the exception.
   *
   * @param reason why, in a few words
   */
  public BrokerLostException(String reason, Throwable cause) {
    super(reason, cause);
    this.reason = reason;
  }

  /** Returns why the broker was not reached, in a few words. */
  public String reason() {
    return reason;
  }

  /**
   * Returns the exception for people, after the last try.
   *
   * @param broker what people call the broker, such as Redis
   * @param queue the address of the queue, without a password
   * @param encrypted whether the connection would be encrypted
   */
  public QueueException unreachable(String broker, String queue, boolean encrypted) {
    return new QueueException(
        "%s cannot be reached for the queue %s: %s. Check the host and the port, and that the server runs%s."
            .formatted(
                broker,
                queue,
                reason,
                encrypted ? " with TLS and a certificate that is trusted (parameter ca)" : ""),
        this);
  }
}
