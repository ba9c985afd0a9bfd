package dev.grain.node;

/**
 * What the jobs of one run need on a node.
 *
 * @param runners run them
 * @param code has their code
 * @param whenClosed called on the loop when none of them runs or comes any more, after the code was
 *     closed
 */
public record Equipment(Runners runners, CodeAccess code, Runnable whenClosed) {
  /** Closes it; to be called once. */
  public void close() {
    code.close();
    whenClosed.run();
  }
}
