package dev.grain.node.isolated;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class JvmFolderTest {
  @TempDir private Path parent;
  private final List<JvmFolder> made = new ArrayList<>();

  private JvmFolder make() throws IOException {
    JvmFolder folder = JvmFolder.create(parent);
    made.add(folder);
    return folder;
  }

  @AfterEach
  void deleteAll() {
    made.forEach(JvmFolder::delete);
  }

  /** Has a folder be that of a process that is gone. */
  private static void giveToTheDead(Path folder) throws IOException {
    Path file = folder.resolve("owner");
    String pid = String.valueOf(ProcessHandle.current().pid());
    // no process has an id beyond the greatest one
    Files.writeString(file, Files.readString(file).replaceFirst("-" + pid + "-", "-99999999-"));
  }

  private List<Path> left() throws IOException {
    try (Stream<Path> all = Files.list(parent)) {
      return all.sorted().toList();
    }
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "only /proc tells whether a process lives")
  void create_processThatIsGone_itsFolderIsRemoved() throws IOException {
    JvmFolder living = make();
    JvmFolder dead = make();
    Files.writeString(dead.setup(), "left");
    giveToTheDead(dead.path());
    JvmFolder next = make();
    assertThat(left()).containsExactlyInAnyOrder(living.path(), next.path());
  }

  @Test
  void create_whatIsOfOthers_isLeft() throws IOException {
    JvmFolder ofAnotherMachine = make();
    giveToTheDead(ofAnotherMachine.path());
    Path owner = ofAnotherMachine.path().resolve("owner");
    Files.writeString(owner, "x" + Files.readString(owner));
    Path target = Files.createDirectory(parent.resolve("target"));
    Files.copy(make().path().resolve("owner"), target.resolve("owner"));
    giveToTheDead(target);
    Path link = Files.createSymbolicLink(parent.resolve("grain-jvm-1"), target);
    Path nameless = Files.createDirectory(parent.resolve("grain-jvm-2"));
    make();
    assertThat(left()).contains(ofAnotherMachine.path(), target, link, nameless);
    assertThat(target.resolve("owner")).exists();
  }

  @Test
  void printed_isForgotten_onlyIfItIsLong() throws IOException {
    JvmFolder folder = make();
    Files.writeString(folder.printed(), "short");
    folder.boundPrinted();
    assertThat(folder.printed()).hasContent("short");
    Files.write(folder.printed(), new byte[(1 << 20) + 1]);
    folder.boundPrinted();
    assertThat(folder.printed()).isEmptyFile();
  }
}
