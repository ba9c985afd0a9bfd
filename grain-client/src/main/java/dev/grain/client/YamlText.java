package dev.grain.client;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.representer.StandardRepresenter;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** Maps and lists as YAML. */
final class YamlText {
  private static final int WIDTH = 100;

  private static final DumpSettings SETTINGS =
      DumpSettings.builder()
          .setSchema(new CoreSchema())
          .setDefaultFlowStyle(FlowStyle.BLOCK)
          .setSplitLines(false)
          .setWidth(WIDTH)
          .setDereferenceAliases(true)
          .build();

  private YamlText() {}

  /** Returns what {@link SpecWriter} has made of a spec. */
  static String write(@Nullable Object plain) {
    return new Dump(SETTINGS, new Texts()).dumpToString(plain);
  }

  /**
   * Writes texts so that {@link YamlTree} reads the same ones.
   *
   * <p>Implementation note: the library would put characters that end a line in YAML 1.1 into
   * blocks as they are, where some readers take them for the end of a line.
   */
  private static final class Texts extends StandardRepresenter {
    private static final Pattern ESCAPED =
        Pattern.compile("[\\p{Cntrl}\u0085\u2028\u2029\ufeff&&[^\n]]");

    Texts() {
      super(SETTINGS);
      representers.put(String.class, Texts.this::text);
    }

    private Node text(Object data) {
      String text = (String) data;
      ScalarStyle style =
          ESCAPED.matcher(text).find()
              ? ScalarStyle.DOUBLE_QUOTED
              : text.indexOf('\n') >= 0 ? ScalarStyle.LITERAL : ScalarStyle.PLAIN;
      return representScalar(Tag.STR, text, style);
    }
  }
}
