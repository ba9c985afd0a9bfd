package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;

import dev.grain.GrainExecutor;
import dev.grain.Job;
import dev.grain.RunOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/** A program whose job prints more than its heap, and that of its worker, could hold. */
final class OutputProgram {
  private static final int LINE = 80;
  private static final int PRINTED_AT_ONCE = 100 * LINE;

  private OutputProgram() {}

  private static String printLines(long bytes) {
    byte[] block = new byte[PRINTED_AT_ONCE];
    Arrays.fill(block, (byte) '.');
    for (int end = LINE; end <= block.length; end += LINE) {
      block[end - 1] = '\n';
    }
    for (long left = bytes; left > 0; left -= block.length) {
      System.out.write(block, 0, block.length);
    }
    System.out.println("the end");
    return "printed";
  }

  /**
   * Prints what it has received, and how the output ends.
   *
   * @param arguments the file of the key, the address of the worker, the number of bytes
   */
  static void main(String[] arguments) {
    AtomicLong heard = new AtomicLong();
    RunOptions options =
        RunOptions.defaults()
            .key(Path.of(arguments[0]))
            .workers(arguments[1])
            .progress(false)
            .echo(false)
            .onOutput(output -> heard.addAndGet(output.text().length()));
    try (GrainExecutor executor = GrainExecutor.open(options)) {
      Checker checker = new Checker(executor);
      Job<String> job =
          executor.submit(cpu(1), OutputProgram::printLines, Long.parseLong(arguments[2]));
      checker.assertValue(job, "printed");
      checker.assertNothingElse();
      System.out.println("heard some: " + (heard.get() > 0));
      System.out.println(job.output().lines().reduce((_, line) -> line).orElse(""));
    }
  }
}
