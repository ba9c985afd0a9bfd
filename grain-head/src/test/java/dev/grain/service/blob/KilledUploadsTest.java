package dev.grain.service.blob;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uploads of a process that is killed. */
final class KilledUploadsTest {
  private static final int KILLS = 10;

  @TempDir private Path folder;

  private Process start(long seed) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx128m",
            "-cp",
            System.getProperty("java.class.path"),
            UploadingProgram.class.getName(),
            folder.toString(),
            Long.toString(seed))
        .redirectErrorStream(true)
        .start();
  }

  /** Lets one run until it has said some lines, and kills it; returns what it said to be done. */
  private Set<String> killed(long seed, int lines) throws IOException {
    Set<String> done = new HashSet<>();
    Process process = start(seed);
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (int i = 0; i < lines; i++) {
        String line = output.readLine();
        assertThat(line).isNotNull().matches("(at|done) \\w+");
        if (line.startsWith("done ")) {
          done.add(line.substring(5));
        }
      }
    } finally {
      process.destroyForcibly().onExit().join();
    }
    return done;
  }

  private List<Path> complete() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.startsWith(folder.resolve("uploads")))
          .toList();
    }
  }

  @Test
  void kill_atAnyMoment_leavesWholeBlobs_andPartsToGoOnWith() throws Exception {
    Random random = new Random();
    long seed = random.nextLong();
    random.setSeed(seed);
    Set<String> done = new HashSet<>();
    for (int i = 0; i < KILLS; i++) {
      done.addAll(killed(random.nextLong(), 1 + random.nextInt(60)));
      for (Path each : complete()) {
        assertThat(BlobHash.of(Files.readAllBytes(each)).hex())
            .as("seed %s", seed)
            .isEqualTo(each.getFileName().toString());
      }
      assertThat(complete())
          .as("seed %s", seed)
          .extracting(each -> each.getFileName().toString())
          .containsAll(done);
    }
    Blobs blobs = Blobs.open(folder, 0, Clock.systemUTC());
    for (int i = 0; i < UploadingProgram.BLOBS; i++) {
      byte[] bytes = UploadingProgram.bytes(i);
      BlobHash hash = BlobHash.of(bytes);
      int at = (int) blobs.arrived(hash);
      try (Upload upload = blobs.upload(hash, at, OptionalLong.empty())) {
        upload.write(ByteBuffer.wrap(bytes, at, bytes.length - at));
        upload.complete();
      }
      assertThat(BlobsTest.read(blobs, hash)).as("seed %s", seed).isEqualTo(bytes);
    }
    try (Stream<Path> left = Files.list(folder.resolve("uploads"))) {
      assertThat(left).isEmpty();
    }
  }
}
