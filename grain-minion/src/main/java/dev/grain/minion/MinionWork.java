package dev.grain.minion;

import dev.grain.Command;
import dev.grain.function.Act1;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a minion does with an item. */
sealed interface MinionWork {
  /**
   * Ensures that it could run at all.
   *
   * @param folder where programs run; null for that of this process
   * @throws IllegalArgumentException if it could not, whatever the item is
   */
  default void ensurePossible(@Nullable Path folder) {}

  /** Starts a program that code chooses. */
  record OfCommand(Function<Parameter, Command> command) implements MinionWork {}

  /** Calls a function. */
  record OfFunction(Act1<Parameter> function) implements MinionWork {}

  /**
   * Starts a program whose words may have placeholders.
   *
   * @param words the program and its arguments
   * @param shell the shell that runs all of it as one line; null for none
   * @param inputFile whether the item is passed in a file
   */
  record OfTemplate(List<String> words, @Nullable String shell, boolean inputFile)
      implements MinionWork {
    /** The most that Linux takes as one argument, with the zero at its end. */
    private static final int LONGEST_ARGUMENT = 128 * 1024 - 1;

    /** What Grain itself fills in. */
    private static final List<String> OF_GRAIN =
        List.of("cpu.ids", "cpu.count", "memory.bytes", "gpu.ids", "job.id", "attempt");

    private static final Pattern ITEM = Pattern.compile("(?<![{$])\\{}(?!})");
    private static final Pattern NAMED = Pattern.compile("(?<![{$])\\{([A-Za-z][\\w.-]*)}(?!})");

    public OfTemplate {
      words = List.copyOf(words);
      if (words.isEmpty() || words.getFirst().isEmpty()) {
        throw new IllegalArgumentException("The command is empty. Name the program to start.");
      }
    }

    /** A program that is named without a placeholder must be there. */
    @Override
    public void ensurePossible(@Nullable Path folder) {
      String program = shell == null ? words.getFirst() : shell;
      if (shell != null || !isFilled(program)) {
        ensureExists(program, folder == null ? Path.of("") : folder);
      }
    }

    private static boolean isFilled(String word) {
      return ITEM.matcher(word).find() || NAMED.matcher(word).find();
    }

    private void ensureExists(String program, Path folder) {
      String path = System.getenv("PATH");
      Stream<Path> places =
          program.indexOf('/') >= 0
              ? Stream.of(folder)
              : Stream.of((path == null ? "/usr/bin:/bin" : path).split(File.pathSeparator, -1))
                  .map(Path::of);
      boolean found =
          places
              .map(place -> place.resolve(program))
              .anyMatch(file -> Files.isExecutable(file) && !Files.isDirectory(file));
      if (!found) {
        String advice =
            program.matches(".*[\\s;&|<>].*") && shell == null
                ? " A line for a shell needs --shell."
                : "";
        throw new IllegalArgumentException(
            "The program '%s' was not found, or cannot be executed.%s".formatted(program, advice));
      }
    }

    /**
     * Returns the command whose placeholders stand for the values of {@link Workplace}.
     *
     * @param decoder how items are read; only JSON has parts with names
     */
    Command template(Parameter.Decoder decoder) {
      boolean named = decoder == Parameter.Decoder.JSON;
      boolean filled =
          words.stream()
              .anyMatch(word -> ITEM.matcher(word).find() || (named && NAMED.matcher(word).find()));
      List<String> all = words.stream().map(word -> named ? word : withoutNames(word)).toList();
      if (shell != null) {
        String line = String.join(" ", all);
        return Command.template(filled || inputFile ? line : line + " {}").shell(shell);
      }
      return Command.template(
          filled || inputFile ? all : Stream.concat(all.stream(), Stream.of("{}")).toList());
    }

    /** Returns the names of parts of items that the command uses. */
    Set<String> names() {
      return words.stream()
          .flatMap(word -> NAMED.matcher(word).results())
          .map(found -> found.group(1))
          .filter(name -> !OF_GRAIN.contains(name))
          .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Doubles the braces of names, which stand for nothing where items are texts. */
    private static String withoutNames(String word) {
      return NAMED
          .matcher(word)
          .replaceAll(found ->
              OF_GRAIN.contains(found.group(1)) ? found.group() : "{{" + found.group(1) + "}}");
    }

    /**
     * Ensures that an item can be passed to a program.
     *
     * @throws IllegalArgumentException if it cannot
     */
    void ensurePassable(String text) {
      if (inputFile) {
        return;
      }
      if (text.indexOf('\0') >= 0) {
        throw new IllegalArgumentException(
            "it contains a NUL character, which cannot be passed to a program as an argument. Use"
                + " --input-file");
      }
      int length = text.getBytes(StandardCharsets.UTF_8).length;
      if (length > LONGEST_ARGUMENT) {
        throw new IllegalArgumentException(
            "it has %s bytes, and an argument of a program can have %s. Use --input-file"
                .formatted(length, LONGEST_ARGUMENT));
      }
    }
  }
}
