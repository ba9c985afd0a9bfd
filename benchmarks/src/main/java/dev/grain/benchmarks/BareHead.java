package dev.grain.benchmarks;

import dev.grain.benchmarks.bare.Bare;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;

/** The head of the yardstick. What a job asks for means nothing to it. */
final class BareHead implements Head {
  private final Bare bare;

  BareHead(Bare bare) {
    this.bare = bare;
  }

  @Override
  public long throughput(Load load, int jobs) throws Exception {
    List<Future<Object>> futures = new ArrayList<>(jobs);
    byte[] kib = new byte[1024];
    for (int i = 0; i < jobs; i++) {
      futures.add(
          load == Load.KIB
              ? bare.submit(Jobs.FIRST, Payload.numbered(kib, i))
              : bare.submit(Jobs.INCREMENT, i));
    }
    return sum(futures);
  }

  @Override
  public long compute(int units, int jobs) throws Exception {
    List<Future<Object>> futures = new ArrayList<>(jobs);
    for (int i = 0; i < jobs; i++) {
      futures.add(bare.submit(Jobs.COMPUTE, Jobs.work(i, units)));
    }
    return sum(futures);
  }

  /** Waits for the last one first, so that this thread is rarely woken in vain. */
  private static long sum(List<Future<Object>> futures) throws Exception {
    long sum = 0;
    for (Future<Object> future : futures.reversed()) {
      sum += (Integer) future.get();
    }
    return sum;
  }

  @Override
  public int call(int number) throws Exception {
    return (Integer) bare.submit(Jobs.INCREMENT, number).get();
  }
}
