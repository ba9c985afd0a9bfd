package dev.grain.cli.run;

import dev.grain.Command;
import dev.grain.text.Placeholders;
import dev.grain.text.Spelling;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The command of all jobs, whose placeholders stand for inputs. It is translated once: each
 * placeholder that is used becomes one of {@link Command}, by a name of its own, so that inputs are
 * filled in literally, whatever braces they have.
 */
final class Template {
  /** The placeholders for the files that the output of a job goes to. */
  private static final String OUT = "grain.out";

  private static final String ERR = "grain.err";

  private static final List<String> OF_GRAIN =
      List.of("cpu.ids", "cpu.count", "memory.bytes", "gpu.ids", "job.id", "attempt");

  private static final String NAME = "[A-Za-z][\\w.-]*";
  private static final String INPUT = "#|[0-9]*(?:\\.|//|/\\.|/)?";

  /** Further placeholders of GNU parallel: the slot, places from the end, and code in Perl. */
  private static final String OF_PARALLEL = "%|-[0-9]+|=[^{}]*=";

  private static final Pattern PLACEHOLDER =
      Pattern.compile(
          "\\{(\\{(?:%1$s)})}|(?<!\\$)\\{(%1$s)}"
              .formatted(String.join("|", INPUT, NAME, OF_PARALLEL)));

  private static final Pattern PARTS = Pattern.compile("([0-9]*)(.*)");
  private static final Pattern EXTENSION = Pattern.compile("\\.[^/.]*$");
  private static final String SHELL = "sh";

  private final List<String> names;
  private final boolean columns;
  private final int sources;
  // filled while it is made
  private final Map<String, Function<Input, String>> values = new LinkedHashMap<>();
  private final Set<Integer> used = new LinkedHashSet<>();
  private boolean usesInput;

  private final List<String> words;
  private final String shell;
  // what the program is given apart from its words, with placeholders
  private final Map<String, String> environment = new LinkedHashMap<>();
  private final @Nullable Path folder;
  private final @Nullable Path stdin;
  private final List<String> origin;
  private final Command command;

  /**
   * How the program is started, apart from its words.
   *
   * @param shell empty for none
   * @param folder null for that of this process
   * @param stdin null for an empty one
   * @param origin where its code and its environment come from
   */
  record Setting(
      String shell,
      Map<String, String> environment,
      @Nullable Path folder,
      @Nullable Path stdin,
      List<String> origin) {}

  /**
   * Translates a command.
   *
   * @param words the program and its arguments; none if each input is a script
   * @throws IllegalArgumentException if a placeholder is not known, or the inputs are not used
   */
  Template(List<String> words, Setting setting, Inputs inputs) {
    this.names =
        inputs.sources().stream().map(Source::name).filter(name -> !name.isEmpty()).toList();
    this.columns = inputs.columns() != null;
    this.sources = inputs.sources().size();
    this.origin = setting.origin();
    boolean scripts = words.isEmpty();
    boolean quoted = !setting.shell().isEmpty() && !scripts;
    setting.environment().forEach((name, value) -> environment.put(name, translate(value, false)));
    this.folder = translate(setting.folder());
    this.stdin = translate(setting.stdin());
    List<String> translated = new ArrayList<>();
    if (scripts) {
      translated.add(translate("{}", false));
    } else {
      ensureProgram(words.getFirst(), quoted);
      words.forEach(word -> translated.addAll(translateWord(word, quoted)));
      if (!usesInput && sources > 0) {
        ensureUnnamed();
        translated.addAll(translateWord("{}", quoted));
      }
    }
    this.shell = scripts && setting.shell().isEmpty() ? SHELL : setting.shell();
    this.words = shell.isEmpty() ? translated : List.of(String.join(" ", translated));
    this.command = command(Command.template(this.words), UnaryOperator.identity());
  }

  /** Returns what the program is given apart from its words, each as a text with placeholders. */
  private List<String> setting() {
    List<String> all = new ArrayList<>();
    environment.forEach((name, value) -> all.add("env " + name + "=" + value));
    if (folder != null) {
      all.add("folder " + folder);
    }
    if (stdin != null) {
      all.add("stdin " + stdin);
    }
    return all;
  }

