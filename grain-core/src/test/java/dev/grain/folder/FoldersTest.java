package dev.grain.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The removal of folders, and the folder for caches. */
final class FoldersTest {
  @TempDir private Path folder;

  private Path filled() throws IOException {
    Path filled = Files.createDirectories(folder.resolve("filled"));
    Files.createDirectories(filled.resolve("below/deeper"));
    Files.writeString(filled.resolve("below/deeper/file"), "text");
    Files.writeString(filled.resolve("file"), "text");
    return filled;
  }

  @Test
  void delete_removesAllThatIsInIt() throws IOException {
    Path filled = filled();

    Folders.delete(filled);

    assertThat(filled).doesNotExist();
  }

  @Test
  void delete_ofWhatDoesNotExist_doesNothing() throws IOException {
    Folders.delete(folder.resolve("nothing"));
  }

  @Test
  void clear_keepsTheFolder() throws IOException {
    Path filled = filled();

    Folders.clear(filled);

    assertThat(filled).isEmptyDirectory();
  }

  @Test
  void clear_ofWhatDoesNotExist_fails() {
    assertThatIOException().isThrownBy(() -> Folders.clear(folder.resolve("nothing")));
  }

  @Test
  @EnabledOnOs(
      value = {OS.LINUX, OS.MAC},
      disabledReason = "not every user may make links")
  void delete_doesNotFollowLinks() throws IOException {
    Path filled = filled();
    Path other = Files.createDirectories(folder.resolve("other"));
    Files.createSymbolicLink(other.resolve("link"), filled);
    Files.createSymbolicLink(other.resolve("dangling"), folder.resolve("nothing"));

    Folders.delete(other);

    assertThat(other).doesNotExist();
    assertThat(filled.resolve("below/deeper/file")).exists();
  }

  @ParameterizedTest
  @ValueSource(strings = {"r-xr-xr-x", "rw-r--r--", "-wx------", "---------"})
  @EnabledOnOs(
      value = {OS.LINUX, OS.MAC},
      disabledReason = "files have modes")
  void delete_ofFoldersThatTheirOwnerMayNotUse_opensThem(String mode) throws IOException {
    Path filled = filled();
    for (String each : List.of("below/deeper", "below", "")) {
      Files.setPosixFilePermissions(filled.resolve(each), PosixFilePermissions.fromString(mode));
    }

    Folders.delete(filled);

    assertThat(filled).doesNotExist();
  }

  @Test
  void cacheFolder_isThatOfTheEnvironment_ifItIsAbsolute() {
    Path home = Path.of("/home/ann");

    assertThat(CacheFolder.of(Map.of("XDG_CACHE_HOME", "/scratch"), home))
        .isEqualTo(Path.of("/scratch/grain"));
    assertThat(CacheFolder.of(Map.of("XDG_CACHE_HOME", "scratch"), home))
        .isEqualTo(Path.of("/home/ann/.cache/grain"));
    assertThat(CacheFolder.of(Map.of(), home)).isEqualTo(Path.of("/home/ann/.cache/grain"));
  }
}
