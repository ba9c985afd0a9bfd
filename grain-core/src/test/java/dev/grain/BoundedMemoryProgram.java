package dev.grain;

import static dev.grain.resource.Resources.cpu;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What {@link BoundedMemoryTest} starts in a small heap: programs that do not end by themselves.
 */
public final class BoundedMemoryProgram {
  private static final int RESULT = 1024;
  private static final int LINE = 80;
  private static final int PRINTED_AT_ONCE = 100 * LINE;

  private BoundedMemoryProgram() {}

  /** Runs what the first argument names, as often as the second states, and prints the result. */
  public static void main(String[] arguments) {
    int count = Integer.parseInt(arguments[1]);
    RunOptions options = RunOptions.defaults().local(cpu(2)).progress(false).echo(false);
    switch (arguments[0]) {
      case "prints" -> print(count, options);
      case "streams" -> stream(count, options);
      case "discards" -> discard(count, options);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  /** One job prints so many MiB, with a listener that is slower than the job. */
  private static void print(int mebibytes, RunOptions options) {
    AtomicLong heard = new AtomicLong();
    String end;
    try (GrainExecutor grain =
        GrainExecutor.open(options.onOutput(output -> heard.addAndGet(output.text().length())))) {
      Job<?> job = grain.submit(cpu(1), BoundedMemoryProgram::printLines, mebibytes);
      job.result();
      end = job.output().lines().reduce((_, line) -> line).orElseThrow();
    }
    System.out.println("heard some: " + (heard.get() > 0) + ", last line: " + end);
  }

  private static void printLines(int mebibytes) {
    byte[] block = new byte[PRINTED_AT_ONCE];
    Arrays.fill(block, (byte) '.');
    for (int end = LINE; end <= block.length; end += LINE) {
      block[end - 1] = '\n';
    }
    for (long left = mebibytes * (1L << 20); left > 0; left -= block.length) {
      System.out.write(block, 0, block.length);
    }
    System.out.println("the end");
  }

  /** Consumes so many results of a function over endless inputs. */
  private static void stream(int count, RunOptions options) {
    try (GrainExecutor grain = GrainExecutor.open(options);
        Stream<byte[]> results =
            grain.stream(
                cpu(1), BoundedMemoryProgram::result, IntStream.iterate(0, n -> n + 1)::iterator)) {
      System.out.println(results.limit(count).mapToLong(result -> result.length).sum());
    }
  }

  /** Runs so many jobs in a group that forgets them. */
  private static void discard(int count, RunOptions options) {
    Grain.runCombine(
        () -> {
          try (var group = Grain.openWaitGroup(GroupOptions.defaults().discardResults())) {
            for (int job = 0; job < count; job++) {
              group.submit(cpu(1), BoundedMemoryProgram::result, job);
            }
          }
        },
        options);
    System.out.println("all have ended");
  }

  private static byte[] result(int number) {
    byte[] result = new byte[RESULT];
    result[0] = (byte) number;
    return result;
  }
}
