package dev.grain;

import dev.grain.bytes.Bytes;
import dev.grain.message.CommandLine;
import dev.grain.resource.internal.Names;
import dev.grain.text.Placeholders;
import dev.grain.text.Spelling;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A program that a job runs, with its arguments. Immutable: each method returns a changed copy.
 *
 * <pre>{@code
 * Job<CommandResult> job = wg.submit(cpu(2), Command.of("./simulate", "--threads", "{cpu.count}"));
 * }</pre>
 *
 * <p>No shell is involved unless {@link #shell} names one: arguments are passed to the program
 * unchanged, except for placeholders, which are replaced by the resources of the job: {@code
 * {cpu.ids}}, {@code {cpu.count}}, {@code {memory.bytes}}, {@code {gpu.ids}}, {@code {job.id}} and
 * {@code {attempt}}, and for a custom kind, {@code {NAME.ids}} and {@code {NAME.count}}. Arguments,
 * values of environment variables and paths may contain placeholders. To pass braces literally,
 * double them: <code>{{print}}</code>.
 *
 * <p>The same values are in the environment of the program: {@code GRAIN_CPUS} (the number of
 * cores), {@code GRAIN_CPU_IDS}, {@code GRAIN_MEMORY} (in bytes), {@code GRAIN_GPU_IDS}, {@code
 * GRAIN_JOB_ID} and {@code GRAIN_ATTEMPT}; {@code GRAIN_NAME} with the ids of a custom kind; {@code
 * CUDA_VISIBLE_DEVICES} if the job holds GPUs; and {@code OMP_NUM_THREADS}. Variables that are set
 * by {@link #env} override these, and these override those of the worker.
 */
public final class Command {
  /** The placeholders that every command may contain. */
  static final List<String> NAMES =
      List.of("cpu.ids", "cpu.count", "memory.bytes", "gpu.ids", "job.id", "attempt");

  private static final int MOST_CODE = 255;

  private final CommandLine line;
  private final boolean template;
  private final @Nullable Bytes input;
  private final boolean inputOfJob;
  // computed by any thread; always the same value
  private volatile @Nullable Bytes encoded;

  private Command(CommandLine line, boolean template, @Nullable Bytes input, boolean inputOfJob) {
    this.line = line;
    this.template = template;
    this.input = input;
    this.inputOfJob = inputOfJob;
  }

  /**
   * Returns a command that starts a program.
   *
   * @param program the name of a program on the {@code PATH} of the job, or a path, which may be
   *     relative to the {@linkplain #workingDir working directory}
   * @param arguments its arguments
   * @throws IllegalArgumentException if the program is empty, a word contains a NUL character, or a
   *     placeholder is not known
   */
  public static Command of(String program, String... arguments) {
    return of(joined(program, arguments));
  }

  /** Returns a command of a program and its arguments; see {@link #of(String, String...)}. */
  public static Command of(List<String> words) {
    return made(words, false);
  }

  /**
   * Returns a template for many inputs: {@code {}} is replaced by the input of the job, and {@code
   * {name}} by the value with that name if the input is a map or a record.
   *
   * @param program as for {@link #of(String, String...)}
   */
  public static Command template(String program, String... arguments) {
    return made(joined(program, arguments), true);
  }

  /** Returns a template for many inputs; see {@link #template(String, String...)}. */
  public static Command template(List<String> words) {
    return made(words, true);
  }

  private static List<String> joined(String program, String... arguments) {
    List<String> words = new ArrayList<>();
    words.add(program);
    words.addAll(Arrays.asList(arguments));
    return words;
  }

  private static Command made(List<String> words, boolean template) {
    if (words.isEmpty() || words.getFirst().isEmpty()) {
      throw new IllegalArgumentException("The command is empty. Name the program to start.");
    }
    CommandLine line =
        new CommandLine(
            List.copyOf(words), "", new LinkedHashMap<>(), "", "", "", "", List.of(0), false);
    Command command = new Command(line, template, null, false);
    line.words().forEach(word -> command.check("argument", word));
    return command;
  }

  private void check(String what, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "The %s \"%s\" contains a NUL character, which cannot be passed to a program."
              .formatted(what, text.replace("\0", "\\0")));
    }
    if (!template) {
      ensureKnown(text, NAMES);
    }
  }

  private static void ensureKnown(String text, Collection<String> known) {
    String unknown =
        Placeholders.firstUnknown(text, name -> known.contains(name) || isOfCustom(name));
    if (unknown != null) {
      throw new IllegalArgumentException(unknownPlaceholder(text, unknown, known));
    }
  }

  /** Returns whether the name could denote the ids or the amount of a custom kind. */
  private static boolean isOfCustom(String name) {
    int dot = name.lastIndexOf('.');
    String what = name.substring(dot + 1);
    return dot > 0
        && (what.equals("ids") || what.equals("count"))
        && Names.isFree(name.substring(0, dot));
  }

  private static String unknownPlaceholder(String text, String name, Collection<String> known) {
    String near = Spelling.nearest(name, known);
    return "There is no placeholder {%s} in \"%s\"%s. Known are %s. To pass the braces, write {{%s}}."
        .formatted(
            name,
            text,
            near == null || near.isEmpty() ? "" : " (did you mean {" + near + "}?)",
            String.join(", ", known.stream().map(each -> "{" + each + "}").toList()),
            name);
  }

  /**
   * Sets an environment variable of the program.
   *
   * @throws IllegalArgumentException if the name is empty or contains {@code =} or a NUL character,
   *     or the value contains a NUL character or an unknown placeholder
   */
  public Command env(String name, String value) {
    if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "\"%s\" cannot be the name of an environment variable."
              .formatted(name.replace("\0", "\\0")));
    }
    check("value of " + name, value);
    SequencedMap<String, String> more = new LinkedHashMap<>(line.environment());
    more.put(name, value);
    return with(draft -> draft.environment = more);
  }

  /** Sets environment variables of the program; see {@link #env(String, String)}. */
  public Command env(Map<String, String> variables) {
    Command command = this;
    for (Map.Entry<String, String> each : variables.entrySet()) {
      command = command.env(each.getKey(), each.getValue());
    }
    return command;
  }

  /**
   * Sets the working directory of the program, on the worker's machine. The default is the working
   * directory of the worker.
   */
  public Command workingDir(Path folder) {
    String path = path(folder);
    return with(draft -> draft.folder = path);
  }

  /** Sets the file that the program reads as standard input; by default, the input is empty. */
  public Command stdin(Path file) {
    String path = path(file);
    return with(draft -> draft.stdin = path);
  }

  /**
   * Redirects the standard output of the program to a file on the worker's machine, which is
   * created or overwritten. Without this, the output is sent to the program that submits the job.
   */
  public Command stdout(Path file) {
    String path = path(file);
    return with(draft -> draft.stdout = path);
  }

  /** Redirects standard error of the program to a file; see {@link #stdout(Path)}. */
  public Command stderr(Path file) {
    String path = path(file);
    return with(draft -> draft.stderr = path);
  }

  private String path(Path path) {
    String text = path.toString();
    check("path", text);
    return text;
  }

  /**
   * Runs the first word as a shell script; the other words are the arguments of the script.
   *
   * @param shell the shell, such as {@code bash}; it must support {@code -c}
   */
  public Command shell(String shell) {
    if (shell.isEmpty()) {
      throw new IllegalArgumentException("The name of the shell is empty.");
    }
    check("name of a shell", shell);
    return with(draft -> draft.shell = shell);
  }

  /**
   * Sets the exit codes that count as success; by default only 0.
   *
   * @param codes 0 to 255 each, at least one
   */
  public Command successCodes(int... codes) {
    TreeSet<Integer> sorted = new TreeSet<>();
    for (int code : codes) {
      if (code < 0 || code > MOST_CODE) {
        throw new IllegalArgumentException("An exit code is between 0 and 255, but not " + code);
      }
      sorted.add(code);
    }
    if (sorted.isEmpty()) {
      throw new IllegalArgumentException("Name at least one exit code that counts as success.");
    }
    return with(draft -> draft.successCodes = List.copyOf(sorted));
  }

  /**
   * Passes bytes to the program in a file, whose path is in {@code GRAIN_INPUT_FILE}.
   *
   * @param bytes the content of the file; copied
   */
  public Command input(byte[] bytes) {
    return new Command(line, template, Bytes.of(bytes.clone()), false);
  }

  /** Passes a text in UTF-8 to the program in a file; see {@link #input(byte[])}. */
  public Command input(String text) {
    return new Command(line, template, Bytes.of(text.getBytes(StandardCharsets.UTF_8)), false);
  }

  /**
   * Passes a value as JSON to the program in a file; see {@link #input(byte[])}. Requires Jackson 3
   * ({@code tools.jackson.core:jackson-databind}) on the class path.
   *
   * @throws EncodingException if the value cannot be written as JSON
   * @throws IllegalStateException if Jackson is missing
   */
  public Command inputJson(Object value) {
    return new Command(line, template, Bytes.of(Json.write(value)), false);
  }

  /**
   * Passes the input of the job to the program in a file; see {@link #input(byte[])}. A {@code
   * byte[]} is written unchanged, a text in UTF-8, and everything else as {@linkplain #inputJson
   * JSON}.
   *
   * @throws IllegalStateException if this is not a template
   */
  public Command inputOfJob() {
    if (!template) {
      throw new IllegalStateException(
          "The command \"%s\" takes no input. Create it with Command.template.".formatted(this));
    }
    return new Command(line, true, null, true);
  }

  /**
   * Requests a result, which the program writes to the file whose path is in {@code
   * GRAIN_RESULT_FILE}. If it exits successfully without writing the file, the job fails; see
   * {@link CommandResult#result()}.
   */
  public Command withResult() {
    return with(draft -> draft.returnsResult = true);
  }

  private Command with(Consumer<Draft> change) {
    Draft draft = new Draft(line);
    change.accept(draft);
    return new Command(draft.toLine(), template, input, inputOfJob);
  }

  /** A command line that is about to be changed. */
  private static final class Draft {
    private final List<String> words;
    private String shell;
    private SequencedMap<String, String> environment;
    private String folder;
    private String stdin;
    private String stdout;
    private String stderr;
    private List<Integer> successCodes;
    private boolean returnsResult;

    Draft(CommandLine line) {
      words = line.words();
      shell = line.shell();
      environment = line.environment();
      folder = line.folder();
      stdin = line.stdin();
      stdout = line.stdout();
      stderr = line.stderr();
      successCodes = line.successCodes();
      returnsResult = line.returnsResult();
    }

    CommandLine toLine() {
      return new CommandLine(
          words, shell, environment, folder, stdin, stdout, stderr, successCodes, returnsResult);
    }
  }

  // ---- for submitting it

  boolean isTemplate() {
    return template;
  }

  /** Returns the program and how it is started, without its input. */
  CommandLine line() {
    return line;
  }

  /** Throws an {@code IllegalArgumentException} if it is started without an input. */
  void ensureTemplate() {
    if (!template) {
      throw new IllegalArgumentException(
          "The command \"%s\" takes no input. Create it with Command.template.".formatted(this));
    }
  }

  /**
   * Returns what the file of the input has; null for no file.
   *
   * @param value the input of the job
   * @throws EncodingException if it cannot be written as JSON, and is to be
   */
  @Nullable Bytes inputFile(@Nullable Object value) {
    if (!inputOfJob) {
      return input;
    }
    return Bytes.of(
        switch (value) {
          case byte[] bytes -> bytes.clone();
          case CharSequence text -> text.toString().getBytes(StandardCharsets.UTF_8);
          case null -> "null".getBytes(StandardCharsets.UTF_8);
          default -> Json.write(value);
        });
  }

  /** Returns the form that is sent to nodes; the same bytes each time. */
  Bytes encoded() {
    Bytes known = encoded;
    if (known == null) {
      known = line.encode();
      encoded = known;
    }
    return known;
  }

  /**
   * Ensures that all placeholders have a value.
   *
   * @param names those of the input, beside the usual ones
   * @throws IllegalArgumentException if there is another one
   */
  void ensureKnown(Collection<String> names) {
    List<String> known = new ArrayList<>(names);
    known.addAll(NAMES);
    line.words().forEach(word -> ensureKnown(word, known));
    line.environment().values().forEach(value -> ensureKnown(value, known));
    for (String path : List.of(line.folder(), line.stdin(), line.stdout(), line.stderr())) {
      ensureKnown(path, known);
    }
  }

  /** Returns the program and its arguments as somebody would type them, roughly. */
  @Override
  public String toString() {
    return String.join(" ", line.words());
  }
}
