package dev.grain.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Reads what javac wrote, in this module and in those built before it. */
final class ClassFilesTest {
  private static final int MAGIC = 0xCAFEBABE;
  private static final int JAVA_25 = 69;

  /** The release and the mark of one class file; a class that uses preview features has 65535. */
  private record Version(Path file, int major, int minor) {
    static Version of(Path file) {
      try (var in = new DataInputStream(Files.newInputStream(file))) {
        assertThat(in.readInt()).as("magic of %s", file).isEqualTo(MAGIC);
        int minor = in.readUnsignedShort();
        return new Version(file, in.readUnsignedShort(), minor);
      } catch (IOException unreadable) {
        throw new AssertionError("cannot read " + file, unreadable);
      }
    }
  }

  @Test
  void classFiles_ofThisModule_areThere() throws IOException {
    assertThat(classFiles(Path.of("."))).isNotEmpty();
  }

  @Test
  void classFiles_ofEveryModule_areForJava25WithoutPreviewMark() throws IOException {
    for (Path module : modules()) {
      assertThat(classFiles(module))
          .extracting(Version::of)
          .allSatisfy(version -> {
            assertThat(version.minor()).as("minor version of %s", version.file()).isZero();
            assertThat(version.major())
                .as("major version of %s", version.file())
                .isEqualTo(JAVA_25);
          });
    }
  }

  private static List<Path> modules() throws IOException {
    try (Stream<Path> folders = Files.list(Path.of(".."))) {
      return folders.filter(folder -> Files.exists(folder.resolve("pom.xml"))).sorted().toList();
    }
  }

  private static List<Path> classFiles(Path module) throws IOException {
    Path classes = module.resolve("target/classes");
    if (Files.notExists(classes)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(classes)) {
      return files.filter(file -> file.toString().endsWith(".class")).sorted().toList();
    }
  }
}
