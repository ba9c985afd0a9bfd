package dev.grain.environment;

import dev.grain.message.EnvironmentSetting;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Progress;
import dev.grain.node.process.Signals;
import dev.grain.node.process.Tool;
import dev.grain.text.Durations;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The making of one environment, within its time limit. For one thread. */
final class Build {
  private static final String TARGET = "environment";
  private static final String DEFINITION = "definition";

  /** How much of what a tool has printed a message has. */
  private static final int SHOWN = 2_000;

  private static final Pattern SECRET = Pattern.compile("://[^/\\s@]*@");
  private static final Pattern FULL =
      Pattern.compile("(?i)no space left on device|errno 28\\b|disk quota exceeded|errno 122\\b");

  /** What would lead tools of Python elsewhere than into the environment. */
  private static final Set<String> MISLEADING =
      Set.of(
          "PYTHONHOME",
          "PYTHONPATH",
          "PYTHONSTARTUP",
          "VIRTUAL_ENV",
          "CONDA_PREFIX",
          "CONDA_DEFAULT_ENV",
          "PIP_TARGET",
          "PIP_PREFIX",
          "PIP_ROOT",
          "__PYVENV_LAUNCHER__");

  private final EnvironmentSetting setting;
  private final Source source;
  private final Path folder;
  private final Map<String, String> environment;
  private final Progress progress;
  private final long start = System.nanoTime();

  /**
   * Makes one.
   *
   * @param folder empty; where the environment is, and what it was made from
   * @param environment the environment variables of this process
   */
  Build(
      EnvironmentSetting setting,
      Source source,
      Path folder,
      Map<String, String> environment,
      Progress progress) {
    this.setting = setting;
    this.source = source;
    this.folder = folder;
    this.environment = environment;
    this.progress = progress;
  }

  /** Returns where the environment is, if the folder is that of a build. */
  static Path target(Path folder) {
    return folder.resolve(TARGET);
  }

  Path target() {
    return target(folder);
  }

  /** Returns the copy of the file that defines the environment. */
  Path main() {
    return folder.resolve(DEFINITION).resolve(source.main());
  }

  /** Returns where tools run. */
  Path base() {
    return folder.resolve(DEFINITION).resolve(source.base());
  }

  EnvironmentSetting setting() {
    return setting;
  }

  Progress progress() {
    return progress;
  }

  Duration timeLeft() {
    return Duration.ofNanos(Math.max(1, setting.timeLimit() - (System.nanoTime() - start)));
  }

  void writeSource() throws IOException, InterruptedException {
    source.writeTo(folder.resolve(DEFINITION));
  }

  /** Runs a tool where the paths of the definition are relative to; see the other method. */
  void run(String phase, List<String> words, Map<String, String> variables)
      throws PreparationException, IOException, InterruptedException {
    run(phase, words, variables, base());
  }

  /**
   * Runs a tool.
   *
   * @param phase what it does, for people
   * @param words its path and its arguments
   * @param variables what is set beside the variables of this process
   * @throws PreparationException if it fails or takes too long
   */
  void run(String phase, List<String> words, Map<String, String> variables, Path where)
      throws PreparationException, IOException, InterruptedException {
    progress.report(phase, 0, 0);
    Map<String, String> all = new HashMap<>(environment);
    all.keySet().removeAll(MISLEADING);
    all.putAll(variables);
    Tool.End end = Tool.run(words, all, where, timeLeft());
    if (end.timedOut()) {
      throw tooLong(phase, end.output());
    }
    if (end.exitCode() != 0) {
      if (FULL.matcher(end.output()).find()) {
        throw new IOException("No space left on device");
      }
      throw PreparationException.everywhere(
          "The environment %s could not be made: \"%s\" %s%s"
              .formatted(
                  setting.description(), String.join(" ", words), exit(end), tail(end.output())));
    }
  }

  private static String exit(Tool.End end) {
    String signal = Signals.nameOf(end.exitCode());
    return signal == null ? "exited with code " + end.exitCode() : "was killed by " + signal;
  }

  PreparationException tooLong(String phase, String output) {
    return PreparationException.here(
        "The environment %s was not ready within its time limit of %s, while %s. Allow more time by Environment.timeout%s"
            .formatted(
                setting.description(),
                Durations.readable(Duration.ofNanos(setting.timeLimit())),
                phase,
                tail(output)));
  }

  /** Returns the end of an output without passwords, to end a sentence with. */
  static String tail(String output) {
    String text = withoutSecrets(output.strip());
    if (text.isEmpty()) {
      return ".";
    }
    if (text.length() > SHOWN) {
      text = text.substring(text.length() - SHOWN);
      text = text.substring(text.indexOf('\n') + 1);
    }
    return "; its output ends with:\n" + text;
  }

  static String withoutSecrets(String text) {
    return SECRET.matcher(text).replaceAll("://");
  }
}
