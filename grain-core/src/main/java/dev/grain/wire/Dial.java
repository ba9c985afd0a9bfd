package dev.grain.wire;

/** An attempt to connect. */
public interface Dial {
  /**
   * Gives the attempt up; the handler hears nothing more. Has no effect once the connection is up.
   * To be called on the loop of the endpoint.
   */
  void cancel();
}
