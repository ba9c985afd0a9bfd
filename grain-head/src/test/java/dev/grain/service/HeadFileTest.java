package dev.grain.service;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.grain.QueueOrder;
import dev.grain.cli.Mistake;
import dev.grain.service.store.Database;
import dev.grain.service.store.Retention;
import dev.grain.wire.Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The file with the settings of a head. */
final class HeadFileTest {
  @TempDir private Path folder;

  private HeadSettings read(String text) throws Exception {
    Path file = folder.resolve("head.yaml");
    Files.writeString(file, text);
    return HeadFile.read(
        file,
        HeadSettings.of(Path.of("/usual")),
        Map.of("GRAIN_STORE_PASSWORD", "of the environment"));
  }

  @Test
  void read_emptyFile_leavesTheUsual() throws Exception {
    assertThat(read("# nothing\n")).isEqualTo(HeadSettings.of(Path.of("/usual")));
  }

  @Test
  void read_allKeys_setsAll() throws Exception {
    assertThat(
            read(
                """
                data: /var/lib/grain
                store: postgresql://ada:secret@db/grain
                listen: 10.0.0.1:4000
                https: 10.0.0.1:4001
                key: keys/cluster.key
                defaults: {cpu: 0.5, memory: 1GiB}
                queue: fifo
                retention: {jobs: 30 d, audit: 60 d, blobs: 1 d}
                worker: true
                limits:
                  orphans: 2 h
                  workers: 30 s
                """))
        .isEqualTo(
            new HeadSettings(
                Path.of("/var/lib/grain"),
                new Database.PostgreSql("jdbc:postgresql://db:5432/grain", "ada", "secret"),
                new Address("10.0.0.1", 4000),
                new Address("10.0.0.1", 4001),
                folder.resolve("keys/cluster.key"),
                new Defaults(cpu(0.5), memory("1GiB")),
                QueueOrder.FIFO,
                new Retention(Duration.ofDays(30), Duration.ofDays(60)),
                Duration.ofDays(1),
                new HeadSettings.Limits(Duration.ofHours(2), Duration.ofSeconds(30)),
                true,
                null));
  }

  @Test
  void read_databaseWithoutPassword_takesThatOfTheEnvironment() throws Exception {
    assertThat(read("store: postgresql://ada@db:99/grain").database())
        .isEqualTo(
            new Database.PostgreSql("jdbc:postgresql://db:99/grain", "ada", "of the environment"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          data: /a\\ndta: /b          | line 2: the key 'dta' is unknown; did you mean 'data'?
          defaults: {cpus: 2}         | line 1: the key 'defaults.cpus' is unknown; did you mean 'defaults.cpu'?
          data: /a\\n\\ndata: /b      | line 3: the key 'data' is there twice.
          listen: 4000                | line 1: the value of 'listen' is wrong
          defaults: {memory: 2 GX}    | line 1: the value of 'memory' is wrong
          defaults: 2                 | line 1: defaults is a group of keys: cpu, memory.
          queue: lifo                 | line 1: the value of 'queue' is wrong: write one of
          retention: {jobs: long}     | "long" is not a duration
          store: mysql://a@b/c        | write postgresql://USER@HOST:PORT/NAME
          data: [a]                   | line 1: the key 'data' needs a value in the same line.
          data                        | write a line 'key: value' for each setting.
          data: {                     | line 2:
          """)
  void read_mistake_namesLineAndKey(String text, String message) {
    assertThatExceptionOfType(Mistake.class)
        .isThrownBy(() -> read(text.replace("\\n", "\n") + "\n"))
        .withMessageContaining("head.yaml")
        .withMessageContaining(message);
  }
}
