package dev.grain.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.message.ContainerSetting.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "files have other permissions there")
class SharedFilesTest {
  private static final String NOBODY = "65534:65534";

  @TempDir private Path files;

  private Path folder;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectories(files.resolve("own/jvm"));
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private Path write(String name, String permissions) throws IOException {
    Path file = Files.writeString(files.resolve(name), name);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  @Test
  void files_haveTheirPlaces_eachOne() throws IOException {
    Path one = write("one.jar", "rw-r--r--");
    Path two = write("two.jar", "rw-r--r--");
    SharedFiles shared = new SharedFiles(folder, NOBODY);
    assertThat(shared.of(one)).isEqualTo(Path.of("/grain-code/0/one.jar"));
    assertThat(shared.of(two)).isEqualTo(Path.of("/grain-code/1/two.jar"));
    assertThat(shared.of(one)).isEqualTo(Path.of("/grain-code/0/one.jar"));
    assertThat(shared.mounts())
        .containsExactly(
            new Mount(one.toString(), "/grain-code/0/one.jar", true),
            new Mount(two.toString(), "/grain-code/1/two.jar", true));
  }

  @Test
  void fileThatAnotherUserMayNotRead_isCopied() throws IOException {
    Path secret = write("secret.jar", "rw-------");
    SharedFiles shared = new SharedFiles(folder, NOBODY);
    assertThat(shared.of(secret)).isEqualTo(Path.of("/grain-code/0/secret.jar"));
    Path copy = Path.of(shared.mounts().getFirst().host());
    assertThat(copy).startsWith(folder.getParent()).hasContent("secret.jar");
    assertThat(permissions(copy)).isEqualTo("rw-r--r--");
    assertThat(permissions(secret)).isEqualTo("rw-------");
  }

  @Test
  void folderThatAnotherUserMayNotRead_isCopied_withWhatIsInIt() throws IOException {
    Path classes = files.resolve("classes");
    Path within = Files.createDirectories(classes.resolve("a"));
    Files.writeString(within.resolve("B.class"), "B");
    Files.setPosixFilePermissions(within, PosixFilePermissions.fromString("rwx------"));
    SharedFiles shared = new SharedFiles(folder, NOBODY);
    shared.of(classes);
    Path copy = Path.of(shared.mounts().getFirst().host());
    assertThat(copy).isNotEqualTo(classes);
    assertThat(copy.resolve("a/B.class")).hasContent("B");
    assertThat(permissions(copy.resolve("a"))).isEqualTo("rwxr-xr-x");
  }

  @Test
  void linkInAFolderThatIsCopied_bringsNothingElseWithIt() throws IOException {
    Path secret = write("secret", "rw-------");
    Path classes = Files.createDirectories(files.resolve("classes"));
    Files.createSymbolicLink(classes.resolve("link"), secret);
    Files.createSymbolicLink(classes.resolve("dangling"), files.resolve("missing"));
    Files.setPosixFilePermissions(classes, PosixFilePermissions.fromString("rwx------"));
    SharedFiles shared = new SharedFiles(folder, NOBODY);
    shared.of(classes);
    Path copy = Path.of(shared.mounts().getFirst().host());
    assertThat(copy).isNotEqualTo(classes);
    assertThat(copy.resolve("link")).isSymbolicLink();
    assertThat(Files.readSymbolicLink(copy.resolve("link"))).isEqualTo(secret);
    assertThat(permissions(secret)).isEqualTo("rw-------");
  }

  @Test
  void folderWithLinks_thatAnotherUserMayRead_isNotCopied() throws IOException {
    Path secret = write("secret", "rw-------");
    Path classes = Files.createDirectories(files.resolve("classes"));
    Files.createSymbolicLink(classes.resolve("link"), secret);
    Files.createSymbolicLink(classes.resolve("dangling"), files.resolve("missing"));
    Files.setPosixFilePermissions(classes, PosixFilePermissions.fromString("rwxr-xr-x"));
    SharedFiles shared = new SharedFiles(folder, NOBODY);
    shared.of(classes);
    assertThat(shared.mounts().getFirst().host()).isEqualTo(classes.toString());
  }

  @Test
  void linkToAFileThatAnotherUserMayNotRead_isCopiedAsTheFile() throws IOException {
    Path jar = write("some.jar", "rw-------");
    Path link = Files.createSymbolicLink(files.resolve("link.jar"), jar);
    SharedFiles shared = new SharedFiles(folder, NOBODY);
    assertThat(shared.of(link)).isEqualTo(Path.of("/grain-code/0/link.jar"));
    assertThat(Path.of(shared.mounts().getFirst().host())).isRegularFile().hasContent("some.jar");
  }

  @Test
  void fileOfTheUser_isNotCopied() throws IOException {
    Path secret = write("secret.jar", "rw-------");
    SharedFiles shared = new SharedFiles(folder, ContainerUser.own(folder));
    shared.of(secret);
    assertThat(shared.mounts().getFirst().host()).isEqualTo(secret.toString());
  }

  @Test
  void folderOfTheJvm_isOpened_withWhatIsInIt() throws IOException {
    Path setup = Files.writeString(folder.resolve("setup"), "");
    new SharedFiles(folder, NOBODY).open();
    assertThat(permissions(setup)).isEqualTo("rw-rw-rw-");
    assertThat(permissions(folder)).isEqualTo("rwxrwxrwx");
  }
}
