package dev.grain.node;

import dev.grain.node.prepare.Preparations;

/**
 * What the jobs of one run need on a node.
 *
 * @param runners run them
 * @param code has their code
 * @param preparations what else they need
 * @param whenClosed called on the loop when none of them runs or comes any more, after the code was
 *     closed
 */
public record Equipment(
    Runners runners, CodeAccess code, Preparations preparations, Runnable whenClosed) {
  /** Makes the equipment of jobs that need nothing besides their code. */
  public Equipment(Runners runners, CodeAccess code, Runnable whenClosed) {
    this(runners, code, Preparations.NONE, whenClosed);
  }

  /** Closes it; to be called once. */
  public void close() {
    code.close();
    preparations.close();
    whenClosed.run();
  }
}
