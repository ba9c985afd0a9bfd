package dev.grain.examples;

import static dev.grain.resource.Resources.cpu;

import dev.grain.Allocation;
import dev.grain.Grain;
import dev.grain.JobOptions;
import dev.grain.RunOptions;
import dev.grain.WaitGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Counts prime numbers, with as many threads in each job as the job was given cores.
 *
 * <p>What it teaches: a job that uses several cores.
 *
 * <ul>
 *   <li>{@code cpu(3)} gives a job three cores that no other job has for as long as it runs. The
 *       allocation lists them: a native program would be bound to them, a Java job starts as many
 *       threads.
 *   <li>The allocation is known in the thread of the job only. The job reads it there, and hands
 *       over what the threads that it starts itself need.
 *   <li>What a job prints is printed by the program too, with the name of the job in front.
 *   <li>The program declares four cores, whatever the machine has. Three jobs that ask for one, two
 *       and three of them cannot all run at the same time, and never share a core.
 * </ul>
 */
public final class CoresGiven {
  private CoresGiven() {}

  /** What a job found, and the cores it had. */
  private record Count(long primes, List<Integer> cores) {}

  /** Runs the program. Argument: the number up to which to count; 3,000,000 if it is not given. */
  public static void main(String[] arguments) {
    int limit = arguments.length == 1 ? Integer.parseInt(arguments[0]) : 3_000_000;

    List<Count> counts =
        Grain.runCombine(
            () -> {
              WaitGroup wg = Grain.openWaitGroup();
              try (wg) {
                for (int cores = 1; cores <= 3; cores++) {
                  JobOptions request = JobOptions.of(cpu(cores)).named("cpu(" + cores + ")");
                  wg.submit(request, CoresGiven::countPrimes, limit);
                }
              }
              return wg.results(Count.class);
            },
            RunOptions.defaults().local(cpu(4)));

    for (Count count : counts) {
      System.out.printf(
          "%s primes up to %s, counted with %s%n",
          count.primes(), limit, Figures.count(count.cores().size(), "core"));
    }
  }

  /** The job. */
  private static Count countPrimes(int limit) throws InterruptedException, ExecutionException {
    Allocation mine = Grain.allocation();
    int threads = mine.cores().size();
    System.out.println("cores " + mine.cores());

    // Large numbers take longer than small ones, so the threads take the odd numbers in turn.
    List<Future<Long>> parts = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (int i = 0; i < threads; i++) {
        int first = 3 + 2 * i;
        parts.add(pool.submit(() -> countPrimes(first, 2 * threads, limit)));
      }
    }
    long primes = limit >= 2 ? 1 : 0;
    for (Future<Long> part : parts) {
      primes += part.get();
    }
    return new Count(primes, mine.cores());
  }

  /** Counts the primes among the odd numbers {@code first}, {@code first + step} and so on. */
  private static long countPrimes(int first, int step, int limit) {
    long primes = 0;
    for (long candidate = first; candidate <= limit; candidate += step) {
      if (isPrime(candidate)) {
        primes++;
      }
    }
    return primes;
  }

  private static boolean isPrime(long odd) {
    for (long divisor = 3; divisor * divisor <= odd; divisor += 2) {
      if (odd % divisor == 0) {
        return false;
      }
    }
    return true;
  }
}
