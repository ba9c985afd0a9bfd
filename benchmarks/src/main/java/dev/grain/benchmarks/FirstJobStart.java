package dev.grain.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * From the moment that program and worker are connected to the end of the first job, with class
 * paths of several sizes: at a worker that has just been started and lacks the code, again with the
 * code there, and at the same worker with other code.
 */
final class FirstJobStart {
  private static final int MEBIBYTE = 1 << 20;

  private final Unpacked grain;
  private final SplittableRandom random = new SplittableRandom(42);
  private int made;

  FirstJobStart(Unpacked grain) {
    this.grain = grain;
  }

  void answer(boolean quick, int rounds, Report report) throws Exception {
    List<FirstJobTimes> all = new ArrayList<>();
    for (int mebibytes : quick ? new int[] {1, 10} : new int[] {1, 10, 50}) {
      all.addAll(measure(mebibytes, quick ? rounds : Math.max(rounds * 2 / 3, 3)));
    }
    Table table =
        new Table(
            "First job, from the connection being up, in ms",
            "class path",
            "median",
            "spread",
            "hash it",
            "fetch it",
            "store it",
            "load it",
            "run",
            "second job");
    all.forEach(times -> times.addTo(table));
    report.table(table);
    all.forEach(times -> times.compare(report));
  }

  private List<FirstJobTimes> measure(int mebibytes, int rounds) throws Exception {
    String size = mebibytes + " MiB";
    FirstJobTimes fresh = new FirstJobTimes(size + " unseen, worker just started");
    FirstJobTimes cached = new FirstJobTimes(size + " cached");
    FirstJobTimes unseen = new FirstJobTimes(size + " unseen, worker in use");
    for (int round = 0; round <= rounds; round++) {
      try (Scratch scratch = Scratch.create();
          RunningWorker worker = RunningWorker.start(grain, scratch.folder().resolve("cache"))) {
        List<Path> jars = jars(scratch.folder(), mebibytes);
        Measured first = run(worker, jars, scratch);
        Measured again = run(worker, jars, scratch);
        Measured other = run(worker, jars(scratch.folder(), mebibytes), scratch);
        if (round > 0) {
          fresh.add(first.times, first.stored);
          cached.add(again.times, again.stored);
          unseen.add(other.times, other.stored);
        }
      }
    }
    return List.of(fresh, cached, unseen);
  }

  /** What a program has printed, and what its worker has stored meanwhile. */
  private record Measured(List<Long> times, StoredCode stored) {}

  private Measured run(RunningWorker worker, List<Path> jars, Scratch scratch) throws Exception {
    Process process = grain.start(grain.program("FirstJob", jars, worker.address()));
    try (BufferedReader output = process.inputReader()) {
      String[] words = Unpacked.await(output, "times ").split(" ", -1);
      process.waitFor();
      List<Long> times = Stream.of(words).map(Long::valueOf).toList();
      return new Measured(
          times, StoredCode.since(times.getFirst(), scratch.folder().resolve("cache")));
    } finally {
      process.destroyForcibly();
    }
  }

  /** Makes jars of a mebibyte each whose bytes cannot be compressed, others each time. */
  private List<Path> jars(Path folder, int count) throws IOException {
    List<Path> jars = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Path jar = folder.resolve("random-" + made++ + ".jar");
      byte[] content = new byte[MEBIBYTE];
      random.nextBytes(content);
      try (OutputStream out = Files.newOutputStream(jar);
          ZipOutputStream zip = new ZipOutputStream(out)) {
        zip.setLevel(0);
        zip.putNextEntry(new ZipEntry("random.bin"));
        zip.write(content);
        zip.closeEntry();
      }
      jars.add(jar);
    }
    return jars;
  }
}
