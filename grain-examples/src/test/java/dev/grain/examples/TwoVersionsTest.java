package dev.grain.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwoVersionsTest {
  @TempDir private Path cache;

  @Test
  void main_runsTheFunctionOfEachBranch() {
    List<String> lines = Program.run(TwoVersions.class, Map.of("XDG_CACHE_HOME", cache.toString()));

    assertThat(lines)
        .containsExactly(
            "main        4 evaluations: off by 5.2e-02",
            "main       40 evaluations: off by 5.1e-04",
            "main      400 evaluations: off by 5.1e-06",
            "simpson     5 evaluations: off by 4.6e-03",
            "simpson    41 evaluations: off by 4.2e-07",
            "simpson   401 evaluations: off by 4.2e-11");
  }
}
