package dev.grain.wire;

/** What a process is to the one it talks to. */
public enum Role {
  /** Has the queue, gives jobs. */
  HEAD,
  /** Runs jobs. */
  WORKER,
  /** Asks what a worker offers and does. */
  INSPECTOR,
  /** Says that the other end of a session is alive, on a connection beside it. */
  PULSE
}
