package dev.grain.benchmarks;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.none;

import dev.grain.Grain;
import dev.grain.RunOptions;
import dev.grain.WaitGroup;
import dev.grain.code.Codec;
import dev.grain.function.Fn1;
import java.lang.management.ManagementFactory;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * A head in a JVM of its own that looks at its heap: while so many jobs wait in its queue, or while
 * so many pass through the stream of a map.
 */
final class QueueMain {
  private static final int COLLECTIONS = 3;

  /** How many are queued before, so that what is made once is there. */
  static final int WARM_UP = 2_000;

  /** How often the heap is looked at while jobs pass. */
  static final int SAMPLES = 10;

  /** The part of a class that has fewer objects than this for each job is left out. */
  private static final double FEWEST = 0.5;

  private static final CountDownLatch RELEASE = new CountDownLatch(1);

  private QueueMain() {}

  static void main(String[] arguments) throws Exception {
    Tether.endWithInput();
    int jobs = Integer.parseInt(arguments[1]);
    RunOptions options = RunOptions.defaults().local(cpu(2)).progress(false);
    switch (arguments[0]) {
      case "queued" -> Grain.runCombine(() -> queue(jobs), options);
      case "stream" -> Grain.runCombine(() -> stream(jobs), options);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  /** Takes a slot until it has to give it back. */
  static int occupy(int number) throws InterruptedException {
    RELEASE.await();
    return number;
  }

  private static void queue(int jobs) throws Exception {
    WaitGroup group = Grain.openWaitGroup();
    try (group) {
      for (int i = 0; i < 2; i++) {
        group.submit(cpu(1), QueueMain::occupy, 0);
      }
      submit(group, 0, WARM_UP);
      Grain.exec(none(), Jobs::increment, 0);
      Map<String, long[]> classes = histogram();
      long before = liveHeap();
      submit(group, WARM_UP, WARM_UP + jobs);
      // this one asks for nothing, so it runs when the head has taken all before it
      Grain.exec(none(), Jobs::increment, 0);
      System.out.println("heap " + (double) (liveHeap() - before) / jobs);
      System.out.println("arguments " + encodedArguments(WARM_UP, WARM_UP + jobs) / jobs);
      printParts(classes, jobs);
      RELEASE.countDown();
    }
    long sum = 0;
    List<Integer> results = group.results(Integer.class);
    for (int result : results) {
      sum += result;
    }
    System.out.println("sum " + sum);
  }

  private static void printParts(Map<String, long[]> before, int jobs) throws JMException {
    Map<String, Double> parts = new TreeMap<>();
    histogram()
        .forEach((name, now) -> {
          long[] then = before.getOrDefault(name, new long[2]);
          if (now[0] - then[0] >= FEWEST * jobs) {
            parts.put(name, (double) (now[1] - then[1]) / jobs);
          }
        });
    System.out.println("parts " + parts.size());
    parts.forEach((name, bytes) -> System.out.println("part " + bytes + " " + name));
  }

  private static void submit(WaitGroup group, int from, int to) {
    for (int i = from; i < to; i++) {
      group.submit(cpu(1), Jobs::increment, i);
    }
  }

  private static double encodedArguments(int from, int to) {
    Codec code = new Codec(QueueMain.class.getClassLoader());
    Fn1<Integer, Integer> function = Jobs::increment;
    long bytes = 0;
    for (int i = from; i < to; i++) {
      bytes += code.encode(function, new Object[] {i}, Integer.MAX_VALUE).arguments().length();
    }
    return bytes;
  }

  private static void stream(int jobs) {
    long sum = 0;
    int passed = 0;
    Iterable<Integer> inputs = () -> IntStream.range(0, jobs).iterator();
    try (Stream<Integer> results = Grain.stream(cpu(1), Jobs::increment, inputs)) {
      for (Iterator<Integer> each = results.iterator(); each.hasNext(); ) {
        sum += each.next();
        if (++passed % (jobs / SAMPLES) == 0) {
          System.out.println("live " + liveHeap());
        }
      }
    }
    System.out.println("sum " + sum);
  }

  static long liveHeap() {
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /** Returns how many live objects there are of each class, and their bytes. */
  private static Map<String, long[]> histogram() throws JMException {
    String text =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    Map<String, long[]> classes = new TreeMap<>();
    text.lines()
        .map(line -> List.of(line.strip().split("\\s+", -1)))
        .filter(words -> words.size() >= 4 && words.getFirst().endsWith(":"))
        .forEach(words -> {
          long[] counted = {Long.parseLong(words.get(1)), Long.parseLong(words.get(2))};
          classes.put(words.get(3), counted);
        });
    return classes;
  }
}
