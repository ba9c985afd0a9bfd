package dev.grain.client;

/**
 * A mistake in a text that describes jobs.
 *
 * @param pointer where it is, as a JSON pointer such as {@code /jobs/0/resources/cpu}; empty for
 *     the whole text
 * @param line its line, counted from 1; 0 if it is nowhere in particular
 * @param column its column, counted from 1; 0 if it is nowhere in particular
 * @param message what is wrong
 * @param expected what would be right; may be empty
 * @param example an example of it, as in YAML; may be empty
 */
public record Problem(
    String pointer, int line, int column, String message, String expected, String example) {
  /** Returns it as one line. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    if (line > 0) {
      text.append("line ").append(line).append(", column ").append(column);
    }
    if (!pointer.isEmpty()) {
      text.append(line > 0 ? " (" : "").append(pointer).append(line > 0 ? ")" : "");
    }
    boolean ends = message.endsWith(".") || message.endsWith("?");
    text.append(text.isEmpty() ? "" : ": ").append(message).append(ends ? "" : ".");
    if (!expected.isEmpty()) {
      text.append(" Expected: ").append(expected).append('.');
    }
    if (!example.isEmpty()) {
      text.append(" Example: ").append(example);
    }
    return text.toString();
  }
}
