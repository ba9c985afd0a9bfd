package dev.grain.node.isolated;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class JvmFolderTest {
  @TempDir private Path parent;
  private final List<JvmFolder> made = new ArrayList<>();

  private JvmFolder make() throws IOException {
    JvmFolder folder = JvmFolder.create(parent, false);
    made.add(folder);
    return folder;
  }

  @AfterEach
  void deleteAll() {
    made.forEach(JvmFolder::delete);
  }

  /** Makes what a worker and a JVM leave that were killed. */
  private Path ofTheDead() throws IOException {
    Path left = Files.createDirectory(parent.resolve("grain-jvm-another"));
    Files.createFile(left.resolve("lock"));
    Files.writeString(left.resolve("setup"), "left");
    return left;
  }

  @Test
  void create_processThatIsGone_itsFolderIsRemoved() throws IOException {
    JvmFolder living = make();
    Path dead = ofTheDead();
    JvmFolder next = make();
    assertThat(dead).doesNotExist();
    assertThat(living.path()).exists();
    assertThat(next.path()).exists();
  }

  @Test
  void delete_inTheJvm_removesWhatTheWorkerHasMade() throws IOException {
    JvmFolder made = make();
    Files.writeString(made.setup(), "left");
    JvmFolder.ofThisJvm(made.path()).delete();
    assertThat(made.path()).doesNotExist();
  }

  @Test
  void create_pathTooLongForASocket_isElsewhere() throws IOException {
    Path deep = Files.createDirectory(parent.resolve("x".repeat(100)));
    JvmFolder made = JvmFolder.create(deep, false);
    assertThat(made.path().getParent()).isNotEqualTo(deep);
    made.delete();
    assertThat(made.path()).doesNotExist();
    assertThat(deep).isEmptyDirectory();
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

  @Test
  void folderOfAJvmThatRunsApart_isWithinThatOfTheWorker_whichKeepsWhatItPrints()
      throws IOException {
    JvmFolder folder = JvmFolder.create(parent, true);
    made.add(folder);
    assertThat(folder.printed().getParent()).isEqualTo(folder.path().getParent());
    folder.delete();
    made.clear();
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "links need rights there")
  void linkThatAJvmLeaves_isNotFollowed() throws IOException {
    JvmFolder folder = make();
    Path secret = Files.writeString(parent.resolve("secret"), "secret");
    Files.createSymbolicLink(folder.crash(), secret);
    assertThat(JvmFolder.begin(folder.crash())).isEmpty();
    assertThat(JvmFolder.end(folder.crash())).isEmpty();
    assertThat(JvmFolder.end(secret)).isEqualTo("secret");
  }
}
