package dev.grain.benchmarks;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;

import dev.grain.Grain;
import dev.grain.Request;
import dev.grain.WaitGroup;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

/** Grain's head, used as a program would: to be used in the main of a run. */
final class GrainHead implements Head {
  private static final List<Request> REQUESTS = List.of(cpu(1), cpu(2), memory("1MiB"));
  private static final int SEED = 42;

  private static final byte[] NOTHING = {};

  // what was sent last
  private byte[] bytes = NOTHING;

  // in which order the requests come if they are shuffled; made for the most jobs so far
  private List<Request> shuffled = List.of();

  @Override
  public long throughput(Load load, int jobs) {
    return switch (load) {
      case EMPTY -> numbers(Collections.nCopies(jobs, cpu(1)));
      case MAP ->
          sum(Grain.map(cpu(1), Jobs::increment, IntStream.range(0, jobs).boxed().toList()));
      case KIB -> bytes(jobs);
      case MIXED -> numbers(inTurn(jobs));
      case SHUFFLED -> numbers(shuffled(jobs));
    };
  }

  private static long numbers(List<? extends Request> requests) {
    WaitGroup group = Grain.openWaitGroup();
    try (group) {
      int number = 0;
      for (Request request : requests) {
        group.submit(request, Jobs::increment, number++);
      }
    }
    return sum(group.results(Integer.class));
  }

  private static long bytes(int jobs) {
    byte[] kib = new byte[1024];
    WaitGroup group = Grain.openWaitGroup();
    try (group) {
      for (int i = 0; i < jobs; i++) {
        group.submit(cpu(1), Jobs::first, Payload.numbered(kib, i));
      }
    }
    return sum(group.results(Integer.class));
  }

  @Override
  public long compute(int units, int jobs) {
    WaitGroup group = Grain.openWaitGroup();
    try (group) {
      for (int i = 0; i < jobs; i++) {
        group.submit(cpu(1), Jobs::compute, Jobs.work(i, units));
      }
    }
    return sum(group.results(Integer.class));
  }

  private static long sum(List<Integer> results) {
    long sum = 0;
    for (int result : results) {
      sum += result;
    }
    return sum;
  }

  private static List<Request> inTurn(int jobs) {
    return IntStream.range(0, jobs).mapToObj(i -> REQUESTS.get(i % REQUESTS.size())).toList();
  }

  private List<Request> shuffled(int jobs) {
    if (shuffled.size() != jobs) {
      List<Request> made = new ArrayList<>(inTurn(jobs));
      Collections.shuffle(made, new Random(SEED));
      shuffled = made;
    }
    return shuffled;
  }

  @Override
  public int call(int number) {
    return Grain.exec(cpu(1), Jobs::increment, number);
  }

  @Override
  public long latency(Way way, long[] nanos) throws Exception {
    return switch (way) {
      case EXEC -> Head.timed(this::call, nanos);
      case GROUP -> {
        try (WaitGroup group = Grain.openWaitGroup()) {
          yield Head.timed(number -> group.submit(cpu(1), Jobs::increment, number).result(), nanos);
        }
      }
    };
  }

  @Override
  public long bulk(Direction direction, int size) {
    return switch (direction) {
      case ARGUMENT -> {
        if (bytes.length != size) {
          bytes = Jobs.bytes(size);
        }
        yield Grain.exec(cpu(1), Jobs::check, bytes);
      }
      case RESULT -> {
        bytes = NOTHING;
        yield Jobs.check(Grain.exec(cpu(1), Jobs::bytes, size));
      }
    };
  }

  @Override
  public long smallJobs(int meanwhile, long[] nanos) throws Exception {
    byte[] large = Jobs.bytes(Math.max(Integer.BYTES, meanwhile));
    AtomicBoolean ended = new AtomicBoolean(meanwhile == 0);
    try (WaitGroup group = Grain.openWaitGroup()) {
      group.start(() -> {
        while (!ended.get()) {
          Grain.exec(cpu(1), Jobs::check, large);
        }
      });
      try {
        return Head.timed(this::call, nanos);
      } finally {
        ended.set(true);
      }
    }
  }
}
