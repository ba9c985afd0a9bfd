package dev.grain.cli.minion;

import dev.grain.cli.Mistake;
import dev.grain.text.Spelling;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where minions report to, as their flags, variables and files have it.
 *
 * @param kind which reporter they have; null if nothing names one
 * @param folder the folder of the reporter {@code json}, which may be relative to the working
 *     folder
 */
public record ReporterSetting(@Nullable Kind kind, Path folder) {
  private static final String FOLDER = "minion-report";

  /** The reporters, by their names in capital letters. */
  public enum Kind {
    /** Reports nothing. */
    NULL,
    /** Prints a line for each event. */
    STDOUT,
    /** Writes events to a folder. */
    JSON;

    private static final List<String> NAMES = Arrays.stream(values()).map(Kind::toString).toList();

    /**
     * Reads a name.
     *
     * @param where where it is written, for a message
     * @return null if there is no name
     * @throws Mistake if there is no such reporter
     */
    static @Nullable Kind parse(String where, @Nullable String name) {
      if (name == null || name.isEmpty()) {
        return null;
      }
      return Arrays.stream(values())
          .filter(each -> each.name().equalsIgnoreCase(name))
          .findAny()
          .orElseThrow(() -> unknown(where, name));
    }

    private static Mistake unknown(String where, String name) {
      String near = Spelling.nearest(name, NAMES);
      return new Mistake(
          "%s%s: there is no such reporter%s Known are %s."
              .formatted(
                  where,
                  name,
                  near == null ? "." : "; did you mean " + near + "?",
                  String.join(", ", NAMES)));
    }

    /** Returns the name as people write it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Returns the setting of the minions that are started in a folder without flags for it.
   *
   * @param working may have the files {@code .env} and {@code .minion.yml}
   * @throws Mistake if one of them has an error, or names no reporter
   */
  public static ReporterSetting in(Path working, Map<String, String> environment) {
    MinionVariables variables = MinionVariables.in(working, environment);
    MinionFile file = MinionFile.in(working);
    Kind kind = variables.reporter();
    String folder = variables.reporterFolder();
    return new ReporterSetting(
        kind == null ? Kind.parse(file.path() + ": reporter: ", file.text("reporter")) : kind,
        folderOf(folder == null ? file.text("reporterFolder") : folder));
  }

  /**
   * Returns the setting of a minion.
   *
   * @param flags its flags, with what the file has beneath the variables
   */
  static ReporterSetting of(MinionFlags flags, MinionVariables variables) {
    Kind kind = Kind.parse("--reporter ", flags.reporter);
    return new ReporterSetting(
        kind == null ? variables.reporter() : kind,
        flags.reporterFolder == null ? folderOf(variables.reporterFolder()) : flags.reporterFolder);
  }

  private static Path folderOf(@Nullable String named) {
    return Path.of(named == null ? FOLDER : named);
  }
}
