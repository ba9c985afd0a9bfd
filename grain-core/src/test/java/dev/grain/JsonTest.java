package dev.grain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Values as JSON, with and without Jackson. */
final class JsonTest {
  @Test
  void value_isWrittenAndReadAgain() {
    Map<?, ?> read = Json.read(Json.write(Map.of("a", List.of(1, 2))), Map.class);
    assertThat(read).isEqualTo(Map.of("a", List.of(1, 2)));
  }

  @Test
  void text_thatIsNoJson_isRefused() {
    byte[] text = "nope".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Json.read(text, Map.class))
        .isInstanceOf(EncodingException.class)
        .hasMessageStartingWith("The result cannot be read as JSON for a java.util.Map: ");
  }

  @Test
  void program_withoutJackson_isToldToAddIt() throws Exception {
    try (URLClassLoader loader = withoutJackson()) {
      Class<?> json = loader.loadClass(Json.class.getName());
      Method write = json.getDeclaredMethod("write", Object.class);
      Method read = json.getDeclaredMethod("read", byte[].class, Class.class);
      write.setAccessible(true);
      read.setAccessible(true);
      for (int call = 0; call < 2; call++) {
        assertThatThrownBy(() -> write.invoke(null, "text"))
            .isInstanceOf(InvocationTargetException.class)
            .cause()
            .isInstanceOf(IllegalStateException.class)
            .hasMessageStartingWith("JSON needs Jackson 3, which is not on the class path. ");
        assertThatThrownBy(() -> read.invoke(null, new byte[] {'1'}, Integer.class))
            .isInstanceOf(InvocationTargetException.class)
            .cause()
            .isInstanceOf(IllegalStateException.class);
      }
    }
  }

  /** Returns a loader for the class path of this test, but for Jackson. */
  private static URLClassLoader withoutJackson() throws Exception {
    List<URL> parts = new ArrayList<>();
    for (String part : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!part.contains("jackson")) {
        parts.add(Path.of(part).toUri().toURL());
      }
    }
    return new URLClassLoader(parts.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }
}
