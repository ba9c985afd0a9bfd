package dev.grain.client;

import static dev.grain.client.Keys.ARGUMENTS;
import static dev.grain.client.Keys.BACKOFF;
import static dev.grain.client.Keys.BUNDLE;
import static dev.grain.client.Keys.COMMAND;
import static dev.grain.client.Keys.ENV;
import static dev.grain.client.Keys.FACTOR;
import static dev.grain.client.Keys.FIRST;
import static dev.grain.client.Keys.FUNCTION;
import static dev.grain.client.Keys.HOLD;
import static dev.grain.client.Keys.ID;
import static dev.grain.client.Keys.INPUT;
import static dev.grain.client.Keys.INPUT_BASE64;
import static dev.grain.client.Keys.INPUT_JSON;
import static dev.grain.client.Keys.LABELS;
import static dev.grain.client.Keys.MOST;
import static dev.grain.client.Keys.NAME;
import static dev.grain.client.Keys.OF_COMMANDS;
import static dev.grain.client.Keys.OF_FUNCTIONS;
import static dev.grain.client.Keys.OF_JOB;
import static dev.grain.client.Keys.OF_ONE_JOB;
import static dev.grain.client.Keys.OF_WORK;
import static dev.grain.client.Keys.PLATFORM_THREAD;
import static dev.grain.client.Keys.PRIORITY;
import static dev.grain.client.Keys.PROGRAM;
import static dev.grain.client.Keys.RESULT;
import static dev.grain.client.Keys.RETRIES;
import static dev.grain.client.Keys.SCRIPT;
import static dev.grain.client.Keys.SCRIPT_ARGUMENTS;
import static dev.grain.client.Keys.SHELL;
import static dev.grain.client.Keys.SHIPPED;
import static dev.grain.client.Keys.SHIPPED_ARGUMENTS;
import static dev.grain.client.Keys.SHIPPED_FUNCTION;
import static dev.grain.client.Keys.STDERR;
import static dev.grain.client.Keys.STDIN;
import static dev.grain.client.Keys.STDOUT;
import static dev.grain.client.Keys.SUCCESS_CODES;
import static dev.grain.client.Keys.TIME_LIMIT;

