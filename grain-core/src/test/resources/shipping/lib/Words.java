package lib;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.ServiceLoader;

/** A library of the user's, with a resource and a service. */
public final class Words {
  private Words() {}

  public interface Speaker {
    String speak();
  }

  public static final class Loud implements Speaker {
    @Override
    public String speak() {
      return "HELLO";
    }
  }

  public static String resource() throws Exception {
    try (InputStream in = Words.class.getResource("words.txt").openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).trim();
    }
  }

  public static List<String> spoken() {
    return ServiceLoader.load(Speaker.class, Words.class.getClassLoader()).stream()
        .map(each -> each.get().speak())
        .toList();
  }
}
