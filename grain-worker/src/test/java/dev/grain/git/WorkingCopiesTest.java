package dev.grain.git;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.folder.Folders;
import dev.grain.folder.ProcessFolder;
import dev.grain.node.prepare.Workspaces.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Folders of their own for commands, which are copies of a checkout. */
@EnabledOnOs(
    value = {OS.LINUX, OS.MAC},
    disabledReason = "files have modes and links")
final class WorkingCopiesTest {
  @TempDir private Path folder;
  private Path checkout;
  private Path parent;
  private WorkingCopies copies;

  @BeforeEach
  void makeCheckout() throws IOException {
    checkout = Files.createDirectories(folder.resolve("checkout"));
    parent = folder.resolve("copies");
    Files.createDirectories(checkout.resolve("jobs/data"));
    Files.writeString(checkout.resolve("jobs/run.sh"), "echo run");
    Files.setPosixFilePermissions(
        checkout.resolve("jobs/run.sh"), PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(checkout.resolve("jobs/data/input"), "input");
    Files.createSymbolicLink(checkout.resolve("link"), Path.of("jobs/data"));
    copies = copies(checkout);
  }

  private WorkingCopies copies(Path within) {
    return new WorkingCopies(checkout, within, ProcessFolder.within(parent, "process-"));
  }

  @AfterEach
  void assertNothingLeft() throws IOException {
    copies.close();
    if (Files.exists(parent)) {
      try (Stream<Path> left = Files.list(parent)) {
        assertThat(left).isEmpty();
      }
    }
    assertCheckout(checkout);
  }

  private static void assertCheckout(Path root) throws IOException {
    assertThat(root.resolve("jobs/run.sh")).hasContent("echo run").isExecutable();
    assertThat(root.resolve("jobs/data/input")).hasContent("input");
    assertThat(Files.readSymbolicLink(root.resolve("link"))).isEqualTo(Path.of("jobs/data"));
    try (Stream<Path> all = Files.walk(root)) {
      assertThat(all).hasSize(6);
    }
  }

  private static Object changed(Path file) throws IOException {
    return Files.getAttribute(file, "unix:ctime", LinkOption.NOFOLLOW_LINKS);
  }

  @Test
  void copy_hasFilesModesAndLinks() throws IOException {
    try (Workspace copy = copies.open()) {
      assertCheckout(copy.path());
      assertThat(copy.path().toRealPath()).startsWith(parent.toRealPath());
      assertThat(Files.getLastModifiedTime(copy.path().resolve("jobs/run.sh")))
          .isEqualTo(Files.getLastModifiedTime(checkout.resolve("jobs/run.sh")));
    }
  }

  @Test
  void copyOfAFolder_hasTheWholeCheckoutAroundIt() throws IOException {
    copies = copies(checkout.resolve("jobs"));
    try (Workspace copy = copies.open()) {
      assertThat(copy.path().resolve("run.sh")).hasContent("echo run");
      assertThat(copy.path().resolve("../link/input")).hasContent("input");
    }
  }

  @Test
  void commandsAtTheSameTime_haveDifferentCopies() throws IOException {
    try (Workspace one = copies.open();
        Workspace other = copies.open()) {
      Files.writeString(one.path().resolve("output"), "of one");
      assertThat(other.path().resolve("output")).doesNotExist();
      assertThat(one.path()).isNotEqualTo(other.path());
    }
  }

  @Test
  void changesOfACommand_areUndoneForTheNextOne() throws IOException {
    Path path;
    try (Workspace copy = copies.open()) {
      path = copy.path();
      Files.writeString(path.resolve("jobs/data/input"), "iNpUt");
      Files.setLastModifiedTime(
          path.resolve("jobs/data/input"),
          Files.getLastModifiedTime(checkout.resolve("jobs/data/input")));
      Files.setPosixFilePermissions(
          path.resolve("jobs/run.sh"), PosixFilePermissions.fromString("rw-------"));
      Files.delete(path.resolve("link"));
      Files.createDirectories(path.resolve("link/below"));
      Files.writeString(path.resolve("output"), "of one");
      Files.createDirectories(path.resolve("jobs/new/folder"));
    }

    try (Workspace next = copies.open()) {
      assertThat(next.path()).isEqualTo(path);
      assertCheckout(next.path());
    }
  }

  @Test
  void fileThatTheCommandReplaced_isTheOriginalAgain() throws IOException {
    try (Workspace copy = copies.open()) {
      Files.delete(copy.path().resolve("jobs/data/input"));
      Files.writeString(copy.path().resolve("jobs/data/input"), "wrong");
      Files.delete(copy.path().resolve("jobs/run.sh"));
      Files.createDirectory(copy.path().resolve("jobs/run.sh"));
    }
    try (Workspace next = copies.open()) {
      assertCheckout(next.path());
    }
  }

  @Test
  void copyThatIsGone_isReplacedByAnother() throws IOException {
    try (Workspace copy = copies.open()) {
      Folders.delete(copy.path());
    }
    try (Workspace next = copies.open()) {
      assertCheckout(next.path());
    }
  }

  @Test
  void folderThatTheCommandMadeReadOnly_canBeWrittenToAgain() throws IOException {
    for (String changed : List.of("", "jobs", "jobs/data")) {
      try (Workspace copy = copies.open()) {
        Files.setPosixFilePermissions(
            copy.path().resolve(changed), PosixFilePermissions.fromString("r-xr-xr-x"));
      }
      try (Workspace next = copies.open()) {
        assertThat(Files.getPosixFilePermissions(next.path().resolve(changed)))
            .contains(PosixFilePermission.OWNER_WRITE);
        assertCheckout(next.path());
      }
    }
  }

  @Test
  void fileThatNobodyChanged_isNotCopiedAgain() throws IOException {
    Object before;
    try (Workspace copy = copies.open()) {
      before = changed(copy.path().resolve("jobs/run.sh"));
      Files.writeString(copy.path().resolve("jobs/data/input"), "changed");
    }
    try (Workspace next = copies.open()) {
      assertThat(changed(next.path().resolve("jobs/run.sh"))).isEqualTo(before);
      assertCheckout(next.path());
    }
  }

  @Test
  void close_whileACopyIsInUse_removesItWhenItIsGivenBack() throws IOException {
    Workspace copy = copies.open();
    copies.open().close();

    copies.close();

    assertCheckout(copy.path());
    copy.close();
    assertThat(copy.path()).doesNotExist();
    copy.close();
  }
}
