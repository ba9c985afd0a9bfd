package dev.grain.service.blob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.service.store.By;
import dev.grain.service.store.Database;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.NewJob;
import dev.grain.service.store.Result;
import dev.grain.service.store.Retention;
import dev.grain.service.store.Store;
import dev.grain.service.store.StoredAttempt;
import dev.grain.service.store.Submission;
import dev.grain.service.store.Submissions;
import dev.grain.service.store.Usage;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blobs that nobody needs any more. */
final class BlobRetentionTest {
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

  @TempDir private Path folder;
  private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
  private Store store;
  private Blobs blobs;

  @BeforeEach
  void open() {
    store = Store.open(new Database.Embedded(folder));
    InstantSource time = now::get;
    Clock clock = time.withZone(ZoneOffset.UTC);
    blobs = Blobs.open(folder.resolve("blobs"), 0, clock);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private BlobHash put(int seed) {
    byte[] bytes = BlobsTest.bytes(seed, 100);
    BlobHash hash = BlobHash.of(bytes);
    try (Upload upload = blobs.upload(hash, 0, OptionalLong.empty())) {
      upload.write(ByteBuffer.wrap(bytes));
      upload.complete();
    }
    return hash;
  }

  private long submit(BlobHash... named) {
    NewJob job =
        new NewJob(
            Optional.empty(),
            "job",
            "{}",
            1,
            Map.of(),
            List.of(named).stream().map(BlobHash::hex).toList(),
            false);
    By by = new By("ada", now.get());
    return store
        .write(handle ->
            new Submissions(handle)
                .submit(new Submission("ada", Optional.empty(), List.of(job)), by))
        .join()
        .getFirst()
        .number();
  }

  private void end(long number, Result result) {
    StoredAttempt attempt =
        new StoredAttempt(
            1,
            "node",
            now.get(),
            Optional.empty(),
            Optional.of(StoredAttempt.End.succeeded(now.get(), Usage.UNKNOWN)));
    store.write(handle -> new Jobs(handle).end(number, attempt, result)).join();
  }

  private int apply() {
    return BlobRetention.DEFAULT.apply(blobs, store, now.get());
  }

  private void pass(Duration time) {
    now.updateAndGet(moment -> moment.plus(time));
  }

  @Test
  void blob_thatNoJobNames_leavesAfterAWeek() {
    BlobHash hash = put(1);
    pass(Duration.ofDays(6));
    assertThat(apply()).isZero();
    pass(Duration.ofDays(2));
    assertThat(apply()).isEqualTo(1);
    assertThat(blobs.size(hash)).isEmpty();
  }

  @Test
  void blob_thatAJobNames_staysAWeekLongerThanTheJob() throws Exception {
    BlobHash spec = put(1);
    BlobHash result = put(2);
    end(submit(spec), new Result.Blob(result.hex()));
    for (int day = 0; day <= 90; day += 10) {
      assertThat(apply()).isZero();
      pass(Duration.ofDays(10));
    }
    assertThat(apply()).isZero();
    assertThat(Retention.DEFAULT.apply(store, now.get())).isEqualTo(1);
    assertThat(apply()).isZero();
    pass(Duration.ofDays(8));
    assertThat(apply()).isEqualTo(2);
  }

  @Test
  void blob_ofWhichSomebodyWasTold_stays() {
    BlobHash hash = put(1);
    pass(Duration.ofDays(8));
    assertThat(blobs.missing(List.of(hash))).isEmpty();
    assertThat(apply()).isZero();
    submit(hash);
    pass(Duration.ofDays(8));
    assertThat(apply()).isZero();
  }

  @Test
  void parts_leaveAfterAWeek_unlessTheirUploadGoesOn() throws Exception {
    BlobHash left = BlobHash.of(BlobsTest.bytes(1, 100));
    BlobHash goingOn = BlobHash.of(BlobsTest.bytes(2, 100));
    try (Upload upload = blobs.upload(left, 0, OptionalLong.empty())) {
      upload.write(ByteBuffer.wrap(BlobsTest.bytes(1, 100), 0, 50));
    }
    now.set(Instant.now().plus(Duration.ofDays(8)));
    try (Upload upload = blobs.upload(goingOn, 0, OptionalLong.empty())) {
      upload.write(ByteBuffer.wrap(BlobsTest.bytes(2, 100)));
      assertThat(apply()).isEqualTo(1);
      assertThat(blobs.arrived(left)).isZero();
      upload.complete();
    }
    assertThat(blobs.size(goingOn)).hasValue(100);
    try (var parts = Files.list(folder.resolve("blobs/uploads"))) {
      assertThat(parts).isEmpty();
    }
  }
}
