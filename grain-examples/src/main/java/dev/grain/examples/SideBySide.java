package dev.grain.examples;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;

import dev.grain.Grain;
import dev.grain.Job;
import dev.grain.Main;
import dev.grain.Resource;
import dev.grain.RunOptions;
import dev.grain.WaitGroup;
import dev.grain.examples.RuntimeImage.PackageIn;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * Packs the class files of two modules, and checks that they come out again.
 *
 * <p>What it teaches: the order of things.
 *
 * <ul>
 *   <li>Two mains run side by side in one run, one for each module. Each is a program by itself:
 *       neither waits for the other.
 *   <li>Each has two rounds, one after the other: leaving the first block waits for its jobs, so
 *       the second block can use their results.
 *   <li>In each round two jobs run in parallel, each with one half of the packages.
 *   <li>Every job asks for a core and 64 MiB, and the program declares two cores and 128 MiB. So of
 *       the four jobs that are ready at the start two run, and the others wait until one of them
 *       ends, whichever main they come from.
 * </ul>
 */
public final class SideBySide {
  private static final Resource EACH = cpu(1).and(memory("64MiB"));
  private static final Resource MACHINE = cpu(2).and(memory("128MiB"));

  /**
   * The class files of some packages in a row, packed.
   *
   * @param size their length, unpacked
   * @param checksum their CRC-32, unpacked
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Packed(byte[] bytes, long size, long checksum) {}

  private SideBySide() {}

  /** Runs the program. Arguments: two names of modules, or none. */
  public static void main(String[] arguments) {
    List<String> modules =
        arguments.length == 2 ? List.of(arguments) : List.of("java.logging", "java.net.http");
    List<Main<String, IOException>> mains =
        modules.stream().<Main<String, IOException>>map(module -> () -> pack(module)).toList();

    List<String> lines = Grain.runCombine(mains, RunOptions.defaults().local(MACHINE));
    lines.forEach(System.out::println);
  }

  /** One main: two rounds in a row of two jobs each. */
  private static String pack(String module) throws IOException {
    List<PackageIn> packages = RuntimeImage.packages(List.of(module));
    int middle = packages.size() / 2;

    Job<Packed> first;
    Job<Packed> second;
    try (WaitGroup packing = Grain.openWaitGroup()) {
      first = packing.submit(EACH, SideBySide::deflate, packages.subList(0, middle));
      second = packing.submit(EACH, SideBySide::deflate, packages.subList(middle, packages.size()));
    }

    WaitGroup checking = Grain.openWaitGroup();
    try (checking) {
      checking.submit(EACH, SideBySide::isIntact, first.result());
      checking.submit(EACH, SideBySide::isIntact, second.result());
    }
    boolean intact = !checking.results(Boolean.class).contains(false);

    long size = first.result().size() + second.result().size();
    long packed = (long) first.result().bytes().length + second.result().bytes().length;
    return String.format(
        Locale.ROOT,
        "%s: %,d bytes of classes, %,d packed (%.0f %%), %s",
        module,
        size,
        packed,
        100.0 * packed / size,
        intact ? "intact" : "damaged");
  }

  /** The job of the first round. */
  private static Packed deflate(List<PackageIn> packages) throws IOException {
    CRC32 checksum = new CRC32();
    long size = 0;
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
      for (PackageIn each : packages) {
        for (Path file : RuntimeImage.classFiles(each)) {
          byte[] bytes = Files.readAllBytes(file);
          out.write(bytes);
          checksum.update(bytes);
          size += bytes.length;
        }
      }
    }
    return new Packed(packed.toByteArray(), size, checksum.getValue());
  }

  /** The job of the second round. */
  private static boolean isIntact(Packed packed) throws IOException {
    CRC32 checksum = new CRC32();
    long size = 0;
    try (InputStream in = new InflaterInputStream(new ByteArrayInputStream(packed.bytes()))) {
      byte[] buffer = new byte[1 << 16];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        checksum.update(buffer, 0, count);
        size += count;
      }
    }
    return size == packed.size() && checksum.getValue() == packed.checksum();
  }
}
