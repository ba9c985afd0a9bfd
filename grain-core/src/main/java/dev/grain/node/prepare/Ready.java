package dev.grain.node.prepare;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a job finds ready on its node.
 *
 * @param code folders and jars with its code; a command runs in the first one, unless it has a
 *     workspace
 * @param workspaces folders with a copy of the code for commands, one for each; null if they run in
 *     the first folder with code
 * @param classPath the class path of a function, after that of its program: jars, whose names end
 *     with {@code .jar}, and folders
 * @param programs folders with programs, before those on the path of the node
 * @param variables environment variables, over those of the node
 * @param removed environment variables of the node that it must not have
 * @param image the image of its container, as the engine of the node knows it; empty without one
 * @param held what must stay as it is while the job runs
 */
public record Ready(
    List<Path> code,
    @Nullable Workspaces workspaces,
    List<Path> classPath,
    List<Path> programs,
    Map<String, String> variables,
    Set<String> removed,
    String image,
    List<Held> held)
    implements AutoCloseable {
  /** Nothing, for a job that needs nothing. */
  public static final Ready NOTHING =
      new Ready(List.of(), null, List.of(), List.of(), Map.of(), Set.of(), "", List.of());

  private static final String PATH = "PATH";

  /** Changes the environment variables of the node to those of a process of the job. */
  public void applyTo(Map<String, String> environment) {
    removed.forEach(environment::remove);
    if (!programs.isEmpty()) {
      String first =
          programs.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
      String known = environment.getOrDefault(PATH, "");
      environment.put(PATH, known.isEmpty() ? first : first + File.pathSeparator + known);
    }
    environment.putAll(variables);
  }

  /** Releases everything; no job may use it any more. */
  @Override
  public void close() {
    held.forEach(Held::close);
  }
}
