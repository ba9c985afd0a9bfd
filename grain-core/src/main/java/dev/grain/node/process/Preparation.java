package dev.grain.node.process;

import static dev.grain.node.process.NotPossible.ensure;

import dev.grain.Allocation;
import dev.grain.bytes.Bytes;
import dev.grain.message.ApptainerSetting;
import dev.grain.message.CommandInput;
import dev.grain.message.CommandLine;
import dev.grain.message.Isolation;
import dev.grain.message.Order;
import dev.grain.node.prepare.Ready;
import dev.grain.node.prepare.Workspaces.Workspace;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command with its placeholders filled, for one attempt; checked, so that a mistake is named
 * before anything is started.
 *
 * @param words the program, by its path, and its arguments
 * @param environment all variables
 * @param folder where it runs
 * @param stdin null for none
 * @param stdout the file that the user wants; null for none
 * @param stderr the same for the error stream
 */
record Preparation(
    List<String> words,
    Map<String, String> environment,
    Path folder,
    @Nullable Path stdin,
    @Nullable Path stdout,
    @Nullable Path stderr) {

  private static final Map<String, String> INHERITED = new HashMap<>(System.getenv());

  /**
   * Fills and checks a command.
   *
   * @param ready what was made ready for it
   * @param workspace has the folder where it runs; null for the folder with its code, or else that
   *     of this process
   * @param files its own files
   * @param own what Grain sets besides the variables of the allocation
   * @throws NotPossible if it cannot be started here
   */
  static Preparation of(
      CommandLine line,
      CommandInput input,
      Order order,
      Allocation allocation,
      Ready ready,
      @Nullable Workspace workspace,
      CommandFiles files,
      Map<String, String> own)
      throws NotPossible, IOException {
    FilledCommand filled = FilledCommand.of(line, input, order, allocation);
    Path code = workspace == null ? folder(ready) : workspace.path();
    ensure(Files.isDirectory(code), "%s, where it is to run, is no folder", code);
    Map<String, String> ofNode = new HashMap<>(INHERITED);
    ready.applyTo(ofNode);
    Start start;
    if (order.spec().setting().isolation() instanceof Isolation.Apptainer(Bytes setting)) {
      ApptainerCommand apptainer =
          ApptainerCommand.find(
              ApptainerSetting.decode(setting),
              ofNode.getOrDefault("PATH", ""),
              code,
              !allocation.gpus().isEmpty(),
              files.folder());
      Path root = workspace == null ? code : workspace.root();
      start = inContainer(filled, apptainer, root, code, ofNode, own);
    } else {
      start = onNode(filled, code, ofNode, own);
    }
    Path folder = start.folder();
    Path stdin = file(filled.stdin(), folder);
    if (stdin != null) {
      ensure(
          Files.isReadable(stdin) && !Files.isDirectory(stdin),
          "the file %s for its standard input cannot be read",
          stdin);
    }
    Preparation prepared =
        new Preparation(
            start.words(),
            start.environment(),
            folder,
            stdin,
            output(filled.stdout(), folder),
            output(filled.stderr(), folder));
    filled.ensureHeld();
    return prepared;
  }

  /** What is started, with which variables, and where. */
  private record Start(List<String> words, Map<String, String> environment, Path folder) {}

  private static Start onNode(
      FilledCommand filled, Path code, Map<String, String> environment, Map<String, String> own)
      throws NotPossible {
    environment.putAll(filled.ofGrain());
    environment.putAll(own);
    environment.putAll(filled.ofUser());
    Path folder = code;
    if (!filled.folder().isEmpty()) {
      folder = code.resolve(path(filled.folder()));
      ensure(Files.exists(folder), "its working directory %s does not exist", folder);
      ensure(Files.isDirectory(folder), "its working directory %s is a file", folder);
    }
    String search = environment.getOrDefault("PATH", "");
    return new Start(words(filled, folder, search), environment, folder);
  }

  /** The working directory may be one of the image, if its path is absolute. */
  private static Start inContainer(
      FilledCommand filled,
      ApptainerCommand apptainer,
      Path root,
      Path code,
      Map<String, String> environment,
      Map<String, String> own)
      throws NotPossible, IOException {
    Path inside = filled.folder().isEmpty() ? code : code.resolve(path(filled.folder()));
    Path folder = Files.isDirectory(inside) ? inside : code;
    ensure(
        folder.equals(inside) || filled.folder().startsWith("/"),
        "its working directory %s does not exist",
        inside);
    List<String> words =
        apptainer.words(
            filled.words(), inside.toString(), ApptainerCommand.shared(root, code, folder));
    Map<String, String> variables = new HashMap<>(apptainer.setting().environment());
    variables.putAll(filled.ofGrain());
    variables.putAll(own);
    variables.putAll(filled.ofUser());
    environment.putAll(own);
    environment.putAll(apptainer.forContainer(variables));
    return new Start(words, environment, folder);
  }

  private static Path folder(Ready ready) {
    return ready.code().isEmpty() ? Path.of("").toAbsolutePath() : ready.code().getFirst();
  }

  static Path path(String filled) throws NotPossible {
    try {
      return Path.of(filled);
    } catch (InvalidPathException e) {
      throw new NotPossible("\"%s\" is not a valid path".formatted(filled));
    }
  }

  static @Nullable Path file(String text, Path folder) throws NotPossible {
    return text.isEmpty() ? null : folder.resolve(path(text));
  }

  static @Nullable Path output(String text, Path folder) throws NotPossible {
    Path file = file(text, folder);
    if (file != null) {
      Path parent = file.getParent();
      ensure(parent != null && Files.isDirectory(parent), "there is no folder for %s", file);
      ensure(
          !Files.isDirectory(file) && (Files.notExists(file) || Files.isWritable(file)),
          "its output cannot be written to %s",
          file);
    }
    return file;
  }

  private static List<String> words(FilledCommand filled, Path folder, String path)
      throws NotPossible {
    List<String> words = new ArrayList<>(filled.words());
    words.set(0, program(words.getFirst(), folder, path));
    return words;
  }

  /** Returns the path of a program: one with a slash is relative to the folder. */
  private static String program(String name, Path folder, String path) throws NotPossible {
    if (name.indexOf('/') >= 0 || name.indexOf(File.separatorChar) >= 0) {
      Path file = folder.resolve(name);
      ensure(Files.exists(file), "there is no program %s", file);
      ensure(!Files.isDirectory(file), "%s is a folder, not a program", file);
      ensure(
          Files.isExecutable(file),
          "%s is not executable; run chmod +x on it, or start it with its interpreter",
          file);
      return file.toString();
    }
    Path found = find(name, path);
    if (found == null) {
      throw new NotPossible("there is no program %s on the PATH (%s)".formatted(name, path));
    }
    return found.toString();
  }

  /** Returns the path of a program that is in one of the folders; null if there is none. */
  static @Nullable Path find(String name, String path) {
    for (String each : path.split(File.pathSeparator, -1)) {
      Path file = Path.of(each).resolve(name);
      if (!each.isEmpty() && Files.isExecutable(file) && !Files.isDirectory(file)) {
        return file;
      }
    }
    return null;
  }
}
