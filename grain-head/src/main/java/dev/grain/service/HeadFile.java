package dev.grain.service;

import dev.grain.QueueOrder;
import dev.grain.Resource;
import dev.grain.cli.Mistake;
import dev.grain.resource.Resources;
import dev.grain.service.store.Database;
import dev.grain.service.store.Retention;
import dev.grain.text.Durations;
import dev.grain.text.Exceptions;
import dev.grain.text.Spelling;
import dev.grain.wire.Address;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** Reads {@code head.yaml}, the settings of a head. */
final class HeadFile {
  private static final List<String> KEYS =
      List.of(
          "data",
          "store",
          "listen",
          "https",
          "key",
          "worker",
          "defaults",
          "queue",
          "retention",
          "limits");
  private static final List<String> DEFAULTS = List.of("cpu", "memory");
  private static final List<String> RETENTION = List.of("jobs", "audit", "blobs");
  private static final List<String> LIMITS = List.of("orphans", "workers");

  private static final String POSTGRESQL = "postgresql";
  private static final int POSTGRESQL_PORT = 5432;

  private final Path file;
  private final Map<String, String> variables;

  private HeadFile(Path file, Map<String, String> variables) {
    this.file = file.toAbsolutePath();
    this.variables = variables;
  }

  /** A key and its value. */
  private record Entry(Node key, Node value) {}

  /**
   * Reads the settings of a file.
   *
   * @param usual what holds where the file says nothing
   * @param variables those of the environment: {@code GRAIN_STORE_PASSWORD} is the password of the
   *     database if its URL has none
   * @throws Mistake if it cannot be read, or has an error; the message names the line
   */
  static HeadSettings read(Path file, HeadSettings usual, Map<String, String> variables) {
    try {
      return new HeadFile(file, variables).settings(Files.readString(file), usual);
    } catch (NoSuchFileException e) {
      throw new Mistake("There is no file %s. Create it, or name another one.".formatted(file));
    } catch (IOException e) {
      throw new Mistake("%s cannot be read: %s".formatted(file, Exceptions.brief(e)));
    }
  }

  private HeadSettings settings(String text, HeadSettings usual) {
    Node root;
    try {
      root =
          new Compose(LoadSettings.builder().setLabel(file.toString()).build())
              .composeString(text)
              .orElse(null);
    } catch (MarkedYamlEngineException e) {
      throw wrong(e.getProblemMark().orElse(null), String.valueOf(e.getProblem()));
    } catch (YamlEngineException e) {
      throw wrong((Mark) null, String.valueOf(e.getMessage()));
    }
    Map<String, Entry> all = root == null ? Map.of() : entries(root, "", KEYS);
    Map<String, Entry> defaults = entries(all, "defaults", DEFAULTS);
    Map<String, Entry> retention = entries(all, "retention", RETENTION);
    Map<String, Entry> limits = entries(all, "limits", LIMITS);
    return new HeadSettings(
        value(all, "data", usual.data(), this::path),
        value(all, "store", usual.database(), this::database),
        value(all, "listen", usual.listen(), HeadFile::address),
        value(all, "https", usual.https(), HeadFile::address),
        value(all, "key", usual.key(), this::path),
        new Defaults(
            value(defaults, "cpu", usual.defaults().cpu(), HeadFile::cpu),
            value(defaults, "memory", usual.defaults().memory(), Resources::memory)),
        value(all, "queue", usual.order(), HeadFile::order),
        new Retention(
            value(retention, "jobs", usual.retention().jobs(), HeadFile::duration),
            value(retention, "audit", usual.retention().audit(), HeadFile::duration)),
        value(retention, "blobs", usual.blobs(), HeadFile::duration),
        new HeadSettings.Limits(
            value(limits, "orphans", usual.limits().orphans(), HeadFile::duration),
            value(limits, "workers", usual.limits().workers(), HeadFile::duration)),
        value(all, "worker", usual.worker(), HeadFile::yes),
        usual.idle());
  }

  // ---------------------------------------------------------------- keys

  private Map<String, Entry> entries(Map<String, Entry> all, String key, List<String> known) {
    Entry entry = all.get(key);
    return entry == null ? Map.of() : entries(entry.value(), key + ".", known);
  }

