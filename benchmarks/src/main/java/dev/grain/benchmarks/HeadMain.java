package dev.grain.benchmarks;

import dev.grain.Grain;
import dev.grain.RunOptions;
import dev.grain.benchmarks.bare.Bare;
import dev.grain.benchmarks.bare.BareTls;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Scanner;
import java.util.stream.Collectors;
import javax.net.SocketFactory;

/**
 * A head in its own JVM. Prints {@code ready}, then executes the command in each line:
 *
 * <ul>
 *   <li>{@code throughput LOAD JOBS}, answered by {@code took NANOSECONDS SUM}
 *   <li>{@code compute UNITS JOBS}, answered in the same way
 *   <li>{@code latency WAY JOBS}, answered by {@code took NANOSECONDS SUM} and the nanoseconds of
 *       each job, with commas
 *   <li>{@code bulk DIRECTION COPIES BYTES}, answered by {@code took NANOSECONDS SUM}
 *   <li>{@code small BYTES JOBS}, answered as {@code latency}
 * </ul>
 */
final class HeadMain {
  private HeadMain() {}

  /** Takes the subject, the file of its key, and the ports of its workers. */
  static void main(String[] arguments) throws Exception {
    Subject subject = Subject.of(arguments[0]);
    Path key = Path.of(arguments[1]);
    List<Integer> ports = Arrays.stream(arguments).skip(2).map(Integer::valueOf).toList();
    switch (subject) {
      case GRAIN -> grain(options(ports).insecure());
      case GRAIN_TLS -> grain(options(ports).key(key));
      case GRAIN_JOURNAL ->
          grain(options(ports).insecure().journal(key.resolveSibling(subject.word())));
      case BARE -> serve(new BareHead(new Bare(ports, null)));
      case RAW -> serve(RawCopy.connect(SocketFactory.getDefault(), ports.getFirst()));
      case RAW_TLS ->
          serve(RawCopy.connect(BareTls.load(key).context().getSocketFactory(), ports.getFirst()));
      case ONE_THREAD -> serve(new ThreadsHead(1));
      case TWO_THREADS -> serve(new ThreadsHead(2));
      case HAZELCAST -> serve(HazelcastPeer.join(key, ports.getFirst()));
      case IGNITE -> serve(IgnitePeer.join(key, ports.getFirst()));
      case BARE_TLS -> serve(new BareHead(new Bare(ports, BareTls.load(key))));
    }
    System.exit(0);
  }

  private static RunOptions options(List<Integer> ports) {
    return RunOptions.defaults().workers(ports.stream().map(port -> "127.0.0.1:" + port).toList());
  }

  private static void grain(RunOptions options) throws Exception {
    Grain.runCombine(() -> serve(new GrainHead()), options);
  }

  private static void serve(Head head) throws Exception {
    System.out.println("ready");
    Scanner lines = new Scanner(System.in, StandardCharsets.UTF_8);
    while (lines.hasNextLine()) {
      String[] words = lines.nextLine().split(" ", -1);
      int jobs = Integer.parseInt(words[2]);
      switch (words[0]) {
        case "throughput" -> throughput(head, Load.of(words[1]), jobs);
        case "compute" -> compute(head, Integer.parseInt(words[1]), jobs);
        case "bulk" -> bulk(head, Direction.of(words[1]), jobs, Integer.parseInt(words[3]));
        case "small" -> small(head, Integer.parseInt(words[1]), jobs);
        case "latency" -> latency(head, Way.of(words[1]), jobs);
        default -> throw new IllegalArgumentException("A head does not know " + words[0]);
      }
    }
  }

  private static void throughput(Head head, Load load, int jobs) throws Exception {
    long began = System.nanoTime();
    long sum = head.throughput(load, jobs);
    System.out.printf("took %s %s%n", System.nanoTime() - began, sum);
  }

  private static void compute(Head head, int units, int jobs) throws Exception {
    long began = System.nanoTime();
    long sum = head.compute(units, jobs);
    System.out.printf("took %s %s%n", System.nanoTime() - began, sum);
  }

  private static void latency(Head head, Way way, int jobs) throws Exception {
    long[] nanos = new long[jobs];
    long began = System.nanoTime();
    long sum = head.latency(way, nanos);
    print(System.nanoTime() - began, sum, nanos);
  }

  private static void small(Head head, int meanwhile, int jobs) throws Exception {
    long[] nanos = new long[jobs];
    long began = System.nanoTime();
    long sum = head.smallJobs(meanwhile, nanos);
    print(System.nanoTime() - began, sum, nanos);
  }

  private static void print(long took, long sum, long[] nanos) {
    String each = Arrays.stream(nanos).mapToObj(Long::toString).collect(Collectors.joining(","));
    System.out.printf("took %s %s %s%n", took, sum, each);
  }

  private static void bulk(Head head, Direction direction, int copies, int size) throws Exception {
    long began = System.nanoTime();
    long sum = 0;
    for (int i = 0; i < copies; i++) {
      sum += head.bulk(direction, size);
    }
    System.out.printf("took %s %s%n", System.nanoTime() - began, sum);
  }
}
