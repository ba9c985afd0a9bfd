package dev.grain;

import java.util.Set;

/**
 * Where a group was opened, and by whom.
 *
 * @param owner the thread that opened it
 * @param at the line of the program that did
 */
record OpenedAt(Thread owner, StackTraceElement at) {
  private static final Set<String> OWN_CLASSES =
      Set.of(
          OpenedAt.class.getName(),
          Group.class.getName(),
          Grain.class.getName(),
          GrainExecutor.class.getName(),
          Orchestration.class.getName());

  /** Returns that of a group that the current thread is about to open. */
  static OpenedAt here() {
    StackTraceElement caller =
        StackWalker.getInstance()
            .walk(frames ->
                frames
                    .filter(frame -> !OWN_CLASSES.contains(frame.getClassName()))
                    .findFirst()
                    .map(StackWalker.StackFrame::toStackTraceElement))
            .orElse(new StackTraceElement("unknown", "unknown", null, -1));
    return new OpenedAt(Thread.currentThread(), caller);
  }

  /** Returns whether the current thread is the one that opened it. */
  boolean isOfThisThread() {
    return Thread.currentThread() == owner;
  }

  /** Returns the line in a few words, such as {@code Main.java:12}. */
  String line() {
    return at.getFileName() + ":" + at.getLineNumber();
  }
}
