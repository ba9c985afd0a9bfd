package dev.grain;

import dev.grain.bytes.Bytes;
import dev.grain.message.EnvironmentKind;
import dev.grain.message.EnvironmentSetting;
import dev.grain.node.prepare.Definition;
import dev.grain.node.prepare.PreparationException;
import dev.grain.text.Durations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * An environment.
 *
 * @param setting as it is sent to nodes
 */
record DefinedEnvironment(EnvironmentSetting setting) implements Environment {
  static Environment inCode(EnvironmentKind kind, String path, String... inputs) {
    ensureInside(path);
    for (String each : inputs) {
      ensureInside(each);
    }
    return new DefinedEnvironment(
        new EnvironmentSetting(
            kind,
            path,
            new LinkedHashMap<>(),
            List.of(inputs),
            "",
            EnvironmentSetting.USUAL_TIME_LIMIT));
  }

  /**
   * Returns an environment whose files are given by their content, and travel with the job.
   *
   * @param path which of them defines it
   * @param files by their paths below a common root, with slashes
   */
  static DefinedEnvironment of(EnvironmentKind kind, String path, Map<String, String> files) {
    SequencedMap<String, Bytes> contents = new LinkedHashMap<>();
    files.forEach((name, content) -> {
      ensureInside(name);
      contents.put(name, Bytes.utf8(content));
    });
    if (!contents.containsKey(path)) {
      throw new IllegalArgumentException(
          "The file %s defines the environment, but is not among its files, %s."
              .formatted(path, String.join(", ", files.keySet())));
    }
    return new DefinedEnvironment(
        new EnvironmentSetting(
            kind,
            path,
            Collections.unmodifiableSequencedMap(contents),
            List.of(),
            "",
            EnvironmentSetting.USUAL_TIME_LIMIT));
  }

  /** A path with slashes, whatever this machine has between folders. */
  private static void ensureInside(String path) {
    if (path.isEmpty() || path.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "\"%s\" is no path of a file.".formatted(path.replace("\0", "\\0")));
    }
    int depth = path.startsWith("/") ? -1 : 0;
    for (String name : path.split("/", -1)) {
      if (name.equals("..")) {
        depth--;
      } else if (!name.isEmpty() && !name.equals(".")) {
        depth++;
      }
      if (depth < 0) {
        throw new IllegalArgumentException(
            "The path %s leads out of the folder of the code. Name a file in that folder."
                .formatted(path));
      }
    }
  }

  static Environment here(EnvironmentKind kind, Path file) {
    try {
      Path absolute = file.toAbsolutePath();
      Path folder = absolute.getParent();
      Definition definition = Definition.read(kind, absolute, folder == null ? absolute : folder);
      if (!definition.local().isEmpty()) {
        throw new IllegalArgumentException(
            "%s requires %s, which is not sent to nodes. Put both into the code of the job, and name the"
                    .formatted(file, definition.local().getFirst())
                + " file by a text rather than a Path; or publish what it requires.");
      }
      Path root = definition.root();
      SequencedMap<String, Bytes> files = new LinkedHashMap<>();
      definition.files().forEach((each, content) -> files.put(slashes(root, each), content));
      return new DefinedEnvironment(
          new EnvironmentSetting(
              kind,
              slashes(root, definition.main()),
              Collections.unmodifiableSequencedMap(files),
              List.of(),
              "",
              EnvironmentSetting.USUAL_TIME_LIMIT));
    } catch (PreparationException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static String slashes(Path root, Path file) {
    return StreamSupport.stream(root.relativize(file).spliterator(), false)
        .map(Path::toString)
        .collect(Collectors.joining("/"));
  }

  @Override
  public Environment python(String program) {
    if (setting.kind() != EnvironmentKind.VENV && setting.kind() != EnvironmentKind.POETRY) {
      throw new IllegalStateException(
          "The interpreter of Python can be chosen for Environment.venv and .poetry, but this is %s"
              .formatted(this));
    }
    if (program.isEmpty() || program.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "\"%s\" is not the name of a program.".formatted(program.replace("\0", "\\0")));
    }
    return with(program, setting.timeLimit());
  }

  @Override
  public Environment timeout(Duration limit) {
    if (limit.isNegative() || limit.isZero()) {
      throw new IllegalArgumentException(
          "A time limit is more than zero, but not " + Durations.readable(limit));
    }
    return with(setting.python(), Durations.toNanos(limit));
  }

  private Environment with(String python, long timeLimit) {
    return new DefinedEnvironment(
        new EnvironmentSetting(
            setting.kind(), setting.path(), setting.files(), setting.inputs(), python, timeLimit));
  }

  /** Returns its kind and the name of its file. */
  @Override
  public String toString() {
    return setting.description();
  }
}
