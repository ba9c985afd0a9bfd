package dev.grain.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class CoresGivenTest {
  private static final Pattern CORES = Pattern.compile("\\[cpu\\((\\d)\\)\\] cores \\[(.*)\\]");

  @Test
  void main_threeJobs_haveAsManyDistinctCoresAsTheyAskedForAndCountTheSame() {
    List<String> lines = Program.run(CoresGiven.class, "100000");

    List<Integer> asked = new ArrayList<>();
    for (String line : lines) {
      Matcher matcher = CORES.matcher(line);
      if (matcher.matches()) {
        List<Integer> cores =
            Arrays.stream(matcher.group(2).split(", ", -1)).map(Integer::valueOf).toList();
        assertThat(cores).doesNotHaveDuplicates().allMatch(core -> core >= 0 && core < 4);
        assertThat(cores).hasSize(Integer.parseInt(matcher.group(1)));
        asked.add(cores.size());
      }
    }
    assertThat(asked).containsExactlyInAnyOrder(1, 2, 3);
    // There are 9,592 primes up to 100,000.
    assertThat(lines.subList(3, lines.size()))
        .containsExactly(
            "9592 primes up to 100000, counted with 1 core",
            "9592 primes up to 100000, counted with 2 cores",
            "9592 primes up to 100000, counted with 3 cores");
  }
}
