package dev.grain.code.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SharedPackagesTest {
  private static final Path SOURCES = Path.of("src/main/java");

  @Test
  void grain_isExactlyThePackagesOfThisModule() throws IOException {
    try (Stream<Path> files = Files.walk(SOURCES)) {
      assertThat(SharedPackages.GRAIN)
          .isEqualTo(
              files
                  .filter(file -> file.toString().endsWith("package-info.java"))
                  .map(file -> SOURCES.relativize(file.getParent()).toString().replace('/', '.'))
                  .collect(Collectors.toSet()));
    }
  }

  @Test
  void packages_haveTheirOwners() {
    assertThat(SharedPackages.isWorkers("dev.grain.resource")).isTrue();
    assertThat(SharedPackages.isWorkers("org.slf4j.event")).isTrue();
    assertThat(SharedPackages.isWorkers("dev.grain.examples")).isFalse();
    assertThat(SharedPackages.isWorkers("org.slf4jx")).isFalse();
    assertThat(SharedPackages.isJdk("java.util")).isTrue();
    assertThat(SharedPackages.isJdk("java.sql")).isTrue();
    assertThat(SharedPackages.isJdk("javax.inject")).isFalse();
  }
}
