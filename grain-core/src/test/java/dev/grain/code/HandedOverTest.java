package dev.grain.code;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What another process is told of the code of its jobs. */
final class HandedOverTest {
  @TempDir private Path folder;

  @Test
  void places_areThoseOfTheOtherProcess_andTravel() throws IOException {
    HandedOver handedOver =
        HandedOver.PROGRAM.with(
            List.of(Path.of("/a/lib.jar"), Path.of("/b")), file -> Path.of("/inside" + file));
    assertThat(HandedOver.decode(handedOver.encode())).isEqualTo(handedOver);
    assertThat(handedOver.classPath())
        .containsExactly(Path.of("/inside/a/lib.jar"), Path.of("/inside/b"));
    HandedOver withVariable = HandedOver.NOTHING.withVariable();
    assertThat(HandedOver.decode(withVariable.encode())).isEqualTo(withVariable);
  }

  @Test
  void variable_isReadAsJavaDoes() throws IOException {
    for (String each : List.of("b.jar", "a.jar", "notes.txt")) {
      Files.createFile(folder.resolve(each));
    }
    assertThat(HandedOver.named(folder + "/*:/app/classes::/none/*:/app/x.jar"))
        .containsExactly(
            folder.resolve("a.jar"),
            folder.resolve("b.jar"),
            Path.of("/app/classes"),
            Path.of("/app/x.jar"));
    assertThat(HandedOver.named("")).isEmpty();
  }
}
