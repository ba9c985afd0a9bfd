package dev.grain.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.eclipse.jgit.util.FS;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What JGit gets to know of the system. */
final class QuietSystemTest {
  @TempDir private Path folder;

  @Test
  void resolutionOfTimeStamps_isTold_andNotMeasured() throws Exception {
    Duration resolution =
        QuietSystem.call(() -> {
          QuietSystem.expectTimeStamps(folder);
          return FS.getFileStoreAttributes(folder).getFsTimestampResolution();
        });

    assertThat(resolution).isEqualTo(Duration.ofSeconds(2));
  }
}
