package dev.grain.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.examples.RuntimeImage.PackageIn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class SideBySideTest {
  @Test
  void main_twoModules_arePackedAndIntactInTheirOrder() throws IOException {
    List<String> lines = Program.run(SideBySide.class, "java.net.http", "java.logging");

    assertThat(lines).hasSize(2);
    assertThat(lines.get(0)).startsWith("java.net.http: " + size("java.net.http"));
    assertThat(lines.get(1)).startsWith("java.logging: " + size("java.logging"));
    assertThat(lines).allSatisfy(line -> assertThat(line).endsWith("intact"));
  }

  private static String size(String module) throws IOException {
    long size = 0;
    for (PackageIn each : RuntimeImage.packages(List.of(module))) {
      for (Path file : RuntimeImage.classFiles(each)) {
        size += Files.size(file);
      }
    }
    return String.format(Locale.ROOT, "%,d bytes of classes", size);
  }
}
