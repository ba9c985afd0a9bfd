package dev.grain.environment;

import dev.grain.bytes.Bytes;
import dev.grain.message.EnvironmentKind;
import dev.grain.message.EnvironmentSetting;
import dev.grain.node.prepare.Definition;
import dev.grain.node.prepare.PreparationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * All files that an environment is made from. It is made from copies, so that nothing else can make
 * a difference, and no tool leaves anything in the code of a job.
 *
 * @param base where tools run: a path below the root, with slashes; empty for the root
 * @param main the file that defines it, below the root
 * @param files the contents of the files that define it, by their paths below the root
 * @param copied what else is copied: files and folders of the code, by their paths below the root
 * @param other files and folders that are used where they are
 */
record Source(
    String base,
    String main,
    SequencedMap<String, Bytes> files,
    SequencedMap<String, Path> copied,
    List<Path> other) {
  /**
   * Finds the files.
   *
   * @param code the folder of the code of the job; null if it has none
   */
  static Source of(EnvironmentSetting setting, @Nullable Path code) throws PreparationException {
    if (setting.travels()) {
      int folder = setting.path().lastIndexOf('/');
      return new Source(
          folder < 0 ? "" : setting.path().substring(0, folder),
          setting.path(),
          setting.files(),
          new LinkedHashMap<>(),
          List.of());
    }
    if (code == null) {
      throw PreparationException.everywhere(
          "The environment %s is defined by a file of the job's code, but the job brings no folder of code. Give"
                  .formatted(setting.description())
              + " the job a git repository or a folder, or name a file of this machine by a Path.");
    }
    return inCode(setting, code.toAbsolutePath().normalize());
  }

  private static Source inCode(EnvironmentSetting setting, Path code) throws PreparationException {
    Path main = inside(code, setting.path());
    Definition definition = Definition.read(setting.kind(), main, code);
    Path root = definition.root();
    while (!code.startsWith(root)) {
      root = FileTree.parent(root);
    }
    SequencedMap<String, Bytes> files = new LinkedHashMap<>();
    for (Map.Entry<Path, Bytes> each : definition.files().entrySet()) {
      files.put(FileTree.name(root, each.getKey()), each.getValue());
    }
    List<Path> local = new ArrayList<>(definition.local());
    if (setting.kind() == EnvironmentKind.MAVEN) {
      local.addAll(MavenSources.of(main, definition.files().values()));
    }
    for (String input : setting.inputs()) {
      local.add(inside(code, input));
    }
    SequencedMap<String, Path> copied = new LinkedHashMap<>();
    List<Path> other = new ArrayList<>();
    for (Path each : local) {
      if (Files.notExists(each, LinkOption.NOFOLLOW_LINKS)) {
        throw PreparationException.everywhere(
            "%s, which the environment %s is made from, does not exist in the code of the job. Correct its path."
                .formatted(each, setting.description()));
      }
      if (each.startsWith(code)) {
        copied.put(FileTree.name(root, each), each);
      } else {
        other.add(each);
      }
    }
    return new Source(
        FileTree.name(root, code), FileTree.name(root, definition.main()), files, copied, other);
  }

  private static Path inside(Path code, String path) throws PreparationException {
    try {
      Path file = code.resolve(path).normalize();
      if (file.startsWith(code)) {
        return file;
      }
    } catch (InvalidPathException e) {
      // it is no path on this machine
    }
    throw PreparationException.everywhere(
        "\"%s\" is not a path in the folder of the code, %s.".formatted(path, code));
  }

  void addTo(Fingerprint fingerprint) throws IOException, InterruptedException {
    fingerprint.add(base);
    fingerprint.add(main);
    fingerprint.add(String.valueOf(files.size()));
    for (Map.Entry<String, Bytes> each : files.sequencedEntrySet()) {
      fingerprint.add(each.getKey());
      fingerprint.add(each.getValue());
    }
    fingerprint.add(String.valueOf(copied.size()));
    for (Map.Entry<String, Path> each : copied.sequencedEntrySet()) {
      fingerprint.add(each.getKey());
      fingerprint.addTree(each.getValue());
    }
    for (Path each : other) {
      fingerprint.add(each.toString());
      fingerprint.addTree(each);
    }
  }

  /** Writes copies of all. */
  void writeTo(Path root) throws IOException, InterruptedException {
    for (Map.Entry<String, Bytes> each : files.sequencedEntrySet()) {
      Path file = below(root, each.getKey());
      Files.createDirectories(FileTree.parent(file));
      Files.write(file, each.getValue().stream().readAllBytes());
    }
    for (Map.Entry<String, Path> each : copied.sequencedEntrySet()) {
      FileTree.copy(each.getValue(), below(root, each.getKey()));
    }
    Files.createDirectories(below(root, base));
  }

  private static Path below(Path root, String name) throws IOException {
    Path path = root.resolve(name).normalize();
    if (!path.startsWith(root)) {
      throw new IOException("The path " + name + " leads out of the environment");
    }
    return path;
  }
}
