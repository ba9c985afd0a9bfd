package dev.grain.worker;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;

import dev.grain.Grain;
import dev.grain.RunOptions;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The program of a training run: gives workers, whose JVMs note what they load, some of what
 * programs give to workers. Only {@code bin/grain cache} runs it.
 */
final class Training {
  private static final int JOBS = 200;

  private Training() {}

  /**
   * Runs a few jobs.
   *
   * @param arguments the addresses of the workers, with commas between; they use the usual key
   */
  static void main(String[] arguments) {
    Grain.runCombine(
        () -> {
          List<Integer> numbers = IntStream.range(0, JOBS).boxed().toList();
          Grain.forEach(memory("1MiB"), Training::say, numbers);
          Grain.map(cpu(1), Training::next, numbers);
        },
        RunOptions.defaults().workers(arguments[0].split(",")).progress(false).echo(false));
  }

  private static void say(int number) {
    System.out.println("job " + number);
  }

  private static int next(int number) {
    return number + 1;
  }
}
