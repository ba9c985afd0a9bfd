package dev.grain.environment;

import dev.grain.node.prepare.PreparationException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Makes environments of one kind with what is installed on this machine. */
interface Builder {
  /**
   * Returns what the environment depends on beside its files: the tools and their versions.
   *
   * @throws PreparationException if a tool is missing
   */
  List<String> identity() throws PreparationException, InterruptedException;

  /** Makes it in {@link Build#target}, where nothing is yet. */
  void make(Build build) throws PreparationException, IOException, InterruptedException;

  /** Returns what the environment that was made changes for a job. */
  EnvironmentEffects effects(Path target) throws PreparationException, IOException;
}
