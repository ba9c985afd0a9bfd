package dev.grain.code.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProcessFolderTest {
  private static final int PROCESSES = 3;
  private static final int TIMES = 1_000;

  @TempDir Path cache;

  private Path folderOfAnother(String... files) throws Exception {
    Path folder = Files.createDirectory(cache.resolve("use-another-1"));
    for (String file : files) {
      Files.createFile(folder.resolve(file));
    }
    return folder;
  }

  @Test
  void sweep_ofAFolderThatNobodyLocks_removesIt() throws Exception {
    Path folder = folderOfAnother("lock", "part");
    ProcessFolder.sweep(cache);
    assertThat(folder).doesNotExist();
  }

  @Test
  void sweep_ofAnEmptyFolder_removesIt() throws Exception {
    Path folder = folderOfAnother();
    ProcessFolder.sweep(cache);
    assertThat(folder).doesNotExist();
  }

  /** Its owner may be about to lock it. */
  @Test
  void sweep_ofAFolderWithoutALock_removesNoFile() throws Exception {
    Path folder = folderOfAnother("part");
    ProcessFolder.sweep(cache);
    assertThat(folder.resolve("part")).exists();
  }

  @Test
  void temporaryFolder_removesWhatItsLikesHaveLeft_andNothingElse() throws Exception {
    Path left = Files.createDirectory(cache.resolve("some-another-1"));
    Files.createFile(left.resolve("lock"));
    Path precious = Files.createDirectory(cache.resolve("precious"));
    Files.createFile(precious.resolve("lock"));
    Files.createSymbolicLink(cache.resolve("some-another-2"), precious);
    Path unlike = folderOfAnother("lock");

    ProcessFolder folder = ProcessFolder.temporary(cache, "some-");
    Path mine = folder.open();
    assertThat(left).doesNotExist();
    assertThat(precious.resolve("lock")).exists();
    assertThat(unlike.resolve("lock")).exists();
    Files.createFile(mine.resolve("file"));
    folder.close();
    assertThat(mine).doesNotExist();
  }

  @Test
  void folders_ofProcessesThatSweepAllTheTime_stayWhileTheyAreOpen() throws Exception {
    List<Process> processes = new ArrayList<>();
    try {
      for (int number = 0; number < PROCESSES; number++) {
        processes.add(start(cache.resolve("log" + number)));
      }
      for (int number = 0; number < PROCESSES; number++) {
        int code = processes.get(number).waitFor();
        assertThat(code).as(Files.readString(cache.resolve("log" + number))).isZero();
      }
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
  }

  private Process start(Path log) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            ProcessFolderProgram.class.getName(),
            cache.resolve("cache").toString(),
            Integer.toString(TIMES))
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }
}
