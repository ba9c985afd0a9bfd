package dev.grain.code.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.bytes.Bytes;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MemoryJarTest {
  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void files_areThoseOfThisReleaseOfJava() throws Exception {
    TreeMap<String, byte[]> files = new TreeMap<>();
    files.put("META-INF/MANIFEST.MF", text("Manifest-Version: 1.0\nMulti-Release: true\n"));
    files.put("a+b c.txt", text("plain"));
    files.put("x.txt", text("all"));
    files.put("META-INF/versions/9/x.txt", text("9"));
    files.put("META-INF/versions/21/x.txt", text("21"));
    files.put("META-INF/versions/99/x.txt", text("99"));
    Bytes jar = Pack.of(files).toBytes();
    URL root = MemoryJar.of(Sha256.of(jar), jar);
    try (URLClassLoader loader = new URLClassLoader(new URL[] {root}, null)) {
      assertThat(loader.getResourceAsStream("x.txt").readAllBytes()).isEqualTo(text("21"));
      assertThat(loader.getResource("a+b c.txt").openStream().readAllBytes())
          .isEqualTo(text("plain"));
      assertThat(loader.getResource("none.txt")).isNull();
    }
  }
}
