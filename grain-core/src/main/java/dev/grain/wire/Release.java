package dev.grain.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The release of Grain that this process runs. */
public final class Release {
  private static final String NAME = read();

  private Release() {}

  /** Returns its name, for example {@code 0.1.0}. */
  public static String name() {
    return NAME;
  }

  private static String read() {
    try (InputStream text = Release.class.getResourceAsStream("release.txt")) {
      return new String(Objects.requireNonNull(text).readAllBytes(), StandardCharsets.UTF_8)
          .strip();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the release of Grain from its own jar", e);
    }
  }
}
