package dev.grain.environment;

import dev.grain.node.prepare.PreparationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/** What a script installs. */
final class ScriptBuilder implements Builder {
  private final Machine machine;

  ScriptBuilder(Machine machine) {
    this.machine = machine;
  }

  @Override
  public List<String> identity() {
    return List.of();
  }

  @Override
  public void make(Build build) throws PreparationException, IOException, InterruptedException {
    Path target = Files.createDirectories(build.target());
    List<String> words = new ArrayList<>(interpreter(build));
    words.add(build.main().toString());
    build.run(
        "running " + build.setting().path(), words, Map.of("GRAIN_ENVIRONMENT", target.toString()));
    // so that a mistake in it is found before it is complete
    effects(target);
  }

  /**
   * Returns the program that runs the script, and at most one argument for it, as the system reads
   * the first line. The system itself might find the script still open for writing.
   */
  private List<String> interpreter(Build build) throws PreparationException, IOException {
    String first = Files.readString(build.main()).lines().findFirst().orElse("");
    String line = first.startsWith("#!") ? first.substring(2).strip() : "sh";
    String[] words = line.split("\\s+", 2);
    Path program = machine.find(words[0]);
    if (program == null) {
      throw PreparationException.here(
          "There is no program %s on this worker (its PATH is %s), which %s names in its first line. Install it."
              .formatted(words[0], machine.path(), build.setting().path()));
    }
    return words.length == 1 ? List.of(program.toString()) : List.of(program.toString(), words[1]);
  }

  @Override
  public EnvironmentEffects effects(Path target) throws PreparationException, IOException {
    Path programs = target.resolve("bin");
    Path file = target.resolve("environment");
    SequencedMap<String, String> variables = VariablesFile.readIfThere(file);
    return new EnvironmentEffects(
        Files.isDirectory(programs) ? List.of(programs) : List.of(),
        variables,
        Set.of(),
        List.of());
  }
}
