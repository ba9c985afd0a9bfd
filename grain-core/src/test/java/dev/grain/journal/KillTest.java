package dev.grain.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.NothingLeft;
import dev.grain.code.Codec;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A head that is killed again and again; {@code -Dgrain.kills=100} kills it so often, {@code
 * -Dgrain.seed=N} at other moments.
 */
@ExtendWith(NothingLeft.class)
final class KillTest {
  private static final int KILLS = Integer.getInteger("grain.kills", 5);
  private static final int JOBS = KilledProgram.GROUPS * KilledProgram.JOBS;
  private static final int SMALL = 10;
  private static final int LARGE = 2_000;

  /** A limit of files, in KiB, that a journal of all large values does not fit in. */
  private static final int FILE_LIMIT = 200;

  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

  @TempDir private Path folder;
  private Path file;

  // the jobs whose values the journal had when the last life ended
  private final Set<Integer> journaled = new HashSet<>();

  @BeforeEach
  void begin() {
    file = folder.resolve("run.journal");
  }

  /** What a life printed before its end. */
  private record Life(List<String> lines, int code, String error) {
    List<Integer> jobs(String verb) {
      return lines.stream()
          .filter(line -> line.startsWith(verb))
          .map(line -> Integer.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
          .toList();
    }

    boolean isDone() {
      return lines.contains("done");
    }
  }

  private ProcessBuilder program(int size) {
    return new ProcessBuilder(
        JAVA.toString(),
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",
        "-cp",
        classPath(),
        KilledProgram.class.getName(),
        file.toString(),
        String.valueOf(size));
  }

  private static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Lets it live until it has printed so much, and kills it. */
  private Life live(ProcessBuilder builder, int most) throws Exception {
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    Path error = folder.resolve("err");
    Process process = builder.redirectError(error.toFile()).start();
    List<String> lines = new ArrayList<>();
    try (BufferedReader out = process.inputReader()) {
      String line = "";
      while (lines.size() < most && line != null) {
        line = out.readLine();
        addIfWhole(line, lines);
      }
      if (lines.size() == most) {
        process.toHandle().destroyForcibly(); // leaves what it has said to be read
      }
      while (line != null) {
        line = out.readLine();
        addIfWhole(line, lines);
      }
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Life(lines, process.exitValue(), Files.readString(error));
  }

  private static void addIfWhole(String line, List<String> lines) {
    if (line != null) {
      lines.add(line);
    }
  }

  /** Checks what a life printed, and records what the journal has now. */
  private void check(Life life) throws IOException {
    assertThat(life.jobs("got")).as("outcomes of one life").doesNotHaveDuplicates();
    assertThat(life.jobs("ran")).as("runs in one life").doesNotHaveDuplicates();
    assertThat(life.jobs("ran"))
        .as("jobs that were in the journal before")
        .filteredOn(journaled::contains)
        .isEmpty();
    Set<Integer> now = jobsInJournal();
    assertThat(now).as("the journal").containsAll(journaled).containsAll(life.jobs("got"));
    journaled.addAll(now);
  }

  /** Reads a copy, so that the journal stays as the life has left it. */
  private Set<Integer> jobsInJournal() throws IOException {
    Set<Integer> jobs = new HashSet<>();
    if (!Files.exists(file)) {
      return jobs;
    }
    Path copy = folder.resolve("copy.journal");
    Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
    Codec code = new Codec(KillTest.class.getClassLoader());
    try (Source source = new Source(copy)) {
      Scan scan = new Scan(source);
      Scan.Found found = scan.at(JournalFormat.HEADER);
      while (found != null) {
        if (found.entry() instanceof JournalEntry.Ended) {
          String value = (String) code.decodeValue(scan.value(found.position()));
          assertThat(jobs.add(Integer.valueOf(value.split(" ", 3)[1])))
              .as("written twice")
              .isTrue();
        }
        found = scan.at(found.end());
      }
    }
    return jobs;
  }

  @Test
  void head_killedAgainAndAgain_runsNothingTwiceThatItHasWritten() throws Exception {
    Random random = new Random(Long.getLong("grain.seed", 1));
    Map<Integer, Integer> runs = new HashMap<>();
    int kills = 0;
    int programs = 0;
    while (kills < KILLS || programs == 0) {
      int most = kills < KILLS ? random.nextInt(JOBS) : Integer.MAX_VALUE;
      Life life = live(program(SMALL), most);
      check(life);
      life.jobs("ran").forEach(job -> runs.merge(job, 1, Integer::sum));
      if (life.isDone()) {
        assertThat(life.jobs("got")).hasSize(JOBS);
        assertThat(journaled).hasSize(JOBS);
        assertThat(runs).hasSize(JOBS);
        programs++;
        journaled.clear();
        runs.clear();
        Files.delete(file);
      } else {
        assertThat(life.code()).as(life.error()).isEqualTo(137);
        kills++;
      }
    }
  }

  @Test
  void journal_thatCannotGrow_endsTheRun_andTheNextLifeGoesOn() throws Exception {
    List<String> command = program(LARGE).command();
    ProcessBuilder limited =
        new ProcessBuilder("bash", "-c", "ulimit -f " + FILE_LIMIT + "; exec \"$@\"", "limited");
    limited.command().addAll(command);
    Life full = live(limited, Integer.MAX_VALUE);
    check(full);
    assertThat(full.isDone()).isFalse();
    assertThat(full.code()).isEqualTo(1);
    assertThat(full.error())
        .contains("dev.grain.JournalException: The journal " + file + " cannot be written: ")
        .contains("start the program again");
    assertThat(journaled).hasSizeBetween(1, JOBS - 1);

    Life next = live(program(LARGE), Integer.MAX_VALUE);
    check(next);
    assertThat(next.isDone()).as(next.error()).isTrue();
    assertThat(next.jobs("got")).hasSize(JOBS);
  }
}
