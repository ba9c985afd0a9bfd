package dev.grain.examples;

import static dev.grain.resource.Resources.cpu;

import dev.grain.Code;
import dev.grain.Environment;
import dev.grain.FunctionRef;
import dev.grain.Grain;
import dev.grain.JobOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.errors.GitAPIException;

/**
 * Compares two versions of a function, each from a branch of a git repository: how exactly do they
 * integrate the sine from 0 to pi, which is 2?
 *
 * <p>What it teaches: a function from a git branch, which the program does not have.
 *
 * <ul>
 *   <li>The function is called by its name. Arguments and results are JSON, so the program has a
 *       record of its own for the result.
 *   <li>A branch is a part of the options of a job. Both versions of one class run in the same run,
 *       next to each other.
 *   <li>The repository has sources and a {@code pom.xml}. The worker compiles each version once.
 *       With a repository that has compiled classes or jars, the environment is not needed.
 *   <li>A branch is looked up once, so all jobs of a map run the same commit, even if somebody
 *       pushes meanwhile.
 * </ul>
 */
public final class TwoVersions {
  private static final List<String> BRANCHES = List.of("main", "simpson");
  private static final List<Integer> STEPS = List.of(4, 40, 400);

  private static final FunctionRef<Estimate> INTEGRAL =
      FunctionRef.named("numbers.Sine::integral").returning(Estimate.class);

  private static final String POM =
      """
      <project>
        <modelVersion>4.0.0</modelVersion>
        <groupId>numbers</groupId>
        <artifactId>numbers</artifactId>
        <version>1</version>
        <properties>
          <maven.compiler.release>21</maven.compiler.release>
        </properties>
      </project>
      """;

  private static final String MIDPOINTS =
      """
      package numbers;

      public final class Sine {
        public record Estimate(double value, int evaluations) {}

        /** Integrates from 0 to pi, by the values in the middle of each step. */
        public static Estimate integral(int steps) {
          double width = Math.PI / steps;
          double sum = 0;
          for (int i = 0; i < steps; i++) {
            sum += Math.sin((i + 0.5) * width);
          }
          return new Estimate(sum * width, steps);
        }
      }
      """;

  private static final String SIMPSON =
      """
      package numbers;

      public final class Sine {
        public record Estimate(double value, int evaluations) {}

        /** Integrates from 0 to pi, by a parabola for each two steps. */
        public static Estimate integral(int steps) {
          double width = Math.PI / steps;
          double sum = 0;
          for (int i = 0; i <= steps; i++) {
            int weight = i == 0 || i == steps ? 1 : 2 + i % 2 * 2;
            sum += weight * Math.sin(i * width);
          }
          return new Estimate(sum * width / 3, steps + 1);
        }
      }
      """;

  /** What the function returns, as the program sees it. */
  record Estimate(double value, int evaluations) {}

  private TwoVersions() {}

  /** Runs the program. Argument: the URL of a repository with these branches, or none. */
  public static void main(String[] arguments) throws IOException, GitAPIException {
    String url = arguments.length == 1 ? arguments[0] : makeRepository();

    Grain.runCombine(() -> {
      for (String branch : BRANCHES) {
        JobOptions options =
            JobOptions.of(cpu(1))
                .named(branch)
                .code(Code.git(url).branch(branch))
                .environment(Environment.maven());
        List<Estimate> estimates = Grain.map(options, INTEGRAL, STEPS);
        estimates.forEach(each -> print(branch, each));
      }
    });
  }

  private static void print(String branch, Estimate estimate) {
    System.out.printf(
        Locale.ROOT,
        "%-8s %4d evaluations: off by %.1e%n",
        branch,
        estimate.evaluations(),
        Math.abs(estimate.value() - 2));
  }

  // ---- a repository for those who have none

  private static String makeRepository() throws IOException, GitAPIException {
    Path folder = Files.createTempDirectory("two-versions");
    Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
    try (Git git = Git.init().setDirectory(folder.toFile()).setInitialBranch("main").call()) {
      Files.writeString(folder.resolve("pom.xml"), POM);
      commit(git, folder, MIDPOINTS);
      git.checkout().setCreateBranch(true).setName("simpson").call();
      commit(git, folder, SIMPSON);
    }
    return folder.toUri().toString();
  }

  private static void commit(Git git, Path folder, String source)
      throws IOException, GitAPIException {
    Path file = folder.resolve("src/main/java/numbers/Sine.java");
    Files.createDirectories(file.getParent());
    Files.writeString(file, source);
    git.add().addFilepattern(".").call();
    git.commit()
        .setAuthor("Example", "example@example.org")
        .setCommitter("Example", "example@example.org")
        .setMessage("Integrate the sine")
        .setSign(false)
        .call();
  }

  private static void delete(Path folder) {
    try (var files = Files.walk(folder)) {
      List<Path> all = new ArrayList<>(files.toList());
      for (Path each : all.reversed()) {
        Files.delete(each);
      }
    } catch (IOException e) {
      System.err.println("The folder " + folder + " is left: " + e);
    }
  }
}
