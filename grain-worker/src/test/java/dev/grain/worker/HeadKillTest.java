package dev.grain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.service.HeadProcess;
import dev.grain.service.HeadSettings;
import dev.grain.service.store.JobFilter;
import dev.grain.service.store.JobList;
import dev.grain.service.store.JobState;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.Position;
import dev.grain.service.store.StoredJob;
import dev.grain.wire.Address;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A head that is killed again and again under short jobs. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "the programs are those of Linux")
final class HeadKillTest {
  private static final int JOBS = 200;
  private static final int KILLS = 5;

  @TempDir private Path folder;

  private Launcher start(Cluster cluster, Address address) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(LocalWorker.JVM_FLAGS);
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path", "")));
    command.addAll(
        List.of(
            HeadProgram.class.getName(),
            data().toString(),
            address.toString(),
            cluster.key().toString(),
            runs().toString(),
            Integer.toString(JOBS)));
    return Launcher.start(folder, Map.of(), command);
  }

  private Path data() {
    return folder.resolve("data");
  }

  private Path runs() {
    return folder.resolve("runs");
  }

  /** Returns how often jobs have begun. */
  private long begun() throws IOException {
    long count = 0;
    for (File each : Optional.ofNullable(runs().toFile().listFiles()).orElse(new File[0])) {
      count += Files.readAllLines(each.toPath()).size();
    }
    return count;
  }

  /** Takes note of what was acknowledged, until all of that was read. */
  private static void readAcknowledged(Launcher head, Set<String> acknowledged) throws IOException {
    for (String line = head.line(); line != null && !line.equals("submitted"); line = head.line()) {
      acknowledged.add(line);
    }
  }

  @Test
  void head_killedUnderJobs_losesNone_andEndsEachOnce() throws Exception {
    Files.createDirectories(runs());
    Address address = new Address("127.0.0.1", Ports.free());
    Random random = new Random(1);
    Set<String> acknowledged = new HashSet<>();
    try (Cluster cluster = new Cluster(folder)) {
      @Nullable WorkerProcess worker = null;
      for (int kill = 0; kill < KILLS; kill++) {
        try (Launcher head = start(cluster, address)) {
          assertThat(head.line()).as(head.errors()).isEqualTo("started");
          if (worker == null) {
            worker = cluster.startDialing(address.toString());
          }
          if (kill > 0) {
            readAcknowledged(head, acknowledged);
          }
          long enough = begun() + 1 + random.nextInt(20);
          while (begun() < Math.min(enough, JOBS)) {
            assertThat(head.process().isAlive()).as(head.errors()).isTrue();
            Thread.onSpinWait();
          }
        }
      }
      try (HeadProcess head =
          HeadProcess.start(
              HeadSettings.of(data())
                  .withListen(address)
                  .withHttps(new Address("127.0.0.1", 0))
                  .withKey(cluster.key()))) {
        acknowledged.remove("started");
        assertThat(acknowledged).hasSize(JOBS);
        assertThat(counts(head)).allSatisfy((_, count) -> assertThat(count).isNotNegative());
        while (counts(head).getOrDefault(JobState.SUCCEEDED, 0L) < JOBS) {
          assertThat(counts(head).getOrDefault(JobState.FAILED, 0L)).isZero();
          Thread.onSpinWait();
        }
        List<StoredJob> all =
            head.store()
                .read(handle ->
                    new JobList(handle).page(JobFilter.ALL, Position.START, 2 * JOBS).jobs());
        assertThat(all).extracting(StoredJob::id).containsExactlyInAnyOrderElementsOf(acknowledged);
        // each ran once, as its worker has lived all the time
        assertThat(begun()).isEqualTo(JOBS);
        assertThat(all).allMatch(each -> each.exitCode().orElse(-1) == 0);
      }
    }
  }

  private static Map<JobState, Long> counts(HeadProcess head) {
    return head.store().read(handle -> new Jobs(handle).counts(Optional.empty()));
  }
}
