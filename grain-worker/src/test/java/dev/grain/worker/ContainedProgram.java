package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;

import dev.grain.GrainExecutor;
import dev.grain.Isolation;
import dev.grain.JobFailedException;
import dev.grain.JobOptions;
import dev.grain.RunOptions;
import java.util.List;

/** A program that calls functions in containers on its embedded worker. */
final class ContainedProgram {
  private ContainedProgram() {}

  /**
   * Runs it.
   *
   * @param arguments the image
   */
  public static void main(String[] arguments) throws Exception {
    JobOptions options = JobOptions.of(cpu(1)).in(Isolation.localImage(arguments[0]));
    try (GrainExecutor grain =
        GrainExecutor.open(RunOptions.defaults().local(cpu(1)).progress(false).echo(true))) {
      List<Integer> doubled = grain.map(options, i -> 2 * i, List.of(1, 2, 3));
      System.out.println(doubled);
      String home =
          grain.exec(
              options,
              () -> {
                System.out.println("printed by the function");
                return System.getProperty("java.home");
              });
      System.out.println(home);
      try {
        grain.exec(
            options,
            () -> {
              System.exit(3);
              return 0;
            });
      } catch (JobFailedException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
