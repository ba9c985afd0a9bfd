package dev.grain.node.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The processes of this machine at one moment, as {@code /proc} of Linux shows them; none
 * elsewhere. Its columns are those of proc_pid_stat(5).
 */
final class ProcessTable {
  private static final Path PROC = Path.of("/proc");
  private static final long NANOS_PER_TICK = 10_000_000;

  private final List<Row> rows;

  private ProcessTable(List<Row> rows) {
    this.rows = rows;
  }

  /**
   * A process.
   *
   * @param cpu the CPU time of it and of those of its children that it has waited for, in
   *     nanoseconds
   * @param started when it started, in ticks since the machine did
   */
  record Row(long pid, long parent, long group, long session, long cpu, long started) {}

  /** Returns whether this machine shows its processes. */
  static boolean isAvailable() {
    return Files.isReadable(PROC.resolve("self/stat"));
  }

  static ProcessTable read() {
    List<Row> rows = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path each : processes) {
        add(each, rows);
      }
    } catch (IOException e) {
      // there is none
    }
    return new ProcessTable(rows);
  }

  private static void add(Path process, List<Row> rows) {
    try {
      String stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
      // the name stands in brackets, and may have some itself
      String[] columns = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      if (columns[0].equals("Z")) {
        return;
      }
      long ticks = 0;
      for (int column = 11; column <= 14; column++) {
        ticks += Long.parseLong(columns[column]);
      }
      rows.add(
          new Row(
              Long.parseLong(process.getFileName().toString()),
              Long.parseLong(columns[1]),
              Long.parseLong(columns[2]),
              Long.parseLong(columns[3]),
              ticks * NANOS_PER_TICK,
              Long.parseLong(columns[19])));
    } catch (IOException | RuntimeException e) {
      // it has ended meanwhile
    }
  }

  /** Returns when a process started, in ticks since the machine did; 0 if it is not there. */
  static long started(long pid) {
    List<Row> found = new ArrayList<>();
    add(PROC.resolve(String.valueOf(pid)), found);
    return found.isEmpty() ? 0 : found.getFirst().started();
  }

  /**
   * Returns the processes, without zombies, that have a session or a variable in their environment,
   * and have started no earlier than at some time.
   *
   * @param variable {@code NAME=value}
   */
  List<Row> find(long session, String variable, long since) {
    return rows.stream()
        .filter(row -> row.started() >= since)
        .filter(row -> row.session() == session ? !isOfOthers(row, variable) : has(row, variable))
        .toList();
  }

  /** Returns whether the number of a session that is over was given to another one. */
  private static boolean isOfOthers(Row row, String variable) {
    return row.pid() == row.session()
        && environment(row).map(e -> !e.contains(variable)).orElse(false);
  }

  private static boolean has(Row row, String variable) {
    return environment(row).map(variables -> variables.contains(variable)).orElse(false);
  }

  private static Optional<Set<String>> environment(Row row) {
    try {
      byte[] bytes = Files.readAllBytes(PROC.resolve(row.pid() + "/environ"));
      String text = new String(bytes, StandardCharsets.UTF_8);
      return Optional.of(Arrays.stream(text.split("\0", -1)).collect(Collectors.toSet()));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Returns the resident memory of processes together, in bytes. */
  static long residentMemory(List<Row> processes) {
    return processes.stream().mapToLong(ProcessTable::residentMemory).sum();
  }

  private static long residentMemory(Row process) {
    try {
      for (String line :
          Files.readAllLines(
              PROC.resolve(process.pid() + "/status"), StandardCharsets.ISO_8859_1)) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) << 10;
        }
      }
    } catch (IOException | NumberFormatException e) {
      // it has ended meanwhile
    }
    return 0;
  }
}
