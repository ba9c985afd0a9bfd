package dev.grain.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderQueueTest {
  @TempDir private Path folder;

  @Test
  void main_withoutArguments_simulatesEveryCombination() {
    assertThat(Program.run(FolderQueue.class))
        .hasSize(10)
        .startsWith("simulated 9")
        .contains("0.2 contacts a day, ill for  5 days:      1 at the peak")
        .contains("0.4 contacts a day, ill for 10 days: 405417 at the peak");
  }

  @Test
  void main_withTheSameFolderAgain_findsNothingLeftToDo() {
    List<String> first = Program.run(FolderQueue.class, folder.toString());
    List<String> second = Program.run(FolderQueue.class, folder.toString());
    assertThat(first).startsWith("simulated 9");
    assertThat(second).startsWith("simulated 0");
    assertThat(second.subList(1, 10)).isEqualTo(first.subList(1, 10));
  }
}
