package dev.grain.head;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A head that is killed again and again, with its jobs on workers that are not. */
final class DetachedHeadKillTest {
  private static final int JOBS = 400;
  private static final int KILLS = 10;

  @TempDir private Path folder;

  @Test
  void kill_tenTimes_losesNoJob_runsNoneTwice_andKeepsEachEndOnce() throws Exception {
    SplittableRandom random = new SplittableRandom(17);
    Path file = folder.resolve("jobs.log");
    LogStore.create(file, JOBS);
    try (RealWorker first = new RealWorker("w1", TimeUnit.MILLISECONDS.toNanos(2));
        RealWorker second = new RealWorker("w2", TimeUnit.MILLISECONDS.toNanos(5))) {
      for (int left = KILLS; left > 0; left--) {
        // somewhere in the middle of a job, of a write, or before anything has happened
        runHead(file, random.nextInt(JOBS / KILLS * 3), first, second);
      }
      runHead(file, Integer.MAX_VALUE, first, second);

      assertThat(Stream.concat(first.starts().stream(), second.starts().stream()))
          .hasSize(JOBS)
          .doesNotHaveDuplicates();
      List<String> ends = lines(file).filter(line -> line.startsWith("end ")).toList();
      assertThat(ends)
          .containsExactlyInAnyOrderElementsOf(
              LongStream.rangeClosed(1, JOBS).mapToObj(number -> end(number, ends)).toList());
    }
  }

  /** Returns the one end that the job must have, whichever attempt it was. */
  private static String end(long number, List<String> ends) {
    String value = " value-of-h-" + number;
    return ends.stream()
        .filter(line -> line.startsWith("end " + number + " ") && line.endsWith(value))
        .findFirst()
        .orElse("end " + number + " is missing");
  }

  /** Runs a head until it has kept so many lines, or all ends; then kills it. */
  private static void runHead(Path file, int lines, RealWorker... workers) throws Exception {
    long ended = lines(file).filter(line -> line.startsWith("end ")).count();
    Process head =
        new ProcessBuilder(
                Stream.concat(
                        Stream.of(
                            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            DetachedHeadProgram.class.getName(),
                            file.toString()),
                        Stream.of(workers).map(worker -> worker.address().toString()))
                    .toList())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader output = head.inputReader()) {
      for (int left = lines; left > 0 && ended < JOBS; left--) {
        String line = output.readLine();
        assertThat(line).as("what the head keeps").isNotNull();
        ended += line.startsWith("end ") ? 1 : 0;
      }
    } finally {
      head.destroyForcibly();
      head.waitFor();
    }
  }

  /** Returns the lines that are complete. */
  private static Stream<String> lines(Path file) throws IOException {
    String text = Files.readString(file);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines();
  }
}
