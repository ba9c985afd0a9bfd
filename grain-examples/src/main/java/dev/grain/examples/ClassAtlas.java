package dev.grain.examples;

import static dev.grain.resource.Resources.cpu;

import dev.grain.Grain;
import dev.grain.Job;
import dev.grain.JobOptions;
import dev.grain.NoWorkersException;
import dev.grain.RunOptions;
import dev.grain.examples.Atlas.PackageSurvey;
import dev.grain.examples.RuntimeImage.PackageIn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads every class file of the JDK and draws a map of its code.
 *
 * <p>What it teaches: how to spread work over the cores of one machine or of many with a wait
 * group.
 *
 * <ul>
 *   <li>One job for each package. A job is an ordinary static method with an ordinary argument; it
 *       asks for one core with {@code cpu(1)}.
 *   <li>The packages with the most classes are submitted first, so that no long job starts when the
 *       others are about to end.
 *   <li>A job returns a record with the figures of its package, not the classes: small results are
 *       what makes spreading work worth while.
 *   <li>Leaving the block waits for all jobs. Their results come in the order of submission, so the
 *       same classes give the same figures, whatever job ends first.
 *   <li>Where the jobs run is set in one place, the options of the run: on the workers that are
 *       named, or in this process if none is. A job only reads, so nothing is wrong with running it
 *       again; if a worker is lost, that is what happens to its jobs.
 * </ul>
 *
 * <p>It prints the figures and writes a report to look at in a browser. {@code --help} lists the
 * options.
 */
public final class ClassAtlas {
  /** How many methods the lists of the longest, the most called and the deepest hold. */
  static final int LISTED = 10;

  private ClassAtlas() {}

  /**
   * Runs the program. Ends the JVM with status 2, and a sentence on the error stream, if the
   * arguments make no sense or the workers cannot be had.
   */
  public static void main(String[] arguments) throws IOException {
    try {
      List<String> modules = RuntimeImage.modules();
      AtlasOptions options = AtlasOptions.parse(arguments, modules);
      if (options.help()) {
        System.out.print(AtlasOptions.USAGE);
      } else {
        run(options, modules);
      }
    } catch (AtlasOptions.Refused | NoWorkersException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    }
  }

  private static void run(AtlasOptions options, List<String> all) throws IOException {
    List<PackageIn> packages =
        RuntimeImage.packages(options.modules().isEmpty() ? all : options.modules());
    if (packages.isEmpty()) {
      throw new AtlasOptions.Refused(
          "There are no classes in %s, so there is nothing to measure; name other modules."
              .formatted(String.join(", ", options.modules())));
    }

    long start = System.nanoTime();
    List<Job<PackageSurvey>> jobs = Grain.runCombine(() -> submit(packages), runOptions(options));
    Duration elapsed = Duration.ofNanos(System.nanoTime() - start);

    long repeated = jobs.stream().filter(job -> job.attempts().size() > 1).count();
    List<PackageSurvey> surveys = jobs.stream().map(Job::result).toList();
    Atlas atlas = Atlas.of(scope(options.modules()), surveys, repeated, LISTED, elapsed);
    System.out.print(AtlasTable.of(atlas));
    Files.writeString(options.report(), AtlasPage.of(atlas));
    System.out.printf("%nThe report is in %s%n", options.report().toAbsolutePath());
  }

  private static RunOptions runOptions(AtlasOptions options) {
    RunOptions run = RunOptions.defaults().workers(options.workers());
    return options.key() == null ? run : run.key(options.key());
  }

  /** Has each package measured, and returns the jobs when all have ended. */
  private static List<Job<PackageSurvey>> submit(List<PackageIn> packages) {
    List<Job<PackageSurvey>> jobs = new ArrayList<>();
    try (var wg = Grain.openWaitGroup()) {
      for (PackageIn each : packages) {
        jobs.add(wg.submit(JobOptions.of(cpu(1)).named(each.name()), ClassAtlas::survey, each));
      }
    }
    return jobs;
  }

  /** The job: measures the classes of one package. */
  private static PackageSurvey survey(PackageIn where) throws IOException {
    long start = System.nanoTime();
    SurveyBuilder survey = new SurveyBuilder(LISTED);
    for (Path file : RuntimeImage.classFiles(where)) {
      survey.add(Files.readAllBytes(file));
    }
    return new PackageSurvey(
        where,
        survey.toSurvey(),
        Grain.allocation().node(),
        Grain.allocation().cores(),
        Duration.ofNanos(System.nanoTime() - start));
  }

  private static String scope(List<String> modules) {
    return switch (modules.size()) {
      case 0 -> "JDK " + System.getProperty("java.version");
      case 1, 2 -> String.join(" and ", modules);
      default -> modules.size() + " modules";
    };
  }
}
