package dev.grain.environment;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A package for pip, written without any tool of Python. */
final class Wheel {
  private Wheel() {}

  /**
   * Writes a package with a module of its name, whose {@code VALUE} is a text, and a program of its
   * name that prints the value.
   */
  static Path write(Path folder, String name, String version, String value) throws IOException {
    Map<String, String> files = new LinkedHashMap<>();
    String info = name + "-" + version + ".dist-info/";
    files.put(name + ".py", "VALUE = '" + value + "'\ndef main():\n    print(VALUE)\n");
    files.put(
        info + "METADATA", "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n");
    files.put(
        info + "WHEEL",
        "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
    files.put(info + "entry_points.txt", "[console_scripts]\n" + name + " = " + name + ":main\n");
    StringBuilder record = new StringBuilder();
    files.forEach((file, content) ->
        record.append(file).append(",sha256=").append(hash(content)).append(",\n"));
    files.put(info + "RECORD", record + info + "RECORD,,\n");
    Path wheel =
        Files.createDirectories(folder).resolve(name + "-" + version + "-py3-none-any.whl");
    try (OutputStream out = Files.newOutputStream(wheel);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, String> each : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(each.getKey()));
        zip.write(each.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
    return wheel;
  }

  private static String hash(String content) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(
              MessageDigest.getInstance("SHA-256")
                  .digest(content.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
