package dev.grain.terminal;

/** Text for a terminal, with its colours as escape sequences. Not safe for several threads. */
final class StyledText {
  /** How text looks. */
  enum Style {
    PLAIN(""),
    RED(";31"),
    CYAN(";36");

    private final String sequence;

    Style(String color) {
      // the 0 first takes back what was set before
      sequence = "\u001b[0" + color + "m";
    }
  }

  private final StringBuilder text = new StringBuilder();
  private Style style = Style.PLAIN;

  /** Appends text in a style. */
  void append(String appended, Style style) {
    if (appended.isEmpty()) {
      return;
    }
    if (text.isEmpty() || this.style != style) {
      text.append(style.sequence);
    }
    this.style = style;
    text.append(appended);
  }

  /** Returns all of it; whatever follows on the terminal is plain. */
  @Override
  public String toString() {
    return text + Style.PLAIN.sequence;
  }
}
