package dev.grain.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.kafka.KafkaServer;
import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.Queues;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaQueueTest {
  // kept, as the JDK forgets the levels of loggers that nobody has
  private static final Logger CLIENT = Logger.getLogger("org.apache.kafka");

  @TempDir private Path folder;

  @BeforeAll
  static void quietTheClient() {
    CLIENT.setLevel(Level.SEVERE);
  }

  @Test
  void main_estimatesPiFromEverySeed_andRemovesTheTopic() throws Exception {
    KafkaServer kafka =
        KafkaServer.shared(Path.of("..", "extensions", "kafka-broker", "target", "classpath.txt"));
    // a broker on a busy machine may take its time
    Path config = folder.resolve("patient.properties");
    Files.write(config, List.of("request.timeout.ms=100000", "default.api.timeout.ms=200000"));
    String queue = "kafka://%s/seeds?config=%s".formatted(kafka.address(), config);
    // the client of Kafka logs on the error stream
    Program program = Program.start(KafkaQueue.class, queue);
    assertThat(program.status()).as(String.join("\n", program.error())).isZero();
    assertEstimated(program.out());
    QueueAddress address = QueueAddress.parse(queue);
    assertThatThrownBy(() -> Queues.of(address).stat(address, QueueSettings.DEFAULTS))
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("there is no topic seeds");
  }

  /** The program knows nothing of the kind of its queue. */
  @Test
  void main_withAFolderInPlaceOfKafka_doesTheSame() {
    assertEstimated(Program.run(KafkaQueue.class, "file:" + folder.resolve("seeds")));
    assertThat(folder.resolve("seeds")).doesNotExist();
  }

  private static void assertEstimated(List<String> printed) {
    assertThat(printed).hasSize(3).contains("20 seeds, 1 failed attempt");
    assertThat(printed.getFirst()).startsWith("minion: item 13 failed: ");
    assertThat(printed.getLast()).startsWith("pi is about 3.14");
  }
}
