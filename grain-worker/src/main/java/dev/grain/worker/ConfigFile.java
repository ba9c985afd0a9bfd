package dev.grain.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A file in YAML 1.2 whose keys are the flags of a command, without their dashes. A list stands for
 * a flag that is given several times; so does a map, for a flag whose values are {@code
 * NAME=VALUE}.
 */
final class ConfigFile {
  /** More than such a file has; whoever names another file gets a message and not its contents. */
  private static final long MAX_BYTES = 1 << 20;

  /**
   * The entry of the file for one flag.
   *
   * @param key the name of the flag, without dashes
   * @param line where it stands, counted from 1
   * @param values as they are written; not empty
   * @param kind how they are written
   */
  record Setting(String key, int line, List<String> values, Kind kind) {}

  /** How the values of a key are written. */
  enum Kind {
    TEXT,
    BOOLEAN,
    LIST,
    MAP
  }

  /** The file cannot be read, or is not what it should be; the message states where and why. */
  static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1L;

    Unreadable(String sentence) {
      super(sentence);
    }
  }

  private final Path file;
  private final JsonParser parser;
  private final List<Setting> settings = new ArrayList<>();

  private ConfigFile(Path file, JsonParser parser) {
    this.file = file;
    this.parser = parser;
  }

  /**
   * Reads the entries of a file, in their order. An empty file has none.
   *
   * @throws Unreadable that names the file, the line and what is wrong
   */
  static List<Setting> read(Path file) throws Unreadable {
    try (JsonParser parser = new YAMLMapper().createParser(text(file))) {
      ConfigFile reader = new ConfigFile(file, parser);
      reader.readAll();
      return reader.settings;
    } catch (JacksonException e) {
      TokenStreamLocation where = e.getLocation();
      throw new Unreadable(
          "%s%s is not YAML: %s"
              .formatted(
                  file,
                  where == null ? "" : ", line " + where.getLineNr() + ",",
                  problem(String.valueOf(e.getOriginalMessage()))));
    }
  }

  /** Returns the message of the parser without the excerpts of the file, which are indented. */
  private static String problem(String message) {
    return message
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith(" "))
        .collect(Collectors.joining(", "));
  }

  private static String text(Path file) throws Unreadable {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new Unreadable(file + " is too large for a configuration: it has more than 1 MiB");
      }
      return Files.readString(file);
    } catch (IOException e) {
      String why =
          Files.notExists(file)
              ? "there is no such file"
              : Files.isDirectory(file) ? "it is a directory" : e.toString();
      throw new Unreadable("%s cannot be read: %s".formatted(file, why));
    }
  }

  private void readAll() throws Unreadable {
    JsonToken first = parser.nextToken();
    if (first == null || first == JsonToken.VALUE_NULL) {
      return;
    }
    ensure(first == JsonToken.START_OBJECT, "write keys and values, such as port: 4242");
    Map<String, Integer> lines = new HashMap<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = parser.currentName();
      int line = line();
      Integer before = lines.put(key, line);
      ensure(before == null, key, "is already set in line " + before + "; remove one of them");
      parser.nextToken();
      settings.add(setting(key, line));
    }
    ensure(parser.nextToken() == null, "a second document starts here; remove it");
  }

  private Setting setting(String key, int line) throws Unreadable {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_ARRAY) {
      List<String> values = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        values.add(scalar(key));
      }
      ensure(!values.isEmpty(), key, "is an empty list; give it a value, or remove it");
      return new Setting(key, line, values, Kind.LIST);
    }
    if (token == JsonToken.START_OBJECT) {
      List<String> values = new ArrayList<>();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        values.add(name + "=" + scalar(key + "." + name));
      }
      ensure(!values.isEmpty(), key, "is empty; give it a value, or remove it");
      return new Setting(key, line, values, Kind.MAP);
    }
    boolean logical = token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE;
    return new Setting(key, line, List.of(scalar(key)), logical ? Kind.BOOLEAN : Kind.TEXT);
  }

  private String scalar(String key) throws Unreadable {
    ensure(
        parser.currentToken() != JsonToken.VALUE_NULL,
        key,
        "has no value; give it one, or remove it");
    ensure(parser.currentToken().isScalarValue(), key, "is nested too deeply");
    return parser.getString();
  }

  private int line() {
    return parser.currentTokenLocation().getLineNr();
  }

  private void ensure(boolean condition, String otherwise) throws Unreadable {
    if (!condition) {
      throw new Unreadable("%s, line %s: %s".formatted(file, line(), otherwise));
    }
  }

  private void ensure(boolean condition, String key, String otherwise) throws Unreadable {
    ensure(condition, "'" + key + "' " + otherwise);
  }
}
