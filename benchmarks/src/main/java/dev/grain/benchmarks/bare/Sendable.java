package dev.grain.benchmarks.bare;

/** What goes over a connection as one frame. */
interface Sendable {
  /** Returns the number of the job. Called once, by the loop of the connection. */
  int id();

  byte[] bytes();
}
