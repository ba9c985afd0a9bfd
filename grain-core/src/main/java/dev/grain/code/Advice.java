package dev.grain.code;

import java.lang.reflect.Field;

/** What to do about an object that cannot be sent; what fits depends on where it was found. */
enum Advice {
  /** The reason contains it. */
  NONE(""),
  /** It belongs to one process. */
  OPEN("open it inside the job"),
  /** It is made of what can be sent. */
  MAKE("send what it is made of, and make it in the job");

  private static final String MARK = "mark the field transient, or ";
  private static final String RETURN = "return what is needed of it";

  private final String inJob;

  Advice(String inJob) {
    this.inJob = inJob;
  }

  /**
   * Returns the words, behind a semicolon.
   *
   * @param field whether the object was found in a field that can be marked
   * @param result whether it is the result of a job, or in it
   */
  String words(boolean field, boolean result) {
    return this == NONE ? "" : "; " + (field ? MARK : "") + (result ? RETURN : inJob);
  }

  /** Returns whether the step from a holder to an object is by a field that can be marked. */
  static boolean canMark(Class<?> holder, String step) {
    for (Class<?> each = holder; isOfUser(each); each = each.getSuperclass()) {
      for (Field field : each.getDeclaredFields()) {
        if (step.equals("." + field.getName())) {
          return !field.isSynthetic();
        }
      }
    }
    return false;
  }

  private static boolean isOfUser(Class<?> type) {
    return !type.isRecord() && !type.isHidden() && !Choice.isJdk(type);
  }
}
