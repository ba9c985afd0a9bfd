package dev.grain.minion.file;

import dev.grain.minion.testing.QueueConformance;
import java.nio.file.Path;
import java.time.Duration;

/** The queue in a folder, with minions that share it. */
final class FileConformanceTest extends QueueConformance {
  @Override
  protected String address(String name, Path folder) {
    return "file:%s?lease=%ss".formatted(folder.resolve(name), lease().toSeconds());
  }

  @Override
  protected Duration lease() {
    return Duration.ofSeconds(2);
  }
}
