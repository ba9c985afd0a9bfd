package dev.grain.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.bytes.Bytes;
import dev.grain.dispatch.DetachedStore.State;
import dev.grain.dispatch.JobEnd;
import dev.grain.dispatch.StoredJob;
import dev.grain.service.blob.BlobHash;
import dev.grain.service.blob.Blobs;
import dev.grain.service.log.LogReader;
import dev.grain.service.log.LogStream;
import dev.grain.service.log.LogWatch;
import dev.grain.service.log.Logs;
import dev.grain.service.store.By;
import dev.grain.service.store.Database;
import dev.grain.service.store.JobState;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.NewJob;
import dev.grain.service.store.Result;
import dev.grain.service.store.Store;
import dev.grain.service.store.Submission;
import dev.grain.service.store.Submissions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is stored of what the head tells, and when it is answered. */
final class LedgerTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-28T12:00:00Z"), ZoneOffset.UTC);

  private static final StoredJob.Holder HOLDER = new StoredJob.Holder("node-a", "life", false);

  @TempDir private Path folder;
  private final List<String> kept = Collections.synchronizedList(new ArrayList<>());
  private final CompletableFuture<Throwable> broken = new CompletableFuture<>();
  private Store store;
  private Blobs blobs;
  private Logs logs;
  private Ledger ledger;

  @BeforeEach
  void open() throws IOException {
    store = Store.open(new Database.Embedded(folder));
    blobs = Blobs.open(folder.resolve("blobs"), 0, CLOCK);
    logs = Logs.open(folder.resolve("logs"), 0, 0);
    ledger = new Ledger(store, new Results(blobs), logs, CLOCK, broken::complete);
  }

  @AfterEach
  void close() {
    logs.close();
    store.close();
  }

  private long submit() {
    NewJob job = new NewJob(Optional.empty(), "name", "{}", 100, Map.of(), List.of(), false);
    long number =
        store
            .write(handle ->
                new Submissions(handle)
                    .submit(
                        new Submission("ada", Optional.empty(), List.of(job)),
                        new By("ada", CLOCK.instant())))
            .join()
            .getFirst()
            .number();
    ledger.expect(number, false, false);
    return number;
  }

  private void send(long job, CompletableFuture<Void> answered) {
    ledger.onSending(job, 1, HOLDER, () -> answer("sent " + job, answered));
  }

  private void end(long job, int bytes, CompletableFuture<Void> answered) {
    JobEnd end = new JobEnd.Returned(Bytes.of(new byte[bytes]), "node-a", 1, 5, List.of());
    ledger.onEnd(job, 1, end, () -> answer("end " + job, answered));
  }

  private void answer(String what, CompletableFuture<Void> answered) {
    kept.add(what);
    answered.complete(null);
  }

  private JobState state(long job) {
    return store.read(handle -> new Jobs(handle).get(job)).orElseThrow().state();
  }

  @Test
  void end_onAFullDisk_isAnsweredWhenThereIsRoom_andNothingBeforeIt() {
    long first = submit();
    long second = submit();
    CompletableFuture<Void> sent = new CompletableFuture<>();
    send(first, sent);
    sent.join();
    store
        .write(handle -> {
          long used = handle.createQuery("PRAGMA page_count").mapTo(Long.class).one();
          return handle.execute("PRAGMA max_page_count = " + (used + 2));
        })
        .join();
    CompletableFuture<Void> ended = new CompletableFuture<>();
    CompletableFuture<Void> secondSent = new CompletableFuture<>();
    end(first, 60_000, ended);
    send(second, secondSent);
    // comes after the first try to write the end
    store.write(handle -> true).exceptionally(_ -> false).join();
    assertThat(kept).containsExactly("sent " + first);
    assertThat(state(first)).isEqualTo(JobState.SENT);
    store.write(handle -> handle.execute("PRAGMA max_page_count = 1000000")).join();
    CompletableFuture.allOf(ended, secondSent).join();
    assertThat(kept).containsExactly("sent " + first, "end " + first, "sent " + second);
    assertThat(state(first)).isEqualTo(JobState.SUCCEEDED);
    assertThat(broken).isNotDone();
  }

  @Test
  void largeValue_isABlob_beforeTheEndIsAnswered_andKeepsTheOrder() {
    long large = submit();
    long small = submit();
    CompletableFuture<Void> largeEnded = new CompletableFuture<>();
    CompletableFuture<Void> smallEnded = new CompletableFuture<>();
    end(large, 1_000_000, largeEnded);
    end(small, 3, smallEnded);
    smallEnded.join();
    assertThat(kept).containsExactly("end " + large, "end " + small);
    BlobHash hash = BlobHash.of(new byte[1_000_000]);
    assertThat(store.<Result>read(handle -> new Jobs(handle).result(large)))
        .isEqualTo(new Result.Blob(hash.hex()));
    assertThat(blobs.size(hash)).hasValue(1_000_000);
    assertThat(store.<Result>read(handle -> new Jobs(handle).result(small)))
        .isInstanceOfSatisfying(Result.Value.class, value -> assertThat(value.bytes()).hasSize(3));
  }

  @Test
  void output_isInTheLog_whenTheEndIsTold() throws Exception {
    long job = submit();
    send(job, new CompletableFuture<>());
    ledger.onOutput(job, 1, "node-a", Bytes.utf8("text\n"), true);
    try (LogWatch watch = logs.watch(job)) {
      CompletableFuture<Void> ended = new CompletableFuture<>();
      end(job, 3, ended);
      ended.join();
      while (!watch.hasEnded()) {
        watch.await(Duration.ofMinutes(1));
      }
    }
    assertThat(state(job)).isEqualTo(JobState.SUCCEEDED);
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    LogReader reader = logs.read(job, 1, LogStream.ERR, 0);
    assertThat(reader.copyTo(text, reader.end())).isTrue();
    assertThat(text).hasToString("text\n");
  }

  @Test
  void job_thatIsGivenBack_waitsAgain() {
    long job = submit();
    CompletableFuture<Void> sent = new CompletableFuture<>();
    send(job, sent);
    ledger.onState(job, State.QUEUED, 2, null);
    CompletableFuture<Void> other = new CompletableFuture<>();
    send(submit(), other);
    CompletableFuture.allOf(sent, other).join();
    assertThat(state(job)).isEqualTo(JobState.QUEUED);
  }

  @Test
  void change_thatCannotBeMade_isTold_andNotAnswered() {
    long job = submit();
    store.write(handle -> handle.execute("DROP TABLE attempts")).join();
    send(job, new CompletableFuture<>());
    assertThat(broken.join()).hasMessageContaining("attempts");
    assertThat(kept).isEmpty();
  }
}
