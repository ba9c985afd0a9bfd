package dev.grain.head;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.dispatch.StoredJob;
import dev.grain.wire.Address;
import dev.grain.wire.Endpoint;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Heads with detached jobs, their lives, and workers, over loopback. */
final class DetachedHeadTest {
  private static final int JOBS = 3;
  private static final int WAITS = -1;

  @TempDir private Path folder;
  private Path file;
  private final BlockingQueue<String> kept = new LinkedBlockingQueue<>();

  @BeforeEach
  void create() throws Exception {
    file = folder.resolve("jobs.log");
    LogStore.create(file, JOBS);
  }

  private LogStore store() throws Exception {
    return LogStore.open(file, kept::add);
  }

  private List<StoredJob> jobs() {
    return Stream.of(1, 2, 3).map(LogStore::job).toList();
  }

  /** Waits for a line that is kept in the store. */
  private void awaitKept(String start) throws InterruptedException {
    String line = kept.take();
    while (!line.startsWith(start)) {
      line = kept.take();
    }
  }

  @Test
  void head_startedAgain_goesOnWithWhatRuns_andGetsTheEndsThatItHasMissed() throws Exception {
    try (RealWorker worker = new RealWorker("w1", WAITS)) {
      try (LogStore store = store();
          RealHead head = new RealHead("h", store)) {
        head.begin(store.unended(), worker.address());
        assertThat(List.of(worker.awaitStart(), worker.awaitStart()))
            .containsExactlyInAnyOrder("h 1", "h 2");
      }
      worker.awaitSentence("suspended");
      // nobody hears of it now, and the third one starts all the same if it was sent
      worker.end("h 1");

      try (LogStore store = store();
          RealHead head = new RealHead("h", store)) {
        assertThat(store.unended()).hasSize(JOBS);
        head.begin(store.unended(), worker.address());
        awaitKept("end 1 1 value-of-h-1");
        worker.end("h 2");
        awaitKept("end 2 1 value-of-h-2");
        while (!worker.starts().contains("h 3")) {
          worker.awaitStart();
        }
        worker.end("h 3");
        awaitKept("end 3 ");
        head.leave();
      }
      assertThat(worker.starts()).containsExactlyInAnyOrder("h 1", "h 2", "h 3");
    }
  }

  @Test
  void head_ofWhichAnotherProcessIsConnected_isRefused() throws Exception {
    try (RealWorker worker = new RealWorker("w1", WAITS);
        LogStore store = store();
        RealHead head = new RealHead("h", store);
        RealHead twin = new RealHead("h", store)) {
      head.begin(jobs(), worker.address());
      worker.awaitStart();
      twin.begin(List.of(), worker.address());
      assertThat(twin.awaitComplaint("refuses"))
          .contains("Another process of the head h is connected to this worker")
          .contains("Only one may run: end one of the two.");
      head.leave();
    }
  }

  @Test
  void heads_ofDifferentIds_shareAWorker() throws Exception {
    try (RealWorker worker = new RealWorker("w1", WAITS);
        LogStore store = store();
        RealHead red = new RealHead("red", store);
        RealHead blue = new RealHead("blue", store)) {
      red.begin(List.of(LogStore.job(1)), worker.address());
      blue.begin(List.of(LogStore.job(2)), worker.address());
      assertThat(List.of(worker.awaitStart(), worker.awaitStart()))
          .containsExactlyInAnyOrder("red 1", "blue 2");
      worker.end("red 1");
      worker.end("blue 2");
      for (int left = 2; left > 0; left--) {
        awaitKept("end");
      }
      red.leave();
      blue.leave();
    }
  }

  @Test
  void anotherHead_atTheSameAddress_doesNotEndTheJobsOfTheFirstOne() throws Exception {
    try (RealWorker worker = new RealWorker("w1", WAITS);
        LogStore store = store()) {
      Address address;
      try (RealHead first = new RealHead("first", store);
          Endpoint.Listening listening = first.listen(new Address("127.0.0.1", 0))) {
        address = listening.address();
        worker.dial(address);
        first.begin(List.of(LogStore.job(1)));
        assertThat(worker.awaitStart()).isEqualTo("first 1");
      }
      try (RealHead second = new RealHead("second", store);
          Endpoint.Listening _ = second.listen(address)) {
        second.begin(List.of(LogStore.job(2)));
        assertThat(worker.awaitSentence("are kept"))
            .isEqualTo(
                "1 jobs of first are kept for 60 min: Another head answers at "
                    + address
                    + " now: second.");
        assertThat(worker.awaitStart()).isEqualTo("second 2");
        worker.end("second 2");
        awaitKept("end 2 1 value-of-second-2");
        second.leave();
      }
      worker.end("first 1");
      try (RealHead again = new RealHead("first", store);
          Endpoint.Listening _ =
              startedAndListening(again, held(LogStore.job(1), worker), address)) {
        awaitKept("end 1 1 value-of-first-1");
        again.leave();
      }
      assertThat(worker.starts()).containsExactly("first 1", "second 2");
    }
  }

  /** The job is taken before a worker can join. */
  private static Endpoint.Listening startedAndListening(
      RealHead head, StoredJob job, Address address) throws Exception {
    CountDownLatch taken = new CountDownLatch(1);
    head.client().start(job);
    head.client().whenTaken(taken::countDown);
    taken.await();
    return head.listen(address);
  }

  private static StoredJob held(StoredJob job, RealWorker worker) {
    return new StoredJob(
        job.number(),
        job.template(),
        job.priority(),
        job.line(),
        job.input(),
        1,
        new StoredJob.Holder("w1", worker.incarnation(), true),
        List.of(),
        0,
        false,
        false);
  }
}
