package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;

import dev.grain.Command;
import dev.grain.Grain;
import dev.grain.Isolation;
import dev.grain.JobException;
import dev.grain.JobOptions;
import dev.grain.RunOptions;
import java.nio.file.Path;

/** A program without workers that runs a script in a container, and prints what it returned. */
final class ContainerProgram {
  private ContainerProgram() {}

  /** Runs a script in a local image, which has a folder of this machine. */
  public static void main(String[] arguments) {
    Isolation container =
        Isolation.localImage(arguments[0]).mount(Path.of(arguments[1]), "/shared");
    Grain.runCombine(
        () -> {
          try {
            System.out.print(
                Grain.exec(
                        JobOptions.of(cpu(1)).in(container), Command.of(arguments[2]).shell("sh"))
                    .stdout());
          } catch (JobException e) {
            System.out.println(e.getMessage());
          }
        },
        RunOptions.defaults().progress(false).echo(false));
  }
}
