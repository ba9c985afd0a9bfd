package dev.grain.cli.minion;

import dev.grain.cli.Mistake;
import dev.grain.minion.Parameter.Decoder;
import dev.grain.text.Spelling;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The variables that a minion is told by: those of the environment, and beneath these, those of the
 * file {@code .env}.
 */
final class MinionVariables {
  private static final List<String> ENGINES = List.of("execo", "file", "google", "pulsar");

  private final SequencedMap<String, String> added;
  private final Map<String, String> all = new LinkedHashMap<>();

  private MinionVariables(Map<String, String> environment, SequencedMap<String, String> added) {
    this.added = added;
    all.putAll(added);
    all.putAll(environment);
  }

  /**
   * Reads the file of a folder.
   *
   * @throws Mistake if it has an error
   */
  static MinionVariables in(Path folder, Map<String, String> environment) {
    return new MinionVariables(environment, EnvFile.read(folder.resolve(".env"), environment));
  }

  /** Returns what the file sets; commands get it as well. */
  SequencedMap<String, String> ofFile() {
    return added;
  }

  Map<String, String> all() {
    return all;
  }

  private String getOr(String name, String otherwise) {
    String value = all.get(name);
    return value == null || value.isEmpty() ? otherwise : value;
  }

  private String mandatory(String name, String engine) {
    String value = all.get(name);
    if (value == null || value.isEmpty()) {
      throw new Mistake("%s must be set for MINION_ENGINE=%s.".formatted(name, engine));
    }
    return value;
  }

  /** Returns the address of the queue that the variables name; null if they name none. */
  @Nullable String queue() {
    String address = all.get("MINION_QUEUE");
    if (address != null && !address.isEmpty()) {
      return address;
    }
    boolean ofExeco = !getOr("EXECO_PERSISTENCE_DIR", "").isEmpty();
    String engine = getOr("MINION_ENGINE", ofExeco ? "execo" : "");
    if (engine.isEmpty()) {
      return null;
    }
    return switch (engine) {
      case "execo" -> "file:" + getOr("EXECO_PERSISTENCE_DIR", "sweeps");
      case "file" -> "lines:" + getOr("FILE_PATH", "-");
      case "pulsar" ->
          "%s/%s?subscription=%s"
              .formatted(
                  getOr("PULSAR_CONNECTION", "pulsar://localhost:6650").replaceAll("/+$", ""),
                  mandatory("PULSAR_TOPIC", engine),
                  encoded(mandatory("PULSAR_SUBSCRIPTION", engine)));
      case "google" ->
          "pubsub:%s/%s?topic=%s"
              .formatted(
                  mandatory("GOOGLE_PROJECT_ID", engine),
                  subscription(engine),
                  encoded(mandatory("GOOGLE_TOPIC_ID", engine)));
      default -> {
        String near = Spelling.nearest(engine, ENGINES);
        throw new Mistake(
            "MINION_ENGINE=%s: there is no such engine%s Known are %s; other queues are named by --queue or MINION_QUEUE."
                .formatted(
                    engine,
                    near == null ? "." : "; did you mean " + near + "?",
                    String.join(", ", ENGINES)));
      }
    };
  }

  /** The documents of the original spell the variable in two ways. */
  private String subscription(String engine) {
    String other = all.get("GOOGLE_SUBSCRIPTIOn");
    return other == null || other.isEmpty() ? mandatory("GOOGLE_SUBSCRIPTION", engine) : other;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** Returns how items are read, if the variables say so. */
  @Nullable Decoder decoder() {
    for (String name :
        List.of("MINION_DECODER", "GOOGLE_DECODER", "PULSAR_DECODER", "FILE_DECODER")) {
      String value = all.get(name);
      boolean applies =
          name.equals("MINION_DECODER")
              || name.toLowerCase(Locale.ROOT).startsWith(getOr("MINION_ENGINE", "?"));
      if (value != null && !value.isEmpty() && applies) {
        return decoder(name + "=", value);
      }
    }
    return null;
  }

  /**
   * Reads the name of a decoder.
   *
   * @param where where it was written, for a message
   */
  static Decoder decoder(String where, String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "identity" -> Decoder.IDENTITY;
      case "json" -> Decoder.JSON;
      default ->
          throw new Mistake(
              "%s%s: there is no such decoder. Use identity or json.".formatted(where, name));
    };
  }

  /** Returns which reporter there is; null if the variables name none. */
  ReporterSetting.@Nullable Kind reporter() {
    return ReporterSetting.Kind.parse("MINION_REPORTER=", all.get("MINION_REPORTER"));
  }

  /** Returns the folder of the reporter {@code json}; null if the variables name none. */
  @Nullable String reporterFolder() {
    String folder = getOr("REPORTER_JSON_DIRECTORY", "");
    return folder.isEmpty() ? null : folder;
  }

  /** Returns the flags whose values the variables have, unless the command line has them. */
  Set<String> flags() {
    Set<String> flags = new HashSet<>();
    if (queue() != null) {
      flags.add("--queue");
    }
    if (decoder() != null) {
      flags.add("--decoder");
    }
    if (reporter() != null) {
      flags.add("--reporter");
    }
    if (reporterFolder() != null) {
      flags.add("--reporter-folder");
    }
    return flags;
  }

  /** Returns whether nothing is to be run; the variable may be empty. */
  boolean isDry() {
    return all.containsKey("DRY");
  }
}
