package dev.grain.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code docs/job-file.md} shows is read, and lists every key. */
final class JobFileDocTest {
  private static final Path PAGE = Path.of("../docs/job-file.md");
  private static final Pattern BLOCK = Pattern.compile("(?s)\n```yaml\n(.*?)```\n");
  private static final Pattern CODE = Pattern.compile("`(\\w+)`");

  static Stream<String> blocks() throws IOException {
    return BLOCK.matcher(Files.readString(PAGE)).results().map(block -> block.group(1));
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void block_isRead(String yaml) {
    assertThat(JobSpecs.readYaml(yaml)).isNotEmpty();
  }

  @Test
  void table_listsEveryKey() throws IOException {
    Set<String> listed = new TreeSet<>();
    Set<String> within = new TreeSet<>();
    for (String row : Files.readAllLines(PAGE)) {
      String[] cells = row.split(" \\| |^\\| ", -1);
      if (row.startsWith("| `") && cells.length == 4) {
        CODE.matcher(cells[1]).results().map(code -> code.group(1)).forEach(listed::add);
        CODE.matcher(cells[2]).results().map(code -> code.group(1)).forEach(within::add);
      }
    }
    assertThat(listed)
        .containsExactlyInAnyOrderElementsOf(Stream.of(Keys.OF_JOB).map(Key::name).toList());
    assertThat(within)
        .containsAll(
            Stream.of(Keys.OF_RESOURCES, Keys.OF_ISOLATION, Keys.OF_ENVIRONMENT)
                .flatMap(Stream::of)
                .map(Key::name)
                .toList());
  }

  @Test
  void mistakes_areThoseThatAreShown() throws IOException {
    List<String> shown = new ArrayList<>();
    for (MatchResult block :
        Pattern.compile("(?s)\n```text\n(.*?)```\n")
            .matcher(Files.readString(PAGE))
            .results()
            .toList()) {
      shown.addAll(block.group(1).lines().toList());
    }
    List<String> told = List.of();
    try {
      JobSpecs.readYaml(
          "jobs:\n- command: hostname\n  resources:\n    cpus: 2\n    memory: 8 gigs\n");
    } catch (JobSpecException e) {
      told = e.problems().stream().map(Problem::toString).toList();
    }
    assertThat(shown).isNotEmpty().isEqualTo(told);
  }
}
