package dev.grain.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where functions find classes in folders of code. */
final class CodeClassPathTest {
  @TempDir private Path folder;

  private void write(String... names) throws IOException {
    for (String each : names) {
      Path file = folder.resolve(each);
      Files.createDirectories(file.getParent());
      Files.writeString(file, "");
    }
  }

  private List<String> classPath(String... code) throws Exception {
    return CodeClassPath.of(List.of(code).stream().map(folder::resolve).toList()).stream()
        .map(each -> folder.relativize(each).toString())
        .toList();
  }

  @Test
  void folder_hasClassFoldersAndJars_inAnOrderOfTheirNames() throws Exception {
    write(
        "code/com/acme/Jobs.class",
        "code/z.jar",
        "code/a.jar",
        "code/readme.txt",
        "code/lib/b.jar",
        "code/lib/sub/hidden.jar",
        "code/libs/c.jar",
        "code/target/classes/X.class",
        "code/target/jobs.jar",
        "code/target/dependency/d.jar",
        "code/build/classes/kotlin/main/X.class",
        "code/build/classes/java/main/X.class",
        "code/build/classes/java/test/X.class",
        "code/build/resources/main/x.txt",
        "code/classes/X.class");
    assertThat(classPath("code"))
        .containsExactly(
            "code",
            "code/classes",
            "code/target/classes",
            "code/build/classes/java/main",
            "code/build/classes/kotlin/main",
            "code/build/resources/main",
            "code/a.jar",
            "code/z.jar",
            "code/lib/b.jar",
            "code/libs/c.jar",
            "code/target/dependency/d.jar");
  }

  @Test
  void jar_isAnEntryItself_andOtherFilesAreNone() throws Exception {
    write("one/jobs.jar", "notes.txt", "other/x.txt");
    assertThat(classPath("one/jobs.jar", "notes.txt", "other"))
        .containsExactly("one/jobs.jar", "other");
  }
}
