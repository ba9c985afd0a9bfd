package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;

import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.RunOptions;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A program whose jobs all have to run once, whatever the network does. */
final class LinkProgram {
  private LinkProgram() {}

  /** Returns the folder with the classes of this program. */
  static Path classes() {
    try {
      return Path.of(LinkProgram.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int work(int number) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(number % 5));
    return number + 1;
  }

  /**
   * Says when half of the jobs have ended, and when all have as they should.
   *
   * @param arguments the file of the key, the address of the worker, the number of jobs
   */
  public static void main(String[] arguments) {
    RunOptions options =
        RunOptions.defaults().key(Path.of(arguments[0])).workers(arguments[1]).progress(false);
    int count = Integer.parseInt(arguments[2]);
    try (GrainExecutor executor = GrainExecutor.open(options)) {
      Checker checker = new Checker(executor);
      List<Job<Integer>> jobs = new ArrayList<>();
      for (int number = 0; number < count; number++) {
        jobs.add(executor.submit(cpu(1), LinkProgram::work, number));
      }
      for (int number = 0; number < count; number++) {
        if (number == count / 2) {
          System.out.println("half");
        }
        checker.assertValue(jobs.get(number), number + 1);
        if (jobs.get(number).attempts().size() > 1) {
          throw new IllegalStateException("Ran twice: " + jobs.get(number).attempts());
        }
      }
      checker.assertNothingElse();
      System.out.println("all right");
    }
  }
}
