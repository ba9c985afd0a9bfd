package dev.grain.top;

import dev.grain.cli.Mistake;
import dev.grain.cli.minion.ReporterSetting;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The folder that minions report to, by the same variables and files as theirs. If these name no
 * reporter, it is the folder of the reporter {@code json}.
 */
final class ReportFolder {
  private ReportFolder() {}

  /**
   * Returns the folder as people would name it from the working folder.
   *
   * @param named what the command line says; null if it says nothing
   * @param working the working folder, which may have files with settings
   * @throws Mistake if the reporter has no folder, or a file has an error
   */
  static Path of(@Nullable Path named, Path working, Map<String, String> environment) {
    if (named != null) {
      return named;
    }
    ReporterSetting setting = ReporterSetting.in(working, environment);
    return switch (setting.kind()) {
      case JSON -> setting.folder();
      case null -> setting.folder();
      case NULL, STDOUT ->
          throw new Mistake(
              ("%s reports no stat: it keeps nothing that could be read. Set MINION_REPORTER=json,"
                      + " for the minions and here, or name the folder of their reports.")
                  .formatted(setting.kind()));
    };
  }
}