  /** Somebody who comes from a shell writes a whole line as one word. */
  private static void ensureProgram(String program, boolean shell) {
    if (!shell && program.indexOf(' ') >= 0 && !new File(program).exists()) {
      throw new IllegalArgumentException(
          ("\"%s\" is not the name of a program. Pass its arguments as separate words, or add"
                  + " --shell to run it as a script.")
              .formatted(program));
    }
  }

  private void ensureUnnamed() {
    if (!names.isEmpty()) {
      throw new IllegalArgumentException(
          "The command does not use any of the swept values. Write %s where they belong."
              .formatted(
                  names.stream().map(name -> "{" + name + "}").collect(Collectors.joining(" "))));
    }
  }

  /** Returns the command with what it is given apart from its words, as it is after filling. */
  private Command command(Command ofWords, UnaryOperator<String> fill) {
    Command made = ofWords;
    for (Map.Entry<String, String> each : environment.entrySet()) {
      made = made.env(each.getKey(), fill.apply(each.getValue()));
    }
    made = shell.isEmpty() ? made : made.shell(shell);
    made = folder == null ? made : made.workingDir(Path.of(fill.apply(folder.toString())));
    return stdin == null ? made : made.stdin(Path.of(fill.apply(stdin.toString())));
  }

  private @Nullable Path translate(@Nullable Path path) {
    return path == null ? null : Path.of(translate(path.toString(), false));
  }

  /** Translates a word; one that stands for several values becomes as many words. */
  private List<String> translateWord(String word, boolean quoted) {
    if (!word.equals("{}") || sources < 2) {
      return List.of(translate(word, quoted));
    }
    List<String> several = new ArrayList<>();
    for (int i = 1; i <= sources; i++) {
      several.add(translate("{" + i + "}", quoted));
    }
    return several;
  }

  private String translate(String text, boolean quoted) {
    return PLACEHOLDER
        .matcher(text)
        .replaceAll(found -> Matcher.quoteReplacement(translate(found, text, quoted)));
  }

  private String translate(MatchResult found, String text, boolean quoted) {
    String escaped = found.group(1);
    if (escaped != null) {
      // those that Command knows stay doubled for it
      return escaped.matches("\\{" + NAME + "}") ? "{" + escaped + "}" : escaped;
    }
    String name = found.group(2);
    if (OF_GRAIN.contains(name)) {
      return found.group();
    }
    Function<Input, String> value = names.contains(name) ? named(name) : valueOf(name, text);
    usesInput = true;
    String own = (quoted ? "grain.quoted." : "grain.input.") + toName(name);
    values.put(own, quoted ? input -> Shells.quote(value.apply(input)) : value);
    return "{" + own + "}";
  }

  private static String toName(String placeholder) {
    return "_" + placeholder.replace("#", "number").replace("/", "-").replace(".", "_");
  }

  private Function<Input, String> named(String name) {
    int place = names.indexOf(name);
    return input -> input.values().get(place);
  }

  private Function<Input, String> valueOf(String name, String text) {
    if (name.equals("#")) {
      return input -> Long.toString(input.number());
    }
    if (name.matches(OF_PARALLEL)) {
      throw new IllegalArgumentException(
          "The placeholder {%s} of GNU parallel is not supported%s. To pass the braces, write {{%s}}."
              .formatted(
                  name, name.equals("%") ? "; {cpu.ids} are the cores of the job" : "", name));
    }
    Matcher parts = PARTS.matcher(name);
    if (!parts.matches() || (!name.isEmpty() && Character.isLetter(name.charAt(0)))) {
      throw unknown(name, text);
    }
    if (sources == 0) {
      throw new IllegalArgumentException(
          ("\"%s\" has the placeholder {%s}, but there are no inputs. Add them with --lines, --range,"
                  + " --sweep or :::, or write {{%s}} to pass the braces.")
              .formatted(text, name, name));
    }
    Function<String, String> change = change(parts.group(2));
    if (parts.group(1).isEmpty()) {
      return input ->
          columns || input.values().size() == 1
              ? change.apply(input.text())
              : input.values().stream().map(change).collect(Collectors.joining(" "));
    }
    int place = parts.group(1).length() > 6 ? Integer.MAX_VALUE : Integer.parseInt(parts.group(1));
    if (place == 0 || (!columns && place > sources)) {
      throw unknown(name, text);
    }
    used.add(place);
    return input -> change.apply(input.values().get(place - 1));
  }

