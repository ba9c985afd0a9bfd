package dev.grain.node.confine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GroupFolderTest {
  @TempDir private Path folder;

  private boolean hasProcesses() {
    return new GroupFolder(folder, false).hasProcesses();
  }

  @Test
  void hasProcesses_tellsWhatTheFileSays() throws IOException {
    Path file = folder.resolve("cgroup.procs");
    assertThat(hasProcesses()).as("of no group").isFalse();
    Files.writeString(file, "");
    assertThat(hasProcesses()).isFalse();
    Files.writeString(file, "12\n34\n");
    assertThat(hasProcesses()).isTrue();
  }

  @Test
  void hasProcesses_whatCannotBeRead_mayHaveSome() throws IOException {
    Files.createDirectory(folder.resolve("cgroup.procs"));
    assertThat(hasProcesses()).isTrue();
  }
}
