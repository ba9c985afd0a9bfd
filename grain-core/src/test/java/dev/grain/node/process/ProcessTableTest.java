package dev.grain.node.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux has this table")
final class ProcessTableTest {
  private static final long NO_LEADER = Long.MIN_VALUE;
  private static final int LOOKS = 3_000;

  @TempDir private Path folder;

  @Test
  void find_processThatBecomesAnotherProgramAllTheTime_isNeverMissed() throws Exception {
    Path program = Files.writeString(folder.resolve("again.sh"), "exec sh \"$0\"\n");
    Mark mark = Mark.unique();
    ProcessBuilder builder = new ProcessBuilder("sh", program.toString());
    builder.environment().put(mark.name(), mark.value());
    Process process = builder.start();
    try {
      long pid = process.pid();
      long since = ProcessTable.started(pid);
      ProcessTable table = ProcessTable.read();
      int found = 0;
      for (int look = 0; look < LOOKS; look++) {
        found +=
            (int)
                table.find(NO_LEADER, mark.name() + "=" + mark.value(), since).stream()
                    .filter(row -> row.pid() == pid)
                    .count();
      }
      assertThat(found).isEqualTo(LOOKS);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }
}