  private IllegalArgumentException unknown(String name, String text) {
    List<String> known = new ArrayList<>(names);
    known.addAll(OF_GRAIN);
    String near = Spelling.nearest(name, known);
    if (sources > 0) {
      known.addFirst("");
      known.add("#");
      for (int i = 1; i <= Math.min(sources, 9); i++) {
        known.add(Integer.toString(i));
      }
    }
    return new IllegalArgumentException(
        "There is no placeholder {%s} in \"%s\"%s. Known are %s. To pass the braces, write {{%s}}."
            .formatted(
                name,
                text,
                near == null ? "" : " (did you mean {" + near + "}?)",
                known.stream().map(each -> "{" + each + "}").collect(Collectors.joining(", ")),
                name));
  }

  private static Function<String, String> change(String form) {
    return switch (form) {
      case "." -> Template::withoutExtension;
      case "/" -> Template::fileName;
      case "//" -> Template::folderName;
      case "/." -> text -> withoutExtension(fileName(text));
      default -> text -> text;
    };
  }

  private static String withoutExtension(String text) {
    return EXTENSION.matcher(text).replaceFirst("");
  }

  private static String fileName(String text) {
    return text.substring(text.lastIndexOf('/') + 1);
  }

  private static String folderName(String text) {
    int slash = text.lastIndexOf('/');
    return slash < 0 ? "." : slash == 0 ? "/" : text.substring(0, slash);
  }

  // ---------------------------------------------------------------- for jobs

  /** Returns the command whose output comes back by the run. */
  Command command() {
    return command;
  }

  /** Returns the command whose output goes to files that {@link #values} names. */
  Command commandToFiles() {
    return command.stdout(Path.of("{" + OUT + "}")).stderr(Path.of("{" + ERR + "}"));
  }

  /** Returns why a job cannot be made of an input, as the end of a sentence; null if it can. */
  @Nullable String problem(Input input) {
    if (input.problem() != null) {
      return input.problem();
    }
    for (int place : used) {
      if (place > input.values().size()) {
        return "its input has %s, but the command uses {%s}"
            .formatted(
                input.values().size() == 1 ? "1 column" : input.values().size() + " columns",
                place);
      }
    }
    return null;
  }

  /** Returns what the placeholders stand for. */
  Map<String, String> values(Input input) {
    Map<String, String> filled = new LinkedHashMap<>();
    filled.put(Placeholders.UNNAMED, "{}");
    values.forEach((name, value) -> filled.put(name, value.apply(input)));
    return filled;
  }

  /** Returns what the placeholders stand for, with the files that the output goes to. */
  Map<String, String> values(Input input, Path out, Path err) {
    Map<String, String> filled = values(input);
    filled.put(OUT, out.toString());
    filled.put(ERR, err.toString());
    return filled;
  }

  /** Returns the command of an input, in which only what describes the job is left to be filled. */
  Command command(Input input) {
    Map<String, String> filled = values(input);
    UnaryOperator<String> fill = text -> Placeholders.fillFirst(text, filled::get);
    return command(Command.of(words.stream().map(fill).toList()), fill);
  }

  /** Returns the command of an input as somebody would type it into a shell. */
  String line(Input input) {
    Map<String, String> filled = values(input);
    List<String> line = words.stream().map(word -> Placeholders.fill(word, filled::get)).toList();
    return shell.isEmpty()
        ? Shells.quote(line)
        : Shells.quote(shell) + " -c " + Shells.quote(line.getFirst());
  }

  /** Returns the name of the program, or of the shell. */
  String program() {
    return shell.isEmpty() ? words.getFirst() : shell;
  }

  /** Returns what names the job of an input for the journal. */
  Object[] key(Input input) {
    Map<String, String> filled = values(input);
    List<String> key = new ArrayList<>(List.of("grain run 1", line(input)));
    setting().forEach(each -> key.add(Placeholders.fill(each, filled::get)));
    key.addAll(origin);
    return key.toArray();
  }
}
