package dev.grain.folder;

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
    ProcessFolder.sweep(cache, "use-");
    assertThat(folder).doesNotExist();
  }

  @Test
  void sweep_ofAnEmptyFolder_removesIt() throws Exception {
    Path folder = folderOfAnother();
    ProcessFolder.sweep(cache, "use-");
    assertThat(folder).doesNotExist();
  }

  /** Its owner may be about to lock it. */
  @Test
  void sweep_ofAFolderWithoutALock_removesNoFile() throws Exception {
    Path folder = folderOfAnother("part");
    ProcessFolder.sweep(cache, "use-");
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

  /** Looking at the lock would give it up, and then another process would remove the folder. */
  @Test
  void folder_thatSomebodyHasRemoved_isMadeAnew() throws Exception {
    ProcessFolder folder = ProcessFolder.temporary(cache, "some-");
    Path first = folder.open();
    ProcessFolder.delete(first);
    Path second = folder.path();
    assertThat(second).isDirectory().isNotEqualTo(first);
    assertThat(folder.path()).isEqualTo(second);
    folder.close();
    assertThat(second).doesNotExist();
  }

  @Test
  void sweep_bySomethingElseOfTheSameProcess_leavesItsFoldersLocked() throws Exception {
    ProcessFolder first = ProcessFolder.within(cache.resolve("cache"), "use-");
    ProcessFolder second = ProcessFolder.within(cache.resolve("cache"), "use-");
    try {
      Path ofFirst = first.open();
      Path ofSecond = second.open();
      ProcessFolder.sweep(cache.resolve("cache"), "use-");
      Process another = program(1).start();
      assertThat(another.waitFor()).isZero();
      assertThat(ofFirst.resolve("lock")).exists();
      assertThat(ofSecond.resolve("lock")).exists();
    } finally {
      first.close();
      second.close();
    }
    assertThat(cache.resolve("cache")).isEmptyDirectory();
  }

  @Test
  void folder_withALinkInIt_isRemovedWithoutWhatTheLinkShows() throws Exception {
    Path precious = Files.createDirectory(cache.resolve("precious"));
    Files.createFile(precious.resolve("file"));
    ProcessFolder folder = ProcessFolder.temporary(cache, "some-");
    Path mine = folder.open();
    Files.createSymbolicLink(mine.resolve("link"), precious);
    folder.close();
    assertThat(mine).doesNotExist();
    assertThat(precious.resolve("file")).exists();
  }

  @Test
  void processThatIsKilled_nextOneRemovesItsFolder_andThoseOfNoOther() throws Exception {
    Process living = program(0).start();
    Process killed = program(0).start();
    ProcessFolder next = ProcessFolder.within(cache.resolve("cache"), "use-");
    try {
      Path ofLiving = Path.of(living.inputReader().readLine());
      Path ofKilled = Path.of(killed.inputReader().readLine());
      killed.destroyForcibly().waitFor();
      assertThat(ofKilled.resolve("file")).exists();
      next.open();
      assertThat(ofKilled).doesNotExist();
      assertThat(ofLiving.resolve("file")).exists();
      living.getOutputStream().close();
      assertThat(living.waitFor()).isZero();
      assertThat(ofLiving).doesNotExist();
    } finally {
      next.close();
      living.destroyForcibly().waitFor();
      killed.destroyForcibly().waitFor();
    }
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
    return program(TIMES).redirectErrorStream(true).redirectOutput(log.toFile()).start();
  }

  private ProcessBuilder program(int times) {
    return new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-cp",
        System.getProperty("java.class.path"),
        ProcessFolderProgram.class.getName(),
        cache.resolve("cache").toString(),
        Integer.toString(times));
  }
}
