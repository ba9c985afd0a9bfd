package dev.grain.wire;

/** Makes texts of others fit for messages and logs. */
final class Printable {
  private static final int LONGEST = 1000;

  private Printable() {}

  /** Returns the text without control characters, and not longer than a paragraph. */
  static String printable(String text) {
    String start = text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
    return start.replaceAll("\\p{Cntrl}", "?");
  }
}
