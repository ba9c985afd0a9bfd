package dev.grain.examples;

import static dev.grain.resource.Resources.cpu;

import dev.grain.Code;
import dev.grain.Command;
import dev.grain.CommandResult;
import dev.grain.Environment;
import dev.grain.Grain;
import dev.grain.JobOptions;
import dev.grain.RunOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Runs a script of Python with the packages that it requires, once for each of several seeds, and
 * prints what each run printed. Without arguments, it is a script that estimates pi and requires
 * nothing but Python.
 *
 * <p>What it teaches: programs with an environment.
 *
 * <ul>
 *   <li>The environment is described by a {@code requirements.txt}. The worker makes it before the
 *       first job and keeps it, so later jobs, and later runs of this program, start at once.
 *   <li>{@code python3} is the one of the environment, as its programs come first on the path.
 *   <li>The code is a folder of this machine. For workers on other machines, use {@code Code.git}.
 *   <li>Preparing environments needs the artifact {@code grain-worker} on the class path, as this
 *       program runs its jobs itself.
 * </ul>
 */
public final class PythonScript {
  private static final String ESTIMATE =
      """
      import random
      import sys

      draw = random.Random(int(sys.argv[1])).random
      points = 100_000
      hits = sum(draw() ** 2 + draw() ** 2 < 1 for _ in range(points))
      print(4 * hits / points)
      """;

  private static final int SEEDS = 5;

  private PythonScript() {}

  /** Runs the program. Arguments: a script and its {@code requirements.txt}; or none. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length == 2) {
      run(Path.of(arguments[0]).toAbsolutePath(), Path.of(arguments[1]));
      return;
    }
    Path folder = Files.createTempDirectory("python-script");
    Path script = folder.resolve("estimate.py");
    Path requirements = folder.resolve("requirements.txt");
    try {
      Files.writeString(script, ESTIMATE);
      Files.writeString(requirements, "# add a line for each package, such as numpy==2.1\n");
      run(script, requirements);
    } finally {
      Files.deleteIfExists(requirements);
      Files.deleteIfExists(script);
      Files.delete(folder);
    }
  }

  private static void run(Path script, Path requirements) {
    List<Integer> seeds = IntStream.rangeClosed(1, SEEDS).boxed().toList();
    JobOptions options =
        JobOptions.of(cpu(1))
            .code(Code.folder(script.resolveSibling("").toString()))
            .environment(Environment.venv(requirements));
    Command command = Command.template("python3", script.getFileName().toString(), "{}");
    List<CommandResult> results =
        Grain.runCombine(
            () -> Grain.map(options, command, seeds), RunOptions.defaults().echo(false));
    for (int seed : seeds) {
      System.out.printf("seed %s: %s%n", seed, results.get(seed - 1).stdout().strip());
    }
  }
}
