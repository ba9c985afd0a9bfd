package dev.grain.top;

import dev.grain.cli.Mistake;
import dev.grain.cli.minion.MinionVariables;
import dev.grain.text.Spelling;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The folder that minions report to, by the same variables as theirs. Without {@code
 * MINION_REPORTER}, it is the folder of the reporter {@code json}.
 */
final class ReportFolder {
  private static final String REPORTER = "MINION_REPORTER";
  private static final List<String> REPORTERS = List.of("null", "stdout", "json");

  private ReportFolder() {}

  /**
   * Returns the folder as people would name it from the working folder.
   *
   * @param named what the command line says; null if it says nothing
   * @param working the working folder, which may have a file {@code .env}
   * @throws Mistake if the reporter has no folder, or the file has an error
   */
  static Path of(@Nullable Path named, Path working, Map<String, String> environment) {
    if (named != null) {
      return named;
    }
    MinionVariables variables = MinionVariables.in(working, environment);
    String reporter = variables.get(REPORTER);
    String name = reporter == null ? "" : reporter.toLowerCase(Locale.ROOT);
    return switch (name) {
      case "", "json" -> Path.of(variables.reporterFolder());
      case "null", "stdout" ->
          throw new Mistake(
              ("%s reports no stat: it keeps nothing that could be read. Set %s=json, for the"
                      + " minions and here, or name the folder of their reports.")
                  .formatted(name, REPORTER));
      default -> throw new Mistake(unknown(name));
    };
  }

  private static String unknown(String reporter) {
    String near = Spelling.nearest(reporter, REPORTERS);
    return "%s=%s: there is no such reporter%s Known are %s."
        .formatted(
            REPORTER,
            reporter,
            near == null ? "." : "; did you mean " + near + "?",
            String.join(", ", REPORTERS));
  }
}
