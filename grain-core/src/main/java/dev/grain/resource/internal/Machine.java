package dev.grain.resource.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the facts about a machine are read from.
 *
 * @param root the root of its file system
 * @param environment its environment variables
 */
record Machine(Path root, Map<String, String> environment) {
  /** Returns the place of an absolute path of the machine, or null if it is not a path. */
  @Nullable Path at(String absolute) {
    try {
      return root.resolve(absolute.startsWith("/") ? absolute.substring(1) : absolute);
    } catch (InvalidPathException e) {
      return null;
    }
  }

  /** Returns the text of a file, or null if it cannot be read. */
  @Nullable String read(String absolute) {
    Path path = at(absolute);
    try {
      // the files of the kernel have length 0, so their length cannot be used
      return path == null ? null : new String(Files.readAllBytes(path), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return null;
    }
  }

  /** Returns the lines of a file; none if it cannot be read. */
  List<String> lines(String absolute) {
    String text = read(absolute);
    return text == null ? List.of() : List.of(text.split("\n", -1));
  }

  /** Returns the number that a file holds, or -1 if there is none from 0 up. */
  long number(String absolute) {
    String text = read(absolute);
    return text == null ? -1 : IdList.number(text);
  }

  /** Returns the value of a variable without blanks around it, or null if it is not set. */
  @Nullable String variable(String name) {
    String value = environment.get(name);
    return value == null ? null : value.strip();
  }
}
