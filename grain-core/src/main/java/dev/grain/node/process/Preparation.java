package dev.grain.node.process;

import dev.grain.Allocation;
import dev.grain.message.CommandInput;
import dev.grain.message.CommandLine;
import dev.grain.message.Order;
import dev.grain.text.Decimals;
import dev.grain.text.Placeholders;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
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

  /** Says why a command cannot be started, in a sentence. */
  static final class NotPossible extends Exception {
    private static final long serialVersionUID = 1;

    NotPossible(String reason) {
      super(reason, null, false, false);
    }

    /** Its words and variables are more than the system takes. */
    static NotPossible tooLong() {
      return new NotPossible(
          "its arguments and environment are longer than the system allows (getconf ARG_MAX);"
              + " pass a file, for example with Command.input");
    }

    String reason() {
      return String.valueOf(getMessage());
    }
  }

  /**
   * Fills and checks a command.
   *
   * @param own what Grain sets besides the variables of the allocation
   * @throws NotPossible if it cannot be started here
   */
  static Preparation of(
      CommandLine line,
      CommandInput input,
      Order order,
      Allocation allocation,
      Map<String, String> own)
      throws NotPossible {
    Map<String, String> values = values(order, allocation);
    List<String> unheld = new ArrayList<>();
    Function<String, @Nullable String> lookUp =
        name -> {
          String known = input.values().getOrDefault(name, values.get(name));
          return known == null ? ofCustom(name, allocation, unheld) : known;
        };
    Map<String, String> environment = new HashMap<>(INHERITED);
    environment.putAll(variables(order, allocation));
    environment.putAll(own);
    for (Map.Entry<String, String> each : line.environment().entrySet()) {
      String value = Placeholders.fill(each.getValue(), lookUp);
      ensure(
          each.getKey().indexOf('\0') < 0 && value.indexOf('\0') < 0,
          "its environment variable %s contains a NUL character",
          each.getKey().replace("\0", "\\0"));
      environment.put(each.getKey(), value);
    }

    Path folder = Path.of("").toAbsolutePath();
    if (!line.folder().isEmpty()) {
      folder = folder.resolve(path(line.folder(), lookUp));
      ensure(Files.exists(folder), "its working directory %s does not exist", folder);
      ensure(Files.isDirectory(folder), "its working directory %s is a file", folder);
    }
    Path stdin = file(line.stdin(), folder, lookUp);
    if (stdin != null) {
      ensure(
          Files.isReadable(stdin) && !Files.isDirectory(stdin),
          "the file %s for its standard input cannot be read",
          stdin);
    }
    Preparation prepared =
        new Preparation(
            words(line, folder, environment.getOrDefault("PATH", ""), lookUp),
            environment,
            folder,
            stdin,
            output(line.stdout(), folder, lookUp),
            output(line.stderr(), folder, lookUp));
    ensure(
        unheld.isEmpty(),
        "its job holds no %s, so the placeholders for it have no value; request some",
        unheld.isEmpty() ? "" : unheld.getFirst());
    return prepared;
  }

  /**
   * Returns the ids or the amount of a custom kind, null for another name.
   *
   * @param unheld gets the names of kinds of which the job holds nothing
   */
  private static @Nullable String ofCustom(
      String name, Allocation allocation, List<String> unheld) {
    int dot = name.lastIndexOf('.');
    String kind = dot < 0 ? "" : name.substring(0, dot);
    boolean ids = name.endsWith(".ids");
    if (kind.isEmpty() || !(ids || name.endsWith(".count"))) {
      return null;
    }
    if (allocation.amount(kind) == 0) {
      unheld.add(kind);
    }
    return ids ? ids(allocation.ids(kind)) : Decimals.of(allocation.amount(kind));
  }

  private static void ensure(boolean condition, String reason, Object detail) throws NotPossible {
    if (!condition) {
      throw new NotPossible(reason.formatted(detail));
    }
  }

  private static Map<String, String> values(Order order, Allocation allocation) {
    return Map.of(
        "cpu.ids", ids(allocation.cores()),
        "cpu.count", String.valueOf(count(allocation)),
        "memory.bytes", String.valueOf(allocation.memory()),
        "gpu.ids", ids(allocation.gpus()),
        "job.id", String.valueOf(order.job()),
        "attempt", String.valueOf(order.attempt()));
  }

  private static Map<String, String> variables(Order order, Allocation allocation) {
    Map<String, String> variables = new HashMap<>();
    new TreeMap<>(allocation.customIds())
        .forEach((kind, ids) -> variables.putIfAbsent(variableOf(kind), ids(ids)));
    variables.put("GRAIN_CPUS", String.valueOf(count(allocation)));
    variables.put("GRAIN_CPU_IDS", ids(allocation.cores()));
    variables.put("GRAIN_MEMORY", String.valueOf(allocation.memory()));
    variables.put("GRAIN_GPU_IDS", ids(allocation.gpus()));
    variables.put("GRAIN_JOB_ID", String.valueOf(order.job()));
    variables.put("GRAIN_ATTEMPT", String.valueOf(order.attempt()));
    variables.put("OMP_NUM_THREADS", String.valueOf(count(allocation)));
    if (!allocation.gpus().isEmpty()) {
      variables.put("CUDA_VISIBLE_DEVICES", ids(allocation.gpus()));
    }
    return variables;
  }

  /** Returns the variable for the ids of a custom kind, whose name is ASCII. */
  private static String variableOf(String kind) {
    return "GRAIN_" + kind.toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
  }

  /** Returns how many threads suit the job: its whole cores, and one for a part of a core. */
  private static int count(Allocation allocation) {
    return Math.max(1, (int) allocation.amount("cpu"));
  }

  private static String ids(List<?> ids) {
    return ids.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  private static Path path(String text, Function<String, @Nullable String> values)
      throws NotPossible {
    String filled = Placeholders.fill(text, values);
    try {
      return Path.of(filled);
    } catch (InvalidPathException e) {
      throw new NotPossible("\"%s\" is not a valid path".formatted(filled));
    }
  }

  private static @Nullable Path file(
      String text, Path folder, Function<String, @Nullable String> values) throws NotPossible {
    return text.isEmpty() ? null : folder.resolve(path(text, values));
  }

  private static @Nullable Path output(
      String text, Path folder, Function<String, @Nullable String> values) throws NotPossible {
    Path file = file(text, folder, values);
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

  private static List<String> words(
      CommandLine line, Path folder, String path, Function<String, @Nullable String> values)
      throws NotPossible {
    List<String> filled = new ArrayList<>();
    for (String word : line.words()) {
      String text = Placeholders.fill(word, values);
      ensure(text.indexOf('\0') < 0, "its argument \"%s\" contains a NUL character", word);
      filled.add(text);
    }
    List<String> words = new ArrayList<>();
    if (!line.shell().isEmpty()) {
      words.add(program(line.shell(), folder, path));
      words.add("-c");
      words.add(filled.removeFirst());
      words.add(line.shell());
    } else {
      words.add(program(filled.removeFirst(), folder, path));
    }
    words.addAll(filled);
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
    for (String each : path.split(File.pathSeparator, -1)) {
      Path file = Path.of(each).resolve(name);
      if (!each.isEmpty() && Files.isExecutable(file) && !Files.isDirectory(file)) {
        return file.toString();
      }
    }
    throw new NotPossible("there is no program %s on the PATH (%s)".formatted(name, path));
  }
}
