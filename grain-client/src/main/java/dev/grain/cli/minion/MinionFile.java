package dev.grain.cli.minion;

import dev.grain.cli.Mistake;
import dev.grain.text.Exceptions;
import dev.grain.text.Spelling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * A file {@code .minion.yml}, which has what flags and variables leave open. Its keys stand for
 * flags; a list or a map stands for a flag that is given several times.
 */
final class MinionFile {
  /** The file, in the folder where the minion is started. */
  static final String NAME = ".minion.yml";

  static final String SHELL = "--shell";
  private static final String COMMAND_KEY = "command";
  private static final String SHELL_KEY = "shell";
  private static final String RESOURCES_KEY = "resources";

  /** What is done with items: one of these. */
  private static final SequencedSet<String> WORK =
      new LinkedHashSet<>(List.of(COMMAND_KEY, SHELL_KEY, "class"));

  private static final SequencedMap<String, String> FLAGS = new LinkedHashMap<>();
  private static final SequencedMap<String, String> RESOURCES = new LinkedHashMap<>();

  static {
    FLAGS.put("queue", "--queue");
    FLAGS.put("class", "--class");
    FLAGS.put("classPath", "--class-path");
    FLAGS.put("inputFile", "--input-file");
    FLAGS.put("decoder", "--decoder");
    FLAGS.put("image", "--image");
    FLAGS.put("localImage", "--local-image");
    FLAGS.put("mounts", "--mount");
    FLAGS.put("git", "--git");
    FLAGS.put("path", "--path");
    FLAGS.put("environment", "--env");
    FLAGS.put("workingDir", "--working-dir");
    FLAGS.put("parallel", "--parallel");
    FLAGS.put("enforce", "--enforce");
    FLAGS.put("timeLimit", "--time-limit");
    FLAGS.put("onFailure", "--on-failure");
    FLAGS.put("maxDeliveries", "--max-deliveries");
    FLAGS.put("retryDelay", "--retry-delay");
    FLAGS.put("follow", "--follow");
    FLAGS.put("grace", "--grace");
    FLAGS.put("lease", "--lease");
    FLAGS.put("reporter", "--reporter");
    FLAGS.put("reporterFolder", "--reporter-folder");
    FLAGS.put("quiet", "--quiet");
    RESOURCES.put("cpu", "--cpus");
    RESOURCES.put("memory", "--memory");
    RESOURCES.put("gpu", "--gpus");
  }

  private static final Set<String> KEYS =
      new LinkedHashSet<>(
          Stream.of(WORK, FLAGS.keySet(), Set.of(RESOURCES_KEY)).flatMap(Set::stream).toList());

  private final Path file;
  private final JsonNode root;

  private MinionFile(Path file, JsonNode root) {
    this.file = file;
    this.root = root;
  }

  /**
   * Reads the file of a folder; one that is not there sets nothing.
   *
   * @throws Mistake if it has an error
   */
  static MinionFile in(Path folder) {
    Path file = folder.resolve(NAME);
    JsonNode root = JsonNodeFactory.instance.objectNode();
    if (Files.exists(file)) {
      try {
        JsonNode read = Yaml.read(file.toString(), Files.readString(file));
        root = read.isMissingNode() || read.isNull() ? root : read;
      } catch (IOException e) {
        throw new Mistake("%s cannot be read: %s".formatted(file, Exceptions.brief(e)));
      }
    }
    if (!root.isObject()) {
      throw new Mistake("%s: write a line 'key: value' for each setting.".formatted(file));
    }
    MinionFile read = new MinionFile(file, root);
    read.ensureKnown(root, KEYS, "");
    read.ensureKnown(root.path(RESOURCES_KEY), RESOURCES.keySet(), RESOURCES_KEY + ".");
    read.ensureOneWork();
    return read;
  }

