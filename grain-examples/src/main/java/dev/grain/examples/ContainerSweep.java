package dev.grain.examples;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;

import dev.grain.Command;
import dev.grain.CommandResult;
import dev.grain.Grain;
import dev.grain.Isolation;
import dev.grain.JobOptions;
import dev.grain.RunOptions;
import java.util.List;

/**
 * Simulates an epidemic for several rates of contact, each by a program in a container of its own,
 * and prints how many people are ill at its peak. Without arguments, the program is the awk of the
 * image {@code busybox}; with an argument, that of an image which the container engine of this
 * machine has already.
 *
 * <p>What it teaches: programs in containers.
 *
 * <ul>
 *   <li>The tag of the image is looked up once, so all jobs run the same image.
 *   <li>Each container has the core and the memory that its job requests and the files of its
 *       image, and is removed when the job ends.
 *   <li>Containers need the artifact {@code grain-worker} on the class path, as this program runs
 *       its jobs itself, and Docker or Podman on this machine.
 * </ul>
 *
 * <p>The model is the SIR model of Kermack and McKendrick (1927), by steps of a hundredth of a day.
 * An illness lasts 10 days.
 */
public final class ContainerSweep {
  private static final String EPIDEMIC =
      """
      BEGIN {
        ill = 0.001
        healthy = 1 - ill
        while (ill > 0.0001) {
          caught = rate * healthy * ill * 0.01
          healthy -= caught
          ill += caught - ill * 0.1 * 0.01
          days += 0.01
          if (ill > peak) { peak = ill; day = days }
        }
        printf "%.1f %% are ill on day %d", peak * 100, day
      }
      """;

  private ContainerSweep() {}

  /** Runs the program. Argument: the name of an image of this machine; or none. */
  public static void main(String[] arguments) {
    Isolation.Container image =
        arguments.length == 0 ? Isolation.container("busybox") : Isolation.localImage(arguments[0]);
    JobOptions options = JobOptions.of(cpu(1).and(memory("64MiB"))).in(image.network("none"));
    Command command = Command.template("awk", "-v", "rate={}", EPIDEMIC);
    List<String> rates = List.of("0.15", "0.2", "0.25", "0.3", "0.4", "0.5");
    List<CommandResult> results =
        Grain.runCombine(
            () -> Grain.map(options, command, rates), RunOptions.defaults().echo(false));
    for (int index = 0; index < rates.size(); index++) {
      System.out.println(
          rates.get(index) + " contacts a day: " + results.get(index).stdout().strip());
    }
  }
}
