package dev.grain.examples;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;

import dev.grain.Command;
import dev.grain.CommandResult;
import dev.grain.Grain;
import dev.grain.Job;
import dev.grain.JobOptions;
import dev.grain.RunOptions;
import dev.grain.WaitGroup;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Sorts a file of numbers by the program {@code sort}, with different numbers of cores and amounts
 * of memory, and prints how long each took.
 *
 * <p>What it teaches: a sweep over an external program.
 *
 * <ul>
 *   <li>A job is a command: here a shell script, because it has a pipe, with its argument.
 *   <li>Placeholders pass the resources of the job to the program: {@code {cpu.count}} threads and
 *       a buffer of half of {@code {memory.bytes}}.
 *   <li>The request states what the program needs, so as many run at a time as fit, and no more.
 *   <li>The result contains the exit code, the times and the end of the output. Here the output is
 *       the line with the smallest number, which is the same in all.
 * </ul>
 */
public final class SortSweep {
  private static final String SCRIPT =
      "sort --numeric-sort --parallel={cpu.count} --buffer-size=$(({memory.bytes} / 2))b \"$1\" | head -n 1";

  private SortSweep() {}

  /** Runs the program. Argument: how many numbers to sort; 500,000 if it is not given. */
  public static void main(String[] arguments) throws IOException {
    int count = arguments.length == 1 ? Integer.parseInt(arguments[0]) : 500_000;
    Path numbers = Files.createTempFile("numbers", ".txt");
    try {
      write(count, numbers);
      Grain.runCombine(
          () -> sweep(numbers),
          RunOptions.defaults().local(cpu(4).and(memory("128MiB"))).echo(false));
    } finally {
      Files.delete(numbers);
    }
  }

  private static void sweep(Path numbers) {
    Command sort = Command.of(SCRIPT, numbers.toString()).shell("sh").env("LC_ALL", "C");
    List<Job<CommandResult>> jobs = new ArrayList<>();
    try (WaitGroup wg = Grain.openWaitGroup()) {
      for (int cores : List.of(1, 2, 4)) {
        for (String memory : List.of("16MiB", "64MiB")) {
          JobOptions request =
              JobOptions.of(cpu(cores).and(memory(memory))).named(cores + " x " + memory);
          jobs.add(wg.submit(request, sort));
        }
      }
    }
    for (Job<CommandResult> job : jobs) {
      CommandResult result = job.result();
      System.out.printf(
          "%-9s %s, smallest number %s%n",
          job.name(), Figures.time(result.wallTime()), result.stdout().strip());
    }
  }

  /** Writes numbers in a random order that is the same each time, a line for each. */
  private static void write(int count, Path file) throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    try (PrintWriter out =
        new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.US_ASCII))) {
      for (int i = 0; i < count; i++) {
        out.println(random.nextInt(1_000_000_000));
      }
    }
  }
}
