package dev.grain.node.process;

import java.io.IOException;

/**
 * Starts processes and waits for their ends. Each leads a process group of its own, where the
 * system has such groups.
 *
 * <p>Any thread may start, watch and wake; one at a time waits.
 */
interface Children extends AutoCloseable {
  /** Returns the fastest way that this machine and the flags of this JVM permit. */
  static Children open() {
    Children calls = NativeChildren.open();
    return calls == null ? new JdkChildren() : calls;
  }

  /**
   * Starts a process. This is done by the calling thread itself or a process that it starts, so
   * what the thread has and children inherit, such as a control group or the cores that it may use,
   * the process gets.
   *
   * @throws NotPossible if it could not be started here at any other time
   * @throws IOException if it could not be started now
   */
  Child start(Launch launch) throws IOException, NotPossible;

  /** From now on the end of a process ends a wait; also if it has ended before. */
  void watch(Child child);

  /**
   * Waits until processes that are watched end, until a call of {@link #wake}, or for some time,
   * and takes note of ends.
   *
   * @return false, at once, if these are closed
   */
  boolean await(long nanos);

  /** Ends the present or the next wait. */
  void wake();

  /** Ends all waits. Processes go on. */
  @Override
  void close();
}
