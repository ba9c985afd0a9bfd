package dev.grain.jfr;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.grain.jfr.FlightRecording.Side;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What events cost while nobody wants them. */
final class NobodyRecordsTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** So many that an object for each would stand out from the few that the JVM makes itself. */
  private static final int JOBS = 1_000;

  @TempDir private Path folder;

  /** Calls everything that is on the way of a job, and returns how many events were wanted. */
  private static int wayOfJob() {
    int wanted = 0;
    FlightRecording.submitted("run", 1, "name", "group", "request", 10);
    FlightRecording.sent("run", 1, 1, "name", "worker", "request", 10);
    FlightRecording.started(Side.WORKER, "run", 1, 1, "name", "worker");
    wanted += FlightRecording.begin("run", 1, 1, "name", "worker") == null ? 0 : 1;
    FlightRecording.ended("run", 1, 1, "name", "worker", "SUCCEEDED", 10, 10);
    wanted += FlightRecording.pass("run", 1, 1) == null ? 0 : 1;
    return wanted;
  }

  private static long allocatedByJobs() {
    wayOfJob();
    int wanted = 0;
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int job = 0; job < JOBS; job++) {
      wanted += wayOfJob();
    }
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertThat(wanted).isZero();
    return allocated;
  }

  @Test
  void jobs_notRecorded_allocateNothing() {
    assertThat(allocatedByJobs()).as("before anybody has recorded").isLessThan(JOBS);
    try (Recording recording = new Recording()) {
      recording.enable("jdk.ThreadStart");
      for (Class<?> event :
          new Class<?>[] {
            JobSubmitted.class,
            JobSent.class,
            JobStarted.class,
            JobEnded.class,
            SchedulingPass.class
          }) {
        recording.disable("dev.grain." + event.getSimpleName());
      }
      recording.start();
      assertThat(allocatedByJobs()).as("while others are recorded").isLessThan(JOBS);
    }
    assertThat(allocatedByJobs()).as("when the recording is over").isLessThan(JOBS);
  }

  /** There, the class of an event could not even be loaded. */
  @Test
  void program_inRuntimeWithoutFlightRecorder_runs() throws Exception {
    Path printed = folder.resolve("printed.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--limit-modules",
                "java.se,jdk.management,jdk.unsupported",
                "-cp",
                System.getProperty("java.class.path"),
                OneJobProgram.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile())
            .start();
    try {
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(printed).strip()).isEqualTo("144");
  }
}
