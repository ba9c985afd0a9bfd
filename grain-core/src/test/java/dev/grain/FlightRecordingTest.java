package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What flight recordings have of jobs. */
final class FlightRecordingTest {
  private static final RunOptions ONE = RunOptions.defaults().local(cpu(1));

  private static final List<String> EVENTS =
      List.of("JobSubmitted", "JobSent", "JobStarted", "JobEnded", "SchedulingPass");

  @TempDir private Path folder;

  /** Runs something and returns the events of Grain meanwhile, in the order of their times. */
  private List<RecordedEvent> record(Runnable program) throws IOException {
    Path file = folder.resolve("recording.jfr");
    try (Recording recording = new Recording()) {
      EVENTS.forEach(name -> recording.enable("dev.grain." + name).withoutStackTrace());
      recording.start();
      program.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().startsWith("dev.grain."))
        .sorted(Comparator.comparing(RecordedEvent::getEndTime))
        .toList();
  }

  private static List<RecordedEvent> ofJobs(List<RecordedEvent> events) {
    return events.stream().filter(event -> event.hasField("job")).toList();
  }

  private static String name(RecordedEvent event) {
    String name = event.getEventType().getName();
    String side = event.hasField("side") ? " " + event.getString("side") : "";
    return name.substring(name.lastIndexOf('.') + 1) + side;
  }

  private static RecordedEvent find(List<RecordedEvent> events, String name) {
    return events.stream().filter(event -> name(event).equals(name)).findFirst().orElseThrow();
  }

  /** The head is not notified of the start of a job that ends soon after. */
  private static void runJobThatIsSeenRunning() {
    Signal seen = Signal.create();
    try (var grain = GrainExecutor.open(ONE)) {
      Job<?> job = grain.submit(JobOptions.of(cpu(1)).named("square"), seen::await);
      while (job.status() != JobStatus.RUNNING) {
        Thread.onSpinWait();
      }
      seen.fire();
    }
  }

  @Test
  void job_recorded_isSubmittedSentStartedAndEndedInThisOrder() throws IOException {
    List<RecordedEvent> events = record(FlightRecordingTest::runJobThatIsSeenRunning);

    List<RecordedEvent> ofJobs = ofJobs(events);
    assertThat(ofJobs)
        .filteredOn(event -> !name(event).endsWith("WORKER"))
        .extracting(FlightRecordingTest::name)
        .containsExactly("JobSubmitted", "JobSent", "JobStarted HEAD", "JobEnded HEAD");
    assertThat(ofJobs)
        .filteredOn(event -> !name(event).equals("JobStarted HEAD"))
        .extracting(FlightRecordingTest::name)
        .containsExactly(
            "JobSubmitted", "JobSent", "JobStarted WORKER", "JobEnded WORKER", "JobEnded HEAD");
    assertThat(ofJobs)
        .allSatisfy(event -> {
          assertThat(event.getString("run")).hasSize(8);
          assertThat(event.getLong("job")).isOne();
          assertThat(event.getString("name")).isEqualTo("square");
        });
    assertThat(ofJobs)
        .filteredOn(event -> event.hasField("attempt"))
        .extracting(event -> event.getInt("attempt"), event -> event.getString("worker"))
        .containsOnly(tuple(1, "local"));
  }

  @Test
  void job_recorded_hasRequestSizesAndTimes() throws IOException {
    List<RecordedEvent> events =
        record(() -> {
          try (var grain = GrainExecutor.open(ONE)) {
            grain.exec(cpu(1), (byte[] bytes) -> bytes, new byte[10_000]);
          }
        });

    for (String name : List.of("JobSubmitted", "JobSent")) {
      RecordedEvent event = find(events, name);
      assertThat(event.getString("request")).isEqualTo("cpu(1)");
      assertThat(event.getLong("size")).isBetween(10_000L, 10_100L);
    }
    assertThat(find(events, "JobSubmitted").getString("group")).isEqualTo("the run");
    RecordedEvent worker = find(events, "JobEnded WORKER");
    RecordedEvent head = find(events, "JobEnded HEAD");
    for (RecordedEvent end : List.of(worker, head)) {
      assertThat(end.getString("end")).isEqualTo("SUCCEEDED");
      assertThat(end.getLong("size")).isBetween(10_000L, 10_100L);
      assertThat(end.getDuration("ran")).isPositive();
    }
    assertThat(worker.getDuration()).isPositive();
    assertThat(worker.getThread().getJavaName()).startsWith("grain-job-");
    assertThat(head.getThread().getJavaName()).isEqualTo("grain-head");
  }

  @Test
  void jobsOfGroupAndMap_recorded_sayWhatTheyBelongTo() throws IOException {
    List<RecordedEvent> events =
        record(() ->
            Grain.runCombine(
                () -> {
                  try (var wg = Grain.openWaitGroup(GroupOptions.defaults().named("primes"))) {
                    wg.submit(cpu(1), () -> 1);
                  }
                  Grain.map(cpu(1), String::length, List.of("one"));
                },
                ONE));

    assertThat(events)
        .filteredOn(event -> name(event).equals("JobSubmitted"))
        .extracting(event -> event.getString("group"))
        .containsExactly("wait group primes", "a map");
  }

  @Test
  void jobThatFails_recorded_endsOnWorkerForEachAttemptAndOnHeadOnce() throws IOException {
    List<RecordedEvent> events =
        record(() -> {
          try (var grain = GrainExecutor.open(ONE)) {
            assertThatThrownBy(
                    () -> grain.exec(JobOptions.of(cpu(1)).retries(1), () -> Integer.valueOf("x")))
                .isInstanceOf(JobFailedException.class);
          }
        });

    assertThat(ofJobs(events))
        .filteredOn(event -> name(event).startsWith("JobEnded"))
        .extracting(
            FlightRecordingTest::name,
            event -> event.getInt("attempt"),
            event -> event.getString("end"))
        .containsExactly(
            tuple("JobEnded WORKER", 1, "FAILED"),
            tuple("JobEnded WORKER", 2, "FAILED"),
            tuple("JobEnded HEAD", 2, "FAILED"));
  }

  @Test
  void jobThatNeverStarts_recorded_hasAnEndAndNoWorker() throws IOException {
    List<RecordedEvent> events =
        record(() -> {
          try (var grain = GrainExecutor.open(ONE)) {
            grain.submit(cpu(2), () -> 1).outcome();
          }
        });

    assertThat(ofJobs(events))
        .extracting(FlightRecordingTest::name)
        .containsExactly("JobSubmitted", "JobEnded HEAD");
    RecordedEvent end = find(events, "JobEnded HEAD");
    assertThat(end.getString("end")).isEqualTo("NOT_STARTED");
    assertThat(end.getString("worker")).isEmpty();
    assertThat(end.getDuration("ran")).isEqualTo(Duration.ZERO);
  }

  @Test
  void passes_recorded_countEachDecisionOnce() throws IOException {
    List<RecordedEvent> events =
        record(() -> {
          try (var grain = GrainExecutor.open(ONE)) {
            grain.map(cpu(1), String::length, List.of("a", "bc", "def"));
          }
        });

    List<RecordedEvent> passes =
        events.stream().filter(event -> name(event).equals("SchedulingPass")).toList();
    assertThat(passes.stream().mapToLong(event -> event.getLong("decisions")).sum()).isEqualTo(3);
    assertThat(passes.stream().mapToLong(event -> event.getLong("steps")).sum()).isPositive();
    assertThat(passes.getLast().getInt("queued")).isZero();
    assertThat(passes).extracting(RecordedEvent::getDuration).noneMatch(Duration::isNegative);
  }
}
