package dev.grain.cli.minion;

import dev.grain.cli.Mistake;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads YAML, and so JSON. */
final class Yaml {
  private static final YAMLMapper MAPPER =
      YAMLMapper.builder().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY).build();

  private Yaml() {}

  /**
   * Reads the one document of a file; a missing node if there is none.
   *
   * @param where names the file in a message
   * @throws Mistake if it is no YAML, or has a key twice; the message names the line
   */
  static JsonNode read(String where, String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      throw new Mistake(
          "%s%s: %s"
              .formatted(
                  where,
                  line > 0 ? ", line " + line : "",
                  String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("")));
    }
  }
}
