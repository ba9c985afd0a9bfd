package dev.grain.node.prepare;

import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** Finds the one {@link PreparerFactory} of a process. */
public final class PreparerFactories {
  private static final String MISSING =
      "Code from git, and environments, need the artifact dev.grain:grain-worker on the class path";

  private PreparerFactories() {}

  /**
   * Returns the factory.
   *
   * @throws PreparationException if there is none; the message says which artifact has it
   */
  public static PreparerFactory find() throws PreparationException {
    try {
      return ServiceLoader.load(PreparerFactory.class, PreparerFactories.class.getClassLoader())
          .findFirst()
          .orElseThrow(() -> PreparationException.everywhere(MISSING + "."));
    } catch (ServiceConfigurationError e) {
      throw PreparationException.everywhere(
          MISSING + ", beside that of dev.grain:grain-core (" + e.getMessage() + ").");
    }
  }
}
