package dev.grain.environment;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/**
 * What an environment changes for a job.
 *
 * @param path the folders that come first on its {@code PATH}
 * @param variables the environment variables that it gets
 * @param removed the environment variables that it must not have
 * @param classPath the jars of a function, in this order
 */
public record EnvironmentEffects(
    List<Path> path,
    SequencedMap<String, String> variables,
    Set<String> removed,
    List<Path> classPath) {
  /** Nothing. */
  public static final EnvironmentEffects NONE =
      new EnvironmentEffects(List.of(), new LinkedHashMap<>(), Set.of(), List.of());
}
