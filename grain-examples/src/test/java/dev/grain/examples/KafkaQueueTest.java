package dev.grain.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaQueueTest {
  @TempDir private Path folder;

  /** The program knows nothing of the kind of its queue. */
  @Test
  void main_withAFolderInPlaceOfKafka_estimatesPiFromEverySeed() {
    List<String> printed = Program.run(KafkaQueue.class, "file:" + folder.resolve("seeds"));
    assertThat(printed).hasSize(3).contains("20 seeds, 1 failed attempt");
    assertThat(printed.getFirst()).startsWith("minion: item 13 failed: ");
    assertThat(printed.getLast()).startsWith("pi is about 3.14");
    assertThat(folder.resolve("seeds")).doesNotExist();
  }
}
