package dev.grain.node.isolated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.grain.node.prepare.PreparationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the programs of the test are scripts")
final class JavaHomesTest {
  private static final Path REAL = Path.of(System.getProperty("java.home"));

  @TempDir private Path home;

  private final JavaHomes homes = new JavaHomes();

  private Path write(String script) throws IOException {
    Path program =
        Files.writeString(
            Files.createDirectories(home.resolve("bin")).resolve("java"), "#!/bin/sh\n" + script);
    assertThat(program.toFile().setExecutable(true)).isTrue();
    return program;
  }

  private void assertRefused(String sentence) {
    assertThatExceptionOfType(PreparationException.class)
        .isThrownBy(() -> homes.program(home))
        .withMessage(
            sentence.formatted(home)
                + " Install Java 25 or later there, or pass its home to Isolation.jvm.")
        .satisfies(e -> assertThat(e.isOfThisNode()).isFalse());
  }

  @Test
  void home_ofThisJava_isGood() throws Exception {
    assertThat(homes.program(REAL)).isEqualTo(REAL.resolve("bin/java"));
  }

  @Test
  void home_isAskedOnce_untilItsProgramChanges() throws Exception {
    Path asked = home.resolve("asked");
    Path program = write("echo >> %s\nexec %s \"$@\"\n".formatted(asked, REAL.resolve("bin/java")));
    assertThat(homes.program(home)).isEqualTo(program);
    assertThat(homes.program(home)).isEqualTo(program);
    assertThat(Files.readAllLines(asked)).hasSize(1);
    write("echo 'java.specification.version = 17'\necho 'java.version = 17.0.1'\n");
    Files.setLastModifiedTime(program, FileTime.fromMillis(0));
    assertRefused("%s is Java 17.0.1, but functions need Java 25 or later.");
  }

  @Test
  void folder_withoutJava_isRefused() {
    assertRefused(
        "%1$s is no home of a Java on this machine, as there is no program %1$s/bin/java.");
  }

  @Test
  void java_thatIsOlder_isRefused() throws IOException {
    write(
        """
        echo '    java.specification.version = 1.8'
        echo '    java.vendor = Acme Inc.'
        echo '    java.version = 1.8.0_400'
        """);
    assertRefused("%s is Java 1.8.0_400 of Acme Inc., but functions need Java 25 or later.");
  }

  @Test
  void java_withoutModules_isRefused() throws IOException {
    write(
        """
        echo '    java.specification.version = 26' >&2
        echo '    java.version = 26.0.1' >&2
        echo 'java.base@26.0.1'
        """);
    assertRefused(
        "%s is Java 26.0.1 without the modules java.logging, jdk.unsupported, which functions need.");
  }

  @Test
  void program_thatIsNoJava_isRefused() throws IOException {
    write("echo hello");
    assertRefused("%s does not run as Java 25 or later (it prints: hello).");
    write("exit 1");
    assertRefused("%s does not run as Java 25 or later (it prints nothing).");
  }
}
