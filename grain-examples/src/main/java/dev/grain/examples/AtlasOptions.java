package dev.grain.examples;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The options on the command line of {@link ClassAtlas}.
 *
 * @param modules the modules to read; empty for all
 * @param report where the report goes
 * @param workers the addresses of the workers to run on; none for this process
 * @param key the file with the cluster key; null for the user's
 * @param help whether only the usage is asked for
 */
record AtlasOptions(
    List<String> modules, Path report, List<String> workers, @Nullable Path key, boolean help) {
  static final String USAGE =
      """
      Reads the class files of the JDK that runs it and draws a map of their code.

      Usage: ClassAtlas [--modules NAME,NAME...] [--out FILE] [--worker HOST:PORT,...] [--key FILE]

        --modules NAME,NAME...  read only these modules, for example java.base,java.desktop
        --out FILE              write the report there; class-atlas.html if it is not given
        --worker HOST:PORT,...  run on these workers, which must run on the same JDK; in this
                                process if none is given. May be given several times
        --key FILE              the cluster key that the workers have; yours if it is not given
        --help                  print this
      """;

  /** What the command line asks for cannot be done; the message states why. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    Refused(String message) {
      super(message);
    }
  }

  /**
   * Reads the arguments.
   *
   * @param known the names of the modules that there are
   * @throws Refused if they make no sense; the message states what would
   */
  static AtlasOptions parse(String[] arguments, List<String> known) {
    List<String> modules = List.of();
    Path report = Path.of("class-atlas.html");
    List<String> workers = new ArrayList<>();
    Path key = null;
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "--help", "-h" -> {
          return new AtlasOptions(modules, report, workers, key, true);
        }
        case "--modules" -> modules = modules(valueOf(arguments, i++), known);
        case "--out" -> report = report(valueOf(arguments, i++));
        case "--worker" -> workers.addAll(List.of(valueOf(arguments, i++).split(",", -1)));
        case "--key" -> key = Path.of(valueOf(arguments, i++));
        default ->
            throw new Refused(
                "There is no option %s; --help lists those there are.".formatted(arguments[i]));
      }
    }
    return new AtlasOptions(modules, report, List.copyOf(workers), key, false);
  }

  private static String valueOf(String[] arguments, int option) {
    if (option + 1 == arguments.length || arguments[option + 1].startsWith("--")) {
      throw new Refused("%s needs a value; see --help.".formatted(arguments[option]));
    }
    return arguments[option + 1];
  }

  private static List<String> modules(String names, List<String> known) {
    List<String> modules = List.of(names.split(",", -1));
    for (String module : modules) {
      if (!known.contains(module)) {
        throw new Refused(
            "This JDK has no module '%s'; the nearest name is %s."
                .formatted(module, nearest(module, known)));
      }
    }
    return modules.stream().distinct().toList();
  }

  private static Path report(String file) {
    Path report = Path.of(file);
    Path folder = report.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new Refused(
          "The report cannot be written to %s: there is no folder %s.".formatted(file, folder));
    }
    if (Files.isDirectory(report)) {
      throw new Refused("The report cannot be written to %s: that is a folder.".formatted(file));
    }
    return report;
  }

  private static String nearest(String name, List<String> known) {
    return known.stream()
        .min(Comparator.comparingInt(other -> distance(name, other)))
        .orElseThrow();
  }

  /** Returns how many letters must be put in, taken out or changed to make one of the other. */
  private static int distance(String one, String other) {
    int[] above = new int[other.length() + 1];
    for (int j = 0; j <= other.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int[] row = new int[other.length() + 1];
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int changed = above[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(changed, 1 + Math.min(above[j], row[j - 1]));
      }
      above = row;
    }
    return above[other.length()];
  }
}
