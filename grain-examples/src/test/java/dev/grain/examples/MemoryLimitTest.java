package dev.grain.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryLimitTest {
  @Test
  void main_programThatNeedsMoreMemory_getsMoreUntilItFits() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/awk")), "needs the program awk");
    assumeTrue(Files.exists(Path.of("/proc/self/stat")), "needs the /proc of Linux");

    List<String> lines = Program.run(MemoryLimit.class);

    assertThat(lines.getFirst())
        .matches(
            "Job 1 \\(table\\) ran out of memory: on local, \"awk BEGIN .*\" used \\S+ [MK]iB of the"
                + " 16 MiB that it requested \\(enforced by .+\\); request more, for example"
                + " memory\\(\"32MiB\"\\)");
    assertThat(lines.getLast()).matches("It fits in \\d+ MiB: 67108864");
  }
}
