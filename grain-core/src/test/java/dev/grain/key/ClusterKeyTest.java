package dev.grain.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ClusterKeyTest {
  @TempDir Path folder;

  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("config").resolve("grain").resolve("cluster.key");
  }

  @Test
  void create_inNoFolder_makesItPrivate() throws IOException {
    ClusterKey made = ClusterKey.create(file);

    assertThat(permissions(file)).isEqualTo("rw-------");
    assertThat(permissions(file.getParent())).isEqualTo("rwx------");
    assertThat(ClusterKey.load(file).describe()).isEqualTo(made.describe()).hasSize(1);
    assertThat(made.describe().getFirst().fingerprint()).startsWith("SHA256:").hasSize(50);
  }

  @Test
  void create_whereOneIs_leavesIt() throws IOException {
    ClusterKey first = ClusterKey.create(file);

    assertThatIOException()
        .isThrownBy(() -> ClusterKey.create(file))
        .withMessageContaining(file + " already exists")
        .withMessageContaining("Rotate it");
    assertThat(ClusterKey.load(file).describe()).isEqualTo(first.describe());
    assertThat(filesThere()).containsExactly("cluster.key");
  }

  @Test
  void rotate_putsNewPairInFront_andKeepsOthers() throws IOException {
    ClusterKey first = ClusterKey.create(file);
    ClusterKey second = ClusterKey.rotate(file);
    ClusterKey third = ClusterKey.rotate(file);

    assertThat(third.describe().subList(1, 3)).isEqualTo(second.describe());
    assertThat(second.describe().subList(1, 2)).isEqualTo(first.describe());
    assertThat(ClusterKey.load(file).describe()).isEqualTo(third.describe());
    assertThat(permissions(file)).isEqualTo("rw-------");
    assertThat(filesThere()).containsExactly("cluster.key");
  }

  @Test
  void loadOrCreate_byManyAtOnce_givesAllTheSame() throws Exception {
    int many = 8;
    CyclicBarrier together = new CyclicBarrier(many);
    Callable<ClusterKey> task =
        () -> {
          together.await();
          return ClusterKey.loadOrCreate(file);
        };
    List<List<ClusterKey.Description>> seen = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(many)) {
      for (Future<ClusterKey> key :
          threads.invokeAll(Stream.generate(() -> task).limit(many).toList())) {
        seen.add(key.get().describe());
      }
    }

    assertThat(seen).hasSize(many).containsOnly(ClusterKey.load(file).describe());
    assertThat(filesThere()).containsExactly("cluster.key");
  }

  @Test
  void load_ofNoFile_saysWhatToDo() {
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> ClusterKey.load(file))
        .withMessageContaining(file.toString())
        .withMessageContaining("grain key create");
  }

  @Test
  void load_ofFileOpenToOthers_isRefused() throws IOException {
    ClusterKey.create(file);
    for (String open : List.of("rw-r-----", "rw----r--", "rw--w----")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(open));

      assertThatIOException()
          .isThrownBy(() -> ClusterKey.load(file))
          .withMessageContaining(open)
          .withMessageEndingWith("chmod 600 " + file);
      assertThatIOException()
          .isThrownBy(() -> ClusterKey.rotate(file))
          .withMessageEndingWith("chmod 600 " + file);
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
    assertThat(ClusterKey.load(file).describe()).hasSize(1);
  }

  @Test
  void load_ofDamagedFile_saysSo() throws IOException {
    ClusterKey.create(file);
    ClusterKey.rotate(file);
    String good = Files.readString(file);
    int firstKey = good.indexOf("-----BEGIN PRIVATE KEY-----");
    int firstCertificate = good.indexOf("-----BEGIN CERTIFICATE-----");
    int secondKey = good.indexOf("-----BEGIN PRIVATE KEY-----", firstKey + 1);
    int secondCertificate = good.indexOf("-----BEGIN CERTIFICATE-----", firstCertificate + 1);
    List<String> damaged =
        List.of(
            "",
            "no key at all",
            good.substring(0, good.length() / 2),
            good.substring(0, good.length() - 5),
            good.substring(0, firstCertificate),
            good.substring(firstCertificate),
            good.replace("PRIVATE KEY", "EC PRIVATE KEY"),
            // the key of one pair with the certificate of another
            good.substring(firstKey, firstCertificate) + good.substring(secondCertificate),
            good.substring(0, firstKey + 40) + "AAAA" + good.substring(firstKey + 44),
            good.substring(0, secondKey) + good.substring(secondKey).replace("MI", "**"),
            "x".repeat(2 << 20));

    assertThat(damaged)
        .allSatisfy(content -> {
          Files.writeString(file, content);
          assertThatIOException()
              .isThrownBy(() -> ClusterKey.load(file))
              .withMessageStartingWith("The cluster key in " + file + " is damaged (")
              .withMessageContaining("Copy it again");
        });
  }

  @Test
  void toString_ofKey_showsNoSecret() throws IOException {
    ClusterKey key = ClusterKey.create(file);
    String secret =
        Files.readString(file)
            .lines()
            .filter(line -> line.startsWith("M"))
            .findFirst()
            .orElseThrow();

    assertThat(key + " " + key.describe() + key.pairs()).doesNotContain(secret).contains("SHA256:");
  }

  @Test
  void defaultPath_isInUsersConfiguration() {
    assertThat(ClusterKey.defaultPath()).isAbsolute().endsWithRaw(Path.of("grain", "cluster.key"));
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private List<String> filesThere() throws IOException {
    try (Stream<Path> files = Files.list(file.getParent())) {
      return files.map(found -> found.getFileName().toString()).toList();
    }
  }
}
