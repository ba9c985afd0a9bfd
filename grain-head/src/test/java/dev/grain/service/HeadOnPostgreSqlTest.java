package dev.grain.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Cause;
import dev.grain.QueueOrder;
import dev.grain.key.ClusterKey;
import dev.grain.service.store.Database;
import dev.grain.service.store.JobState;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.PostgreSqlServer;
import dev.grain.service.store.Retention;
import dev.grain.service.store.StoredAttempt;
import dev.grain.service.store.Usage;
import dev.grain.spec.JobSpec;
import dev.grain.spec.WorkSpec;
import dev.grain.wire.Address;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A head whose tables are in PostgreSQL. */
final class HeadOnPostgreSqlTest {
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

  @TempDir private Path folder;

  private HeadProcess start(Database database) throws InterruptedException {
    HeadSettings settings =
        new HeadSettings(
            folder.resolve("data"),
            database,
            new Address("127.0.0.1", 0),
            new Address("127.0.0.1", 0),
            folder.resolve("cluster.key"),
            Defaults.USUAL,
            QueueOrder.RAFFLE,
            Retention.DEFAULT,
            Duration.ofDays(7),
            HeadSettings.Limits.USUAL,
            false,
            null);
    return HeadProcess.start(settings);
  }

  @Test
  void nextLife_hasWhatHasNotEnded_withItsAttempts() throws Exception {
    ClusterKey.create(folder.resolve("cluster.key"));
    try (PostgreSqlServer server = PostgreSqlServer.start()) {
      Database database = server.database("head");
      long number;
      try (HeadProcess head = start(database)) {
        List<JobSpec> jobs =
            List.of(
                JobSpec.of(WorkSpec.command("true")),
                JobSpec.of(WorkSpec.command("true")).withHold(true));
        number = head.jobs().submit("ada", Optional.empty(), jobs).get().getFirst().number();
        StoredAttempt lost =
            new StoredAttempt(
                1,
                "node-a",
                NOW,
                Optional.of(NOW),
                Optional.of(StoredAttempt.End.failed(NOW, Cause.LOST, "lost", Usage.UNKNOWN)));
        head.store().write(handle -> new Jobs(handle).requeue(number, lost, 1)).get();
      }
      try (HeadProcess head = start(database)) {
        assertThat(head.loaded()).isEqualTo(2);
        // in the engine, where the next attempt waits for a worker
        assertThat(head.jobs().explain(number)).isPresent();
        assertThat(head.jobs().cancel(number, "ada").get()).isEqualTo(JobState.STOPPING);
      }
      try (HeadProcess head = start(database)) {
        assertThat(head.loaded()).isBetween(1, 2);
        assertThat(head.workers()).isZero();
      }
    }
  }
}
