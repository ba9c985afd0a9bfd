package dev.grain.examples;

import dev.grain.examples.RuntimeImage.PackageIn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What was found in all packages, and what it took.
 *
 * @param scope what was read, for a sentence: {@code JDK 25.0.3} or {@code java.base}
 * @param packages the figures of each package, the one with the most bytecode first
 * @param total the figures of all
 * @param cores the ids of the cores that the jobs were given, by the name of their worker
 * @param repeated how many jobs ran more than once, because their worker was lost
 * @param work how long the jobs took, added up
 * @param elapsed how long all of it took
 */
record Atlas(
    String scope,
    List<PackageFigures> packages,
    Survey total,
    SortedMap<String, SortedSet<Integer>> cores,
    long repeated,
    Duration work,
    Duration elapsed) {

  /**
   * What a job returns.
   *
   * @param where the package
   * @param survey what was measured in it
   * @param worker the name of the worker that ran the job
   * @param cores the ids of the cores that the job was given there
   * @param took how long it ran
   */
  record PackageSurvey(
      PackageIn where, Survey survey, String worker, List<Integer> cores, Duration took) {}

  /**
   * The size of a package.
   *
   * @param classes how many class files it has
   * @param bodies how many methods with bytecode
   * @param codeBytes the length of their bytecode
   */
  record PackageFigures(PackageIn where, int classes, int bodies, long codeBytes) {
    /** Returns the mean length of the methods with bytecode, in bytes; 0 if there are none. */
    double meanLength() {
      return bodies == 0 ? 0 : (double) codeBytes / bodies;
    }
  }

  /** The size of a module: its packages, the one with the most bytecode first. */
  record ModuleFigures(String name, List<PackageFigures> packages) {
    int classes() {
      return packages.stream().mapToInt(PackageFigures::classes).sum();
    }

    int bodies() {
      return packages.stream().mapToInt(PackageFigures::bodies).sum();
    }

    long codeBytes() {
      return packages.stream().mapToLong(PackageFigures::codeBytes).sum();
    }
  }

  /** Adds up what the jobs returned. */
  static Atlas of(
      String scope,
      Collection<PackageSurvey> surveys,
      long repeated,
      int listed,
      Duration elapsed) {
    SurveyBuilder total = new SurveyBuilder(listed);
    List<PackageFigures> packages = new ArrayList<>();
    SortedMap<String, SortedSet<Integer>> cores = new TreeMap<>();
    Duration work = Duration.ZERO;
    for (PackageSurvey each : surveys) {
      Survey survey = each.survey();
      total.add(survey);
      packages.add(
          new PackageFigures(each.where(), survey.classes(), survey.bodies(), survey.codeBytes()));
      cores.computeIfAbsent(each.worker(), name -> new TreeSet<>()).addAll(each.cores());
      work = work.plus(each.took());
    }
    packages.sort(
        Comparator.comparingLong(PackageFigures::codeBytes)
            .reversed()
            .thenComparing(figures -> figures.where().module())
            .thenComparing(figures -> figures.where().name()));
    return new Atlas(scope, packages, total.toSurvey(), cores, repeated, work, elapsed);
  }

  /** Returns the modules, the one with the most bytecode first. */
  List<ModuleFigures> modules() {
    TreeMap<String, List<PackageFigures>> byName = new TreeMap<>();
    for (PackageFigures figures : packages) {
      byName.computeIfAbsent(figures.where().module(), name -> new ArrayList<>()).add(figures);
    }
    return byName.entrySet().stream()
        .map(entry -> new ModuleFigures(entry.getKey(), entry.getValue()))
        .sorted(Comparator.comparingLong(ModuleFigures::codeBytes).reversed())
        .toList();
  }

  /** Returns on how many cores the jobs ran. */
  int coreCount() {
    return cores.values().stream().mapToInt(Collection::size).sum();
  }

  /** Returns a summary of the figures, in one sentence without its full stop. */
  String finding() {
    if (total.bodies() < 2) {
      return (total.bodies() == 0 ? "No method" : "One method") + " holds all bytecode of " + scope;
    }
    long onePerHalf = Math.round((double) total.bodies() / total.methodsWithHalfTheCode());
    return "One method in %s holds half of the bytecode of %s"
        .formatted(Figures.count(onePerHalf), scope);
  }
}
