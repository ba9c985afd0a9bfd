package dev.grain.benchmarks;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** No system at all: threads of this JVM that share the jobs beforehand. */
final class ThreadsHead implements Head {
  private final int threads;
  private final ExecutorService executor;

  ThreadsHead(int threads) {
    this.threads = threads;
    this.executor = Executors.newFixedThreadPool(threads, Thread.ofPlatform().daemon().factory());
  }

  @Override
  public long compute(int units, int jobs) throws Exception {
    var parts = IntStream.range(0, threads).mapToObj(i -> part(i, units, jobs)).toList();
    long sum = 0;
    for (Future<Long> part : parts) {
      sum += part.get();
    }
    return sum;
  }

  /** Has every job done whose number has that remainder. */
  private Future<Long> part(int remainder, int units, int jobs) {
    return executor.submit(() -> {
      long sum = 0;
      for (int number = remainder; number < jobs; number += threads) {
        sum += Jobs.compute(Jobs.work(number, units));
      }
      return sum;
    });
  }

  @Override
  public long throughput(Load load, int jobs) {
    throw new UnsupportedOperationException("Threads have no empty jobs");
  }

  @Override
  public int call(int number) {
    return Jobs.increment(number);
  }
}
