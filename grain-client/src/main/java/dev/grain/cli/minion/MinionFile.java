package dev.grain.cli.minion;

import dev.grain.text.Exceptions;
import dev.grain.text.Spelling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** A file {@code .minion.yml}, which has what flags and variables leave open. */
final class MinionFile {
  /** The file, in the folder where the minion is started. */
  static final String NAME = ".minion.yml";

  private static final List<String> KEYS =
      List.of(
          "queue",
          "command",
          "shell",
          "class",
          "decoder",
          "reporter",
          "reporterFolder",
          "resources",
          "parallel",
          "onFailure",
          "maxDeliveries",
          "retryDelay",
          "follow");
  private static final List<String> RESOURCES = List.of("cpu", "memory", "gpu");

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
    YAMLMapper yaml = new YAMLMapper();
    JsonNode root = yaml.createObjectNode();
    if (Files.exists(file)) {
      try {
        JsonNode read = yaml.readTree(Files.readString(file));
        root = read == null || read.isMissingNode() || read.isNull() ? root : read;
      } catch (JacksonException e) {
        int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
        throw new Mistake(
            "%s, line %s: %s"
                .formatted(file, line, Exceptions.brief(e).lines().findFirst().orElse("")));
      } catch (IOException e) {
        throw new Mistake("%s cannot be read: %s".formatted(file, e.getMessage()));
      }
    }
    if (!root.isObject()) {
      throw new Mistake("%s: write a line 'key: value' for each setting.".formatted(file));
    }
    MinionFile read = new MinionFile(file, root);
    read.ensureKnown(root, KEYS, "");
    read.ensureKnown(root.path("resources"), RESOURCES, "resources.");
    return read;
  }

  private void ensureKnown(JsonNode node, List<String> known, String prefix) {
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

  @Nullable String text(String key) {
    return text(root, key);
  }

  private static @Nullable String text(JsonNode node, String key) {
    JsonNode value = node.get(key);
    return value == null || value.isNull() ? null : value.asString();
  }

  @Nullable String resource(String key) {
    return text(root.path("resources"), key);
  }

  /** Returns the words of the command; none if there is no command. */
  List<String> command() {
    JsonNode value = root.get("command");
    if (value == null) {
      return List.of();
    }
    List<String> words = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(word -> words.add(word.asString()));
    } else {
      words.addAll(List.of(value.asString().strip().split("\\s+")));
    }
    return words;
  }
}
