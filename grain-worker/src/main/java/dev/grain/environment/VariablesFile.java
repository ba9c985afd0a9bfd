package dev.grain.environment;

import dev.grain.node.prepare.PreparationException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** A file of lines {@code NAME=value}; empty lines and those that begin with {@code #} are none. */
final class VariablesFile {
  private VariablesFile() {}

  static SequencedMap<String, String> readIfThere(Path file)
      throws PreparationException, IOException {
    SequencedMap<String, String> variables = new LinkedHashMap<>();
    if (!Files.isRegularFile(file)) {
      return variables;
    }
    int number = 0;
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    for (String line : text.lines().toList()) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      int equals = line.indexOf('=');
      if (equals <= 0 || line.indexOf('\0') >= 0) {
        throw PreparationException.everywhere(
            "Line %s of %s, which sets variables of jobs, is \"%s\". Write it as NAME=value."
                .formatted(number, file, line.replace("\0", "\\0")));
      }
      variables.put(line.substring(0, equals), line.substring(equals + 1));
    }
    return variables;
  }
}
