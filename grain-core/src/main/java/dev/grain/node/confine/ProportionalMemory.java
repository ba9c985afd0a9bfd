package dev.grain.node.confine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;

/** The memory of processes with what they share counted once, as proc_pid_smaps(5) has it. */
final class ProportionalMemory {
  private ProportionalMemory() {}

  /**
   * Returns it in bytes.
   *
   * @param otherwise what is returned if the system does not show it
   */
  static long of(Collection<Long> processes, long otherwise) {
    long sum = 0;
    for (long process : processes) {
      long part = of(process);
      if (part < 0) {
        return otherwise;
      }
      sum += part;
    }
    return sum;
  }

  private static long of(long process) {
    Path folder = Path.of("/proc", String.valueOf(process));
    try {
      for (String line :
          Files.readAllLines(folder.resolve("smaps_rollup"), StandardCharsets.ISO_8859_1)) {
        if (line.startsWith("Pss:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) << 10;
        }
      }
      return 0;
    } catch (IOException | NumberFormatException e) {
      return Files.exists(folder) ? -1 : 0;
    }
  }
}
