package dev.grain;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where in a program jobs are submitted, such as "the second group of the first subtask of the
 * first group of the main": the same in each life of the program, whatever is first in time. Every
 * number counts what one owner does, and never what happens in the run as a whole. Safe for all
 * threads.
 */
final class SubmissionPath {
  private final @Nullable SubmissionPath around;
  private final char kind;
  private final int number;
  // guarded by this
  private int mains;
  private int groups;
  private int subtasks;
  private @Nullable Map<Long, Integer> calls;

  private SubmissionPath(@Nullable SubmissionPath around, char kind, int number) {
    this.around = around;
    this.kind = kind;
    this.number = number;
  }

  /** Returns the place of all that a run does outside of a main. */
  static SubmissionPath ofRun() {
    return new SubmissionPath(null, 'r', 0);
  }

  /** Returns the place of the next main. */
  synchronized SubmissionPath nextMain() {
    return new SubmissionPath(this, 'm', mains++);
  }

  /** Returns the place of the next group that is opened here. */
  synchronized SubmissionPath nextGroup() {
    return new SubmissionPath(this, 'g', groups++);
  }

  /** Returns the place of the next subtask that is started here. */
  synchronized SubmissionPath nextSubtask() {
    return new SubmissionPath(this, 's', subtasks++);
  }

  /**
   * Counts a call, and returns how often the same was counted here before.
   *
   * @param call a hash of what is called with what. Two calls that share it by chance share the
   *     count, which then depends on their order, and nothing worse
   */
  synchronized int occurrence(long call) {
    if (calls == null) {
      calls = new HashMap<>();
    }
    return calls.merge(call, 1, Integer::sum) - 1;
  }

  /** Returns it as bytes that no other place of the run has. */
  ByteBuffer path() {
    int depth = 0;
    for (SubmissionPath each = this; each != null; each = each.around) {
      depth++;
    }
    ByteBuffer path = ByteBuffer.allocate(depth * (Character.BYTES + Integer.BYTES));
    for (SubmissionPath each = this; each != null; each = each.around) {
      path.putChar(each.kind).putInt(each.number);
    }
    return path.flip();
  }

  @Override
  public String toString() {
    return around == null ? "" : around + "/" + kind + number;
  }
}