import dev.grain.Command;
import dev.grain.FunctionRef;
import dev.grain.JobOptions;
import dev.grain.spec.JobSpec;
import dev.grain.spec.RetrySpec;
import dev.grain.spec.WorkSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes a spec of a tree. What is allowed, the types decide with which programs submit jobs: each
 * value is given to one of these where it stands, so that a mistake is told at its place, and the
 * whole spec is given to {@link JobOptions#of(JobSpec)} at the end. For one thread.
 */
final class SpecReader {
  private static final int MOST_RETRIES = 1_000_000;
  private static final double USUAL_FACTOR = 2;
  private static final Duration USUAL_LONGEST = Duration.ofMinutes(5);

  /** What is a word to a shell and something else to a program. */
  private static final Pattern FOR_SHELLS = Pattern.compile("['\"\\\\|&;<>$`*]");

  /** Stands for work that is checked elsewhere. */
  private static final WorkSpec.Program ANY = WorkSpec.command("true");

  private final Problems problems;

  SpecReader(Problems problems) {
    this.problems = problems;
  }

  /** Returns the spec of a job; null if it has a mistake, which is noted then. */
  @Nullable JobSpec job(Node node) {
    int before = problems.count();
    if (!(node instanceof Node.Mapping mapping)) {
      problems.add(
          node.place(),
          "This is %s, and not a job.".formatted(node.kind()),
          "keys with values",
          COMMAND.shownExample());
      return null;
    }
    Fields job = new Fields(mapping, "a job", problems, OF_JOB);
    WorkSpec work = work(job);
    SettingReader.ensureContainer(job);
    JobSpec spec = common(job, work == null ? ANY : work);
    if (work == null || spec == null || problems.count() > before) {
      return null;
    }
    try {
      var _ = JobOptions.of(spec);
      return spec;
    } catch (IllegalArgumentException e) {
      job.wrong(String.valueOf(e.getMessage()));
      return null;
    }
  }

  /** Reads what jobs share, for its mistakes. */
  void defaults(Node.Mapping mapping) {
    Fields job = new Fields(mapping, "defaults", problems, OF_JOB);
    job.refuse("belongs to one job. Move it there.", OF_ONE_JOB);
    var _ = program(job, List.of("true"), null);
    var _ = job.value(PLATFORM_THREAD, Values::flag);
    var _ = common(job, ANY);
  }

  // ---------------------------------------------------------------- what every job has

  private @Nullable JobSpec common(Fields job, WorkSpec work) {
    SettingReader setting = new SettingReader(job, problems);
    JobSpec none = JobSpec.of(work);
    try {
      return new JobSpec(
          job.value(ID, node -> none.withId(Values.text(node)).id()),
          job.value(NAME, "", SpecReader::name),
          work,
          ResourceReader.read(job),
          setting.read(),
          job.map(
              ENV,
              (name, node) -> {
                String value = Values.written(node);
                var _ = Command.of("true").env(name, value);
                return value;
              }),
          retries(job),
          job.value(TIME_LIMIT, node -> none.withTimeLimit(Values.duration(node)).timeLimit()),
          job.value(
              PRIORITY,
              JobSpec.USUAL_PRIORITY,
              node -> none.withPriority(Values.number(node).doubleValue()).priority()),
          labels(job),
          job.value(HOLD, false, Values::flag));
    } catch (IllegalArgumentException e) {
      job.wrong(String.valueOf(e.getMessage()));
      return null;
    }
  }

  private static String name(Node node) {
    String name = JobSpec.of(ANY).withName(Values.text(node)).name();
    if (name.isEmpty()) {
      throw new IllegalArgumentException("The name is empty.");
    }
    return name;
  }

  private static Map<String, String> labels(Fields job) {
    Map<String, String> labels =
        job.map(
            LABELS,
            (name, node) -> {
              String value = Values.written(node);
              var _ = JobSpec.of(ANY).withLabels(Map.of(name, value));
              return value;
            });
    // how many there are
    return job.value(LABELS, Map.of(), _ -> JobSpec.of(ANY).withLabels(labels).labels());
  }

  private static RetrySpec retries(Fields job) {
    int most = job.value(RETRIES, 0, node -> Values.whole(node, 0, MOST_RETRIES));
    RetrySpec none = RetrySpec.of(most);
    Node backoff = job.node(BACKOFF);
    if (!(backoff instanceof Node.Mapping)) {
      return job.value(
          BACKOFF, none, node -> retries(most, Values.duration(node), USUAL_FACTOR, null));
    }
    Fields delays = job.fields(BACKOFF, FIRST, FACTOR, MOST);
    if (delays == null) {
      return none;
    }
    Duration first = delays.value(FIRST, Values::duration);
    double factor = delays.value(FACTOR, USUAL_FACTOR, SpecReader::factor);
    Duration longest = delays.value(MOST, Values::duration);
    if (!delays.has(FIRST)) {
      delays.one("The delay before the first retry is missing.", FIRST);
    }
    return first == null || (longest == null && delays.has(MOST))
        ? none
        : job.value(BACKOFF, none, _ -> retries(most, first, factor, longest));
  }

  private static double factor(Node node) {
    double factor = Values.number(node).doubleValue();
    return retries(0, Duration.ZERO, factor, null).factor();
  }

  private static RetrySpec retries(
      int most, Duration first, double factor, @Nullable Duration longest) {
    Duration usual = first.compareTo(USUAL_LONGEST) > 0 ? first : USUAL_LONGEST;
    RetrySpec retries = new RetrySpec(most, first, factor, longest == null ? usual : longest);
    var _ = JobOptions.of(JobSpec.of(ANY).withRetries(retries));
    return retries;
  }

  // ---------------------------------------------------------------- work

  private @Nullable WorkSpec work(Fields job) {
    Key kind = job.one("The job does nothing.", OF_WORK);
    boolean command = kind == COMMAND || kind == SHELL;
    if (kind != null && kind != FUNCTION) {
      job.refuse("is for functions that are named by the key function. Remove it.", OF_FUNCTIONS);
    }
    if (kind != null && !command) {
      job.refuse("is for commands, but the job calls a function. Remove it.", OF_COMMANDS);
    }
    if (kind == COMMAND) {
      List<String> words = words(job);
      return words == null ? null : program(job, words, null);
    }
    if (kind == SHELL) {
      return shell(job);
    }
    if (kind == FUNCTION) {
      return function(job);
    }
    return kind == SHIPPED ? shipped(job) : null;
  }

  private static @Nullable List<String> words(Fields job) {
    if (job.node(COMMAND) instanceof Node.Sequence sequence) {
      List<String> words = job.list(COMMAND, Values::written);
      return words.size() < sequence.items().size()
          ? null
          : job.value(COMMAND, _ -> checked(words));
    }
    return job.value(COMMAND, node -> checked(split(Values.text(node))));
  }

  private static List<String> split(String text) {
    if (FOR_SHELLS.matcher(text).find()) {
      throw new IllegalArgumentException(
          "The text has a character that only a shell interprets: one of ' \" \\ | & ; < > $ ` *. Write a list of words, or use the key shell.");
    }
    return Arrays.stream(text.split("[ \t\r\n]+")).filter(word -> !word.isEmpty()).toList();
  }

  private static List<String> checked(List<String> words) {
    var _ = Command.of(words);
    return words;
  }

  private @Nullable WorkSpec shell(Fields job) {
    if (!(job.node(SHELL) instanceof Node.Mapping)) {
      String line = job.value(SHELL, node -> checked(List.of(Values.text(node))).getFirst());
      return line == null ? null : program(job, List.of(line), "sh");
    }
    Fields shell = job.fields(SHELL, SCRIPT, PROGRAM, SCRIPT_ARGUMENTS);
    if (shell == null || shell.one("The script is missing.", SCRIPT) == null) {
      return null;
    }
    String script = shell.value(SCRIPT, node -> checked(List.of(Values.text(node))).getFirst());
    String program =
        shell.value(
            PROGRAM,
            "sh",
            node -> {
              String name = Values.text(node);
              var _ = Command.of("true").shell(name);
              return name;
            });
    List<String> words = new ArrayList<>();
    words.addAll(
        shell.list(
            SCRIPT_ARGUMENTS,
            node -> {
              String word = Values.written(node);
              var _ = Command.of("true", word);
              return word;
            }));
    if (script == null) {
      return null;
    }
    words.addFirst(script);
    return program(job, words, program);
  }

  private WorkSpec.Program program(Fields job, List<String> words, @Nullable String shell) {
    List<Integer> codes = job.list(SUCCESS_CODES, node -> Values.whole(node, 0, 255));
    if (job.has(SUCCESS_CODES)) {
      // that there is one
      var _ =
          job.value(
              SUCCESS_CODES,
              node -> Values.list(node).isEmpty() ? Command.of("true").successCodes() : node);
    }
    return new WorkSpec.Program(
        words,
        shell,
        job.value(STDIN, SpecReader::path),
        job.value(STDOUT, SpecReader::path),
        job.value(STDERR, SpecReader::path),
        codes.isEmpty() ? List.of(0) : codes,
        input(job),
        job.value(RESULT, false, Values::flag));
  }

  /** Returns the path of a command. */
  static String path(Node node) {
    String path = Values.text(node);
    if (path.isEmpty()) {
      throw new IllegalArgumentException("The path is empty.");
    }
    var _ = Command.of("true").workingDir(Path.of(path));
    return path;
  }

  private WorkSpec.@Nullable Input input(Fields job) {
    if (!job.has(INPUT) && !job.has(INPUT_JSON) && !job.has(INPUT_BASE64)) {
      return null;
    }
    var _ = job.one("The input is missing.", INPUT, INPUT_JSON, INPUT_BASE64);
    String text = job.value(INPUT, Values::text);
    if (text != null) {
      return new WorkSpec.Input.Text(text);
    }
    String json = job.value(INPUT_JSON, JsonText::of);
    if (json != null) {
      return new WorkSpec.Input.Text(json);
    }
    String base64 = job.value(INPUT_BASE64, SpecReader::base64);
    return base64 == null ? null : new WorkSpec.Input.Binary(base64);
  }

  /** Returns bytes, in the one form that Base64 has for them. */
  private static String base64(Node node) {
    String text = Values.text(node);
    try {
      String again = Base64.getEncoder().encodeToString(Base64.getDecoder().decode(text));
      if (again.equals(text)) {
        return text;
      }
    } catch (IllegalArgumentException e) {
      // it is told below
    }
    throw new IllegalArgumentException("This is not Base64 with padding.");
  }

  private static @Nullable WorkSpec function(Fields job) {
    String name =
        job.value(
            FUNCTION,
            node -> {
              String text = Values.text(node);
              var _ = FunctionRef.named(text);
              return text;
            });
    List<String> arguments = job.list(ARGUMENTS, JsonText::of);
    boolean platformThread = job.value(PLATFORM_THREAD, false, Values::flag);
    return name == null ? null : new WorkSpec.Function(name, arguments, platformThread);
  }

  private static @Nullable WorkSpec shipped(Fields job) {
    Fields shipped =
        job.fields(SHIPPED, BUNDLE, SHIPPED_FUNCTION, SHIPPED_ARGUMENTS, PLATFORM_THREAD);
    if (shipped == null) {
      return null;
    }
    Map<Key, String> values = new LinkedHashMap<>();
    for (Key each : List.of(BUNDLE, SHIPPED_FUNCTION, SHIPPED_ARGUMENTS)) {
      if (shipped.one("The key \"%s\" is missing.".formatted(each.name()), each) != null) {
        String value = shipped.value(each, each == BUNDLE ? SpecReader::hash : SpecReader::base64);
        if (value != null) {
          values.put(each, value);
        }
      }
    }
    boolean platformThread = shipped.value(PLATFORM_THREAD, false, Values::flag);
    String bundle = values.get(BUNDLE);
    String function = values.get(SHIPPED_FUNCTION);
    String arguments = values.get(SHIPPED_ARGUMENTS);
    return bundle == null || function == null || arguments == null
        ? null
        : new WorkSpec.Shipped(bundle, function, arguments, platformThread);
  }

  private static String hash(Node node) {
    String bundle = Values.text(node);
    var _ = JobOptions.of(JobSpec.of(new WorkSpec.Shipped(bundle, "", "", false)));
    return bundle;
  }
}
