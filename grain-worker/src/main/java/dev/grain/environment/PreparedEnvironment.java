package dev.grain.environment;

import dev.grain.node.prepare.Prepared;
import java.nio.file.Path;

/** An environment that is ready, and stays until it is closed. For all threads. */
public final class PreparedEnvironment implements Prepared {
  private final Prepared content;
  private final EnvironmentEffects effects;

  PreparedEnvironment(Prepared content, EnvironmentEffects effects) {
    this.content = content;
    this.effects = effects;
  }

  /** Returns what it changes for a job. */
  public EnvironmentEffects effects() {
    return effects;
  }

  @Override
  public Path path() {
    return content.path();
  }

  @Override
  public void close() {
    content.close();
  }
}
