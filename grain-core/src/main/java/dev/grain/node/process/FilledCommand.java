package dev.grain.node.process;

import static dev.grain.node.process.NotPossible.ensure;

import dev.grain.Allocation;
import dev.grain.message.CommandInput;
import dev.grain.message.CommandLine;
import dev.grain.message.Order;
import dev.grain.text.Decimals;
import dev.grain.text.Placeholders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A command with its placeholders filled, for one attempt; nothing of the machine that it is to run
 * on was looked at. An empty text stands for none.
 *
 * @param words the program and its arguments; a shell and its arguments for a script
 * @param ofGrain the variables that tell of the job and of what it holds
 * @param ofUser the variables that the user sets, which go before any other ones
 * @param folder where it runs
 * @param stdin the file that is its standard input
 * @param stdout the file that its standard output goes to
 * @param stderr the same for its error stream
 * @param unheld the kinds of which it has placeholders, though the job holds none
 */
public record FilledCommand(
    List<String> words,
    Map<String, String> ofGrain,
    Map<String, String> ofUser,
    String folder,
    String stdin,
    String stdout,
    String stderr,
    List<String> unheld) {

  /**
   * Fills a command.
   *
   * @throws NotPossible if no system could start what it has become
   */
  public static FilledCommand of(
      CommandLine line, CommandInput input, Order order, Allocation allocation) throws NotPossible {
    Map<String, String> values = values(order, allocation);
    List<String> unheld = new ArrayList<>();
    Function<String, @Nullable String> lookUp =
        name -> {
          String known = input.values().getOrDefault(name, values.get(name));
          return known == null ? ofCustom(name, allocation, unheld) : known;
        };
    Map<String, String> ofUser = new LinkedHashMap<>();
    for (Map.Entry<String, String> each : line.environment().entrySet()) {
      String value = Placeholders.fill(each.getValue(), lookUp);
      ensure(
          each.getKey().indexOf('\0') < 0 && value.indexOf('\0') < 0,
          "its environment variable %s contains a NUL character",
          each.getKey().replace("\0", "\\0"));
      ofUser.put(each.getKey(), value);
    }
    return new FilledCommand(
        words(line, lookUp),
        variables(order, allocation),
        ofUser,
        Placeholders.fill(line.folder(), lookUp),
        Placeholders.fill(line.stdin(), lookUp),
        Placeholders.fill(line.stdout(), lookUp),
        Placeholders.fill(line.stderr(), lookUp),
        unheld);
  }

  /**
   * Ensures that the job holds something of whatever it has placeholders of.
   *
   * @throws NotPossible if it does not
   */
  public void ensureHeld() throws NotPossible {
    ensure(
        unheld.isEmpty(),
        "its job holds no %s, so the placeholders for it have no value; request some",
        unheld.isEmpty() ? "" : unheld.getFirst());
  }

  /**
   * Returns a file of the node; null for none.
   *
   * @param text the path of the file, relative to the folder that the worker runs in
   * @throws NotPossible if it cannot be read
   */
  public static @Nullable Path input(String text) throws NotPossible {
    Path file = Preparation.file(text, Path.of("").toAbsolutePath());
    if (file != null) {
      ensure(
          Files.isReadable(file) && !Files.isDirectory(file),
          "the file %s for its standard input cannot be read",
          file);
    }
    return file;
  }

  /**
   * Returns a file of the node; null for none.
   *
   * @param text the path of the file, relative to the folder that the worker runs in
   * @throws NotPossible if it cannot be written
   */
  public static @Nullable Path output(String text) throws NotPossible {
    return Preparation.output(text, Path.of("").toAbsolutePath());
  }

  private static List<String> words(CommandLine line, Function<String, @Nullable String> values)
      throws NotPossible {
    List<String> words = new ArrayList<>();
    for (String word : line.words()) {
      String text = Placeholders.fill(word, values);
      ensure(text.indexOf('\0') < 0, "its argument \"%s\" contains a NUL character", word);
      words.add(text);
    }
    if (!line.shell().isEmpty()) {
      words.addAll(1, List.of(line.shell()));
      words.addAll(0, List.of(line.shell(), "-c"));
    }
    return words;
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
}
