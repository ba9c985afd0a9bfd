package dev.grain.node.confine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux tells when a process started")
final class LifeTest {
  @TempDir private Path processes;
  private final Life own = Life.next();

  private static Life with(Life life, long process, long started) {
    return new Life(life.namespace(), process, started, life.number());
  }

  @Test
  void isOver_processThatRuns_isNot() {
    assertThat(Life.isOver(own.name())).isFalse();
  }

  @Test
  void isOver_otherProcessWithTheSameId_isTrue() {
    assertThat(Life.isOver(with(own, own.process(), own.started() + 1).name())).isTrue();
  }

  @Test
  void isOver_processThatIsGone_isTrue() {
    assertThat(Life.isOver(with(own, 1L << 40, own.started()).name())).isTrue();
  }

  @Test
  void isOver_processThatIsThereButCannotBeRead_isNot() throws IOException {
    // opening its file fails, as it does where too many files are open
    Files.createDirectories(processes.resolve(own.process() + "/stat"));
    assertThat(Life.isOver(own.name(), processes)).isFalse();
  }

  @Test
  void isOver_otherName_isNot() {
    assertThat(Life.isOver("grain-worker")).isFalse();
    assertThat(Life.isOver("grain-" + own.namespace() + "-x-y-1")).isFalse();
  }
}
