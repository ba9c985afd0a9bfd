package dev.grain.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class SortSweepTest {
  @Test
  void main_sixWaysToSort_findTheSameSmallestNumber() {
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/sort")), "needs the program sort of GNU");

    List<String> lines = Program.run(SortSweep.class, "20000");

    assertThat(lines)
        .map(line -> line.split(" {2,}|(?<=MiB) ", 2)[0])
        .containsExactly(
            "1 x 16MiB", "1 x 64MiB", "2 x 16MiB", "2 x 64MiB", "4 x 16MiB", "4 x 64MiB");
    assertThat(lines).map(line -> line.replaceAll(".*number ", "")).containsOnly("87900");
  }
}
