package dev.grain.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a job does. Immutable. */
public sealed interface WorkSpec {
  /**
   * Returns a command, which no shell interprets.
   *
   * @param program as for {@code dev.grain.Command.of}
   * @param arguments its arguments
   */
  static Program command(String program, String... arguments) {
    Objects.requireNonNull(program, "program is null");
    List<String> words = new ArrayList<>(List.of(program));
    words.addAll(List.of(arguments));
    return new Program(words, null, null, null, null, List.of(0), null, false);
  }

  /** Returns a line that {@code sh} runs. */
  static Program shell(String line) {
    return new Program(List.of(line), "sh", null, null, null, List.of(0), null, false);
  }

  /**
   * Returns a call of a function by its name.
   *
   * @param name as for {@code dev.grain.FunctionRef.named}
   * @param arguments each as JSON
   */
  static Function function(String name, String... arguments) {
    return new Function(name, List.of(arguments), false);
  }

  /**
   * A program that is started, as {@code dev.grain.Command} describes it.
   *
   * @param words the program and its arguments; of a shell, the script and its arguments
   * @param shell the shell that runs the first word; null for none
   * @param stdin the file that is its standard input; null for none, as those that follow
   * @param stdout the file for its standard output
   * @param stderr the file for its standard error
   * @param successCodes the exit codes that count as success, ascending
   * @param input what it finds in the file whose path is in {@code GRAIN_INPUT_FILE}; null for no
   *     such file
   * @param returnsResult whether it writes a file with a result
   */
  record Program(
      List<String> words,
      @Nullable String shell,
      @Nullable String stdin,
      @Nullable String stdout,
      @Nullable String stderr,
      List<Integer> successCodes,
      @Nullable Input input,
      boolean returnsResult)
      implements WorkSpec {
    /** Copies the lists. */
    public Program {
      words = List.copyOf(words);
      successCodes = successCodes.stream().sorted().distinct().toList();
    }
  }

  /** The content of the file with the input of a program. */
  sealed interface Input {
    /** A text, in UTF-8. */
    record Text(String text) implements Input {}

    /**
     * Bytes.
     *
     * @param base64 in Base64, with padding
     */
    record Binary(String base64) implements Input {}
  }

  /**
   * A call of a function by its name, as {@code dev.grain.FunctionRef} describes it.
   *
   * @param name such as {@code com.acme.Jobs::energy}
   * @param arguments each as JSON
   * @param platformThread whether it runs on a platform thread
   */
  record Function(String name, List<String> arguments, boolean platformThread) implements WorkSpec {
    /** Copies the list. */
    public Function {
      arguments = List.copyOf(arguments);
    }
  }

  /**
   * A call of a function that a program in Java has sent with its code.
   *
   * @param bundle the SHA-256 of the listing of its code, as 64 hexadecimal digits in lower case
   * @param function the encoded function, in Base64 with padding
   * @param arguments the encoded arguments, in Base64 with padding
   * @param platformThread whether it runs on a platform thread
   */
  record Shipped(String bundle, String function, String arguments, boolean platformThread)
      implements WorkSpec {}
}
