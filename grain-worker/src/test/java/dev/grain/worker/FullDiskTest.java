package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.grain.Code;
import dev.grain.Command;
import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.JobNotStartedException;
import dev.grain.JobOptions;
import dev.grain.git.TestRepository;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker whose disk has no room for the code of jobs. */
final class FullDiskTest {
  private static final int JOBS = 10;

  @TempDir private Path folder;

  /** A small disk, until it is closed. */
  private record Disk(Path folder) implements AutoCloseable {
    /** Skips the test, visibly, where none can be mounted. */
    static Disk mount(Path folder) throws IOException {
      Path made = Files.createDirectories(folder);
      assumeTrue(
          run("mount", "-t", "tmpfs", "-o", "size=64k", "grain", made.toString()) == 0,
          "Only root can mount a small disk");
      return new Disk(made);
    }

    void fill() throws IOException {
      byte[] page = new byte[4096];
      try (OutputStream out = Files.newOutputStream(folder.resolve("full"))) {
        while (true) {
          out.write(page);
        }
      } catch (IOException full) {
        assertThat(Files.getFileStore(folder).getUsableSpace()).as(full.toString()).isZero();
      }
    }

    private static int run(String... command) throws IOException {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .onExit()
          .join()
          .exitValue();
    }

    @Override
    public void close() throws IOException {
      assertThat(run("umount", folder.toString())).as("umount").isZero();
    }
  }

  private static int next(int number) {
    return number + 1;
  }

  @Test
  void fullDisk_ofTheCodeCache_keepsNoJobFromRunning() throws Exception {
    Launcher.assumeTools("mount", "umount");
    try (Disk disk = Disk.mount(folder.resolve("disk"));
        Cluster cluster = new Cluster(folder)) {
      WorkerProcess worker = cluster.start("--cache-dir", disk.folder().toString());
      disk.fill();
      try (GrainExecutor executor = GrainExecutor.open(cluster.over(worker))) {
        Checker checker = new Checker(executor);
        List<Job<Integer>> jobs = new ArrayList<>();
        for (int number = 0; number < JOBS; number++) {
          jobs.add(executor.submit(cpu(1), FullDiskTest::next, number));
        }
        for (int number = 0; number < JOBS; number++) {
          checker.assertValue(jobs.get(number), number + 1);
        }
        checker.assertNothingElse();
      }
      Checker.assertEndsCleanly(cluster, "Code cannot be cached in " + disk.folder());
    }
  }

  @Test
  void diskThatIsFullInTheMiddleOfAFetch_isTheReason_andOthersRunThere() throws Exception {
    Launcher.assumeTools("mount", "umount");
    TestRepository repository = TestRepository.init(folder.resolve("repository"));
    byte[] random = new byte[200_000];
    new Random(1).nextBytes(random);
    repository.write("large", Base64.getEncoder().encodeToString(random));
    repository.commit();
    try (Disk disk = Disk.mount(folder.resolve("disk"));
        Cluster cluster = new Cluster(folder)) {
      WorkerProcess worker = cluster.start("--cache-dir", disk.folder().toString());
      try (GrainExecutor executor = GrainExecutor.open(cluster.over(worker))) {
        JobOptions options = JobOptions.of(cpu(1)).code(Code.git(repository.url()));
        assertThatExceptionOfType(JobNotStartedException.class)
            .isThrownBy(() -> executor.exec(options, Command.of("true")))
            .withMessageContaining("The disk of the cache " + disk.folder())
            .withMessageContaining("is full");
        assertThat(executor.exec(cpu(1), Command.of("echo", "runs")).stdout()).isEqualTo("runs\n");
      }
    }
  }
}
