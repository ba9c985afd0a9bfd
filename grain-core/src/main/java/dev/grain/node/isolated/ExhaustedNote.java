package dev.grain.node.isolated;

import dev.grain.message.AttemptEnd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a JVM leaves for its worker if its memory is used up, so that it can send no message. */
final class ExhaustedNote {
  private static final Pattern FORM = Pattern.compile("(?s)(\\d{1,18}) (.+)");

  private ExhaustedNote() {}

  /** Writes it, also on a thread that was interrupted; without memory or room, there is none. */
  static void write(Path file, AttemptEnd.OutOfMemory end) {
    try {
      Files.writeString(file, end.limit() + " " + end.reason());
    } catch (IOException | OutOfMemoryError e) {
      // the exit code has to do
    }
  }

  /** Returns the end that was written; null if there is none. */
  static AttemptEnd.@Nullable OutOfMemory read(Path file) {
    Matcher note = FORM.matcher(JvmFolder.end(file).strip());
    return note.matches()
        ? new AttemptEnd.OutOfMemory(note.group(2), Long.parseLong(note.group(1)), -1)
        : null;
  }
}
