package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;

import dev.grain.Grain;
import dev.grain.GroupOptions;
import dev.grain.RunOptions;
import dev.grain.WaitGroup;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A program whose workers have many large results at the same moment, which nobody reads. */
final class LargeResultsProgram {
  private static final int JOBS = 16;
  private static final int RESULT = 24 << 20;

  private LargeResultsProgram() {}

  /**
   * Runs the jobs, and prints a line when all have ended.
   *
   * @param arguments the file of the key, the addresses of the workers
   */
  public static void main(String[] arguments) {
    List<String> workers = Stream.of(arguments).skip(1).toList();
    Grain.runCombine(
        () -> {
          try (WaitGroup group = Grain.openWaitGroup(GroupOptions.defaults().discardResults())) {
            for (int job = 0; job < JOBS; job++) {
              group.submit(cpu(1), LargeResultsProgram::result);
            }
          }
        },
        RunOptions.defaults().key(Path.of(arguments[0])).workers(workers).progress(false));
    System.out.println("all have ended");
  }

  private static byte[] result() {
    return new byte[RESULT];
  }
}
