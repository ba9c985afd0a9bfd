package dev.grain.top;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Screens as they have to be, in files beside the tests. With {@code -Dgrain.golden=write}, the
 * files are written anew, to be looked at before they are committed.
 */
final class Golden {
  private Golden() {}

  static void assertSame(String name, List<String> lines) throws IOException {
    String text = String.join("\n", lines.stream().map(String::stripTrailing).toList()) + "\n";
    String resource = "/dev/grain/top/" + name + ".txt";
    if ("write".equals(System.getProperty("grain.golden"))) {
      Path file = Path.of("src/test/resources" + resource);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
      return;
    }
    try (InputStream expected = Golden.class.getResourceAsStream(resource)) {
      assertThat(expected).as("There is no " + resource + "; got\n" + text).isNotNull();
      assertThat(text).isEqualTo(new String(expected.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