  private Map<String, Entry> entries(Node node, String prefix, List<String> known) {
    if (!(node instanceof MappingNode mapping)) {
      throw wrong(
          node,
          prefix.isEmpty()
              ? "write a line 'key: value' for each setting"
              : "%s is a group of keys: %s"
                  .formatted(prefix.substring(0, prefix.length() - 1), String.join(", ", known)));
    }
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (NodeTuple each : mapping.getValue()) {
      String key = each.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "";
      if (!known.contains(key)) {
        String near = Spelling.nearest(key, known);
        throw wrong(
            each.getKeyNode(),
            "the key '%s%s' is unknown%s Known are %s"
                .formatted(
                    prefix,
                    key,
                    near == null ? "." : "; did you mean '" + prefix + near + "'?",
                    String.join(", ", known)));
      }
      if (entries.put(key, new Entry(each.getKeyNode(), each.getValueNode())) != null) {
        throw wrong(each.getKeyNode(), "the key '%s%s' is there twice".formatted(prefix, key));
      }
    }
    return entries;
  }

  private <T extends @Nullable Object> T value(
      Map<String, Entry> entries, String key, T usual, Function<String, ? extends T> reading) {
    Entry entry = entries.get(key);
    if (entry == null) {
      return usual;
    }
    if (!(entry.value() instanceof ScalarNode scalar) || scalar.getValue().isBlank()) {
      throw wrong(entry.key(), "the key '%s' needs a value in the same line".formatted(key));
    }
    try {
      return reading.apply(scalar.getValue().strip());
    } catch (IllegalArgumentException e) {
      throw wrong(scalar, "the value of '%s' is wrong: %s".formatted(key, e.getMessage()));
    }
  }

  private Mistake wrong(Node node, String words) {
    return wrong(node.getStartMark().orElse(null), words);
  }

  private Mistake wrong(@Nullable Mark mark, String words) {
    return new Mistake(
        "%s%s: %s%s"
            .formatted(
                file,
                mark == null ? "" : ", line " + (mark.getLine() + 1),
                words,
                words.endsWith(".") ? "" : "."));
  }

  // ---------------------------------------------------------------- values

  /** Returns a path; one that is not absolute begins at the folder of the file. */
  private Path path(String text) {
    String home = System.getProperty("user.home");
    return file.resolveSibling(text.startsWith("~/") ? home + text.substring(1) : text).normalize();
  }

  private Database database(String text) {
    String form = "write postgresql://USER@HOST:PORT/NAME, or leave it out for a file in the data";
    URI url;
    try {
      url = URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("it is no URL; " + form, e);
    }
    String user = url.getUserInfo();
    if (!POSTGRESQL.equals(url.getScheme())
        || url.getHost() == null
        || user == null
        || url.getPath().length() < 2) {
      throw new IllegalArgumentException(form);
    }
    int colon = user.indexOf(':');
    int port = url.getPort() < 0 ? POSTGRESQL_PORT : url.getPort();
    return new Database.PostgreSql(
        "jdbc:%s://%s:%s%s".formatted(POSTGRESQL, url.getHost(), port, url.getPath()),
        colon < 0 ? user : user.substring(0, colon),
        colon < 0 ? variables.getOrDefault("GRAIN_STORE_PASSWORD", "") : user.substring(colon + 1));
  }

  private static Address address(String text) {
    return Address.parse(text);
  }

  private static boolean yes(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("write true or false");
    };
  }

  private static Resource cpu(String text) {
    try {
      return Resources.cpu(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("\"%s\" is no number of cores".formatted(text), e);
    }
  }

  private static QueueOrder order(String text) {
    return Stream.of(QueueOrder.values())
        .filter(each -> word(each).equals(text))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "write one of "
                    + String.join(
                        ", ", Stream.of(QueueOrder.values()).map(HeadFile::word).toList())));
  }

  private static String word(QueueOrder order) {
    return order.name().toLowerCase(Locale.ROOT);
  }

  private static Duration duration(String text) {
    return Durations.parse(text);
  }
}