  private void ensureKnown(JsonNode node, Collection<String> known, String prefix) {
    for (Map.Entry<String, JsonNode> each : node.properties()) {
      if (!known.contains(each.getKey())) {
        String near = Spelling.nearest(each.getKey(), known);
        throw new Mistake(
            "%s: the key '%s%s' is unknown%s Known are %s."
                .formatted(
                    file,
                    prefix,
                    each.getKey(),
                    near == null ? "." : "; did you mean '" + near + "'?",
                    String.join(", ", known)));
      }
    }
  }

  private void ensureOneWork() {
    List<String> given = WORK.stream().filter(this::has).toList();
    if (given.size() > 1) {
      throw new Mistake(
          "%s: the keys '%s' and '%s' exclude each other. Remove one of them."
              .formatted(file, given.get(0), given.get(1)));
    }
  }

  private boolean has(String key) {
    JsonNode value = root.get(key);
    return value != null && !value.isNull();
  }

  /** Returns the file, for messages. */
  Path path() {
    return file;
  }

  /**
   * Returns the text of a key; null if the file does not have it.
   *
   * @throws Mistake if it is no text
   */
  @Nullable String text(String key) {
    return has(key) ? text(key, root.get(key)) : null;
  }

  // ---------------------------------------------------------------- as a command line

  /**
   * Returns the options that the file stands for.
   *
   * @param taken those that are set elsewhere, and are left out
   * @param hasWork whether the command line has a command or a class, so that the file's is not
   *     used
   */
  List<String> options(Set<String> taken, boolean hasWork) {
    List<String> options = new ArrayList<>();
    FLAGS.forEach((key, flag) -> {
      if (!taken.contains(flag) && !(hasWork && WORK.contains(key)) && has(key)) {
        add(options, key, flag, root.get(key));
      }
    });
    JsonNode resources = root.path(RESOURCES_KEY);
    if (!resources.isMissingNode() && !resources.isNull() && !resources.isObject()) {
      throw wrong(RESOURCES_KEY, "has keys and values, as in {cpu: 2, memory: 1GiB}");
    }
    RESOURCES.forEach((key, flag) -> {
      JsonNode value = resources.get(key);
      if (!taken.contains(flag) && value != null) {
        add(options, RESOURCES_KEY + "." + key, flag, value);
      }
    });
    if (!hasWork && has(SHELL_KEY) && !taken.contains(SHELL)) {
      options.add(SHELL + "=sh");
    }
    return options;
  }

  private void add(List<String> options, String key, String flag, JsonNode value) {
    if (value.isBoolean()) {
      if (value.booleanValue()) {
        options.add(flag);
      }
    } else if (value.isArray()) {
      value.forEach(each -> options.add(flag + "=" + text(key, each)));
    } else if (value.isObject()) {
      value
          .properties()
          .forEach(each ->
              options.add(
                  flag
                      + "="
                      + each.getKey()
                      + "="
                      + text(key + "." + each.getKey(), each.getValue())));
    } else {
      options.add(flag + "=" + text(key, value));
    }
  }

  /** Returns the words of the command, or the line of the shell; none if there is neither. */
  List<String> command() {
    if (has(SHELL_KEY)) {
      return List.of(text(SHELL_KEY, root.get(SHELL_KEY)));
    }
    if (!has(COMMAND_KEY)) {
      return List.of();
    }
    JsonNode value = root.get(COMMAND_KEY);
    if (!value.isArray()) {
      return List.of(text(COMMAND_KEY, value).strip().split("\\s+"));
    }
    List<String> words = new ArrayList<>();
    value.forEach(word -> words.add(text(COMMAND_KEY, word)));
    return words;
  }

  private String text(String key, JsonNode value) {
    if (!value.isValueNode() || value.isNull()) {
      throw wrong(key, "is %s; write a text or a number".formatted(value));
    }
    return value.asString();
  }

  private Mistake wrong(String key, String what) {
    return new Mistake("%s: '%s' %s.".formatted(file, key, what));
  }
}
