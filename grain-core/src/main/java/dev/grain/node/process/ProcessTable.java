package dev.grain.node.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * The processes of this machine at one moment, as {@code /proc} of Linux shows them; none
 * elsewhere. Its columns are those of proc_pid_stat(5).
 */
final class ProcessTable {
  private static final Path PROC = Path.of("/proc");
  private static final long NANOS_PER_TICK = 10_000_000;

  /** Looking for so many processes one by one is faster than listing all. */
  private static final long FEW = 64;

  /** No machine starts processes and threads faster than this; it bounds how many there were. */
  private static final long NANOS_PER_START = 2_000;

  private static final long LEAST_PID_LIMIT = 32_768;

  /**
   * For how long the environment of a process is looked for, and how long between: on a busy
   * machine it may have to wait for a processor meanwhile.
   */
  private static final long MOST_NANOS = 1_000_000_000;

  private static final long BETWEEN_LOOKS = 20_000;

  private static final int USUAL_ENVIRONMENT = 16 * 1024;
  private static final int VIRTUAL_MEMORY = 20;
  private static final int CODE_START = 23;
  private static final int ENVIRONMENT_START = 47;
  private static final int ENVIRONMENT_END = 48;

  /** In how much time the ids of processes cannot be used up, so that they only grow. */
  private static final long GROWING_NANOS = canTellLast() ? pidLimit() * NANOS_PER_START : 0;

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

  /** Returns whether this process has a controlling terminal. */
  static boolean hasTerminal() {
    try {
      return !columns(PROC.resolve("self"))[4].equals("0");
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }

  /** Reads all processes. */
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

  /**
   * Reads at least the processes that descend from some that have ended.
   *
   * <p>Implementation note: ids are given in turn, from the last one on, and start again when they
   * are used up. If that cannot have happened, descendants have later ids. One that is started
   * during the search has an id beyond the last one, so the search goes on until there is none.
   *
   * @param ended the ids of those that have ended
   * @param nanos how long ago the first of them was started
   * @param others the ids of processes that descend from none of them, as far as known
   */
  static ProcessTable ofDescendants(LongSummaryStatistics ended, long nanos, Set<Long> others) {
    if (nanos < GROWING_NANOS) {
      List<Row> rows = new ArrayList<>();
      long next = ended.getMin() + 1;
      long last = lastPid();
      long lowest = ended.getMax();
      while (last >= lowest && last - ended.getMin() <= FEW) {
        for (; next <= last; next++) {
          Path process = PROC.resolve(String.valueOf(next));
          // most have ended, and asking for that is faster than an exception
          if (!others.contains(next) && Files.exists(process)) {
            add(process, rows);
          }
        }
        lowest = last;
        last = lastPid();
        if (last == lowest) {
          return new ProcessTable(rows);
        }
      }
    }
    return read();
  }

  /** Returns the id that was given last; -1 if it is not known. */
  private static long lastPid() {
    try {
      String line = Files.readString(PROC.resolve("loadavg"), StandardCharsets.ISO_8859_1).strip();
      return Long.parseLong(line.substring(line.lastIndexOf(' ') + 1));
    } catch (IOException | RuntimeException e) {
      return -1;
    }
  }

  /**
   * Returns whether {@code loadavg} shows the processes that this one sees: containers may have
   * another one put in its place.
   */
  private static boolean canTellLast() {
    try {
      Path self = PROC.resolve("self");
      return Files.readSymbolicLink(self)
              .toString()
              .equals(String.valueOf(ProcessHandle.current().pid()))
          && Files.getAttribute(PROC.resolve("loadavg"), "unix:dev")
              .equals(Files.getAttribute(self.resolve("stat"), "unix:dev"));
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }

  private static long pidLimit() {
    try (InputStream file = Files.newInputStream(PROC.resolve("sys/kernel/pid_max"))) {
      // by one call, as the system gives nothing to a second one
      byte[] text = new byte[64];
      int length = file.read(text);
      return Long.parseLong(new String(text, 0, length, StandardCharsets.ISO_8859_1).strip());
    } catch (IOException | RuntimeException e) {
      return LEAST_PID_LIMIT;
    }
  }

  private static String[] columns(Path process) throws IOException {
    String stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
    // the name stands in brackets, and may have some itself
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
  }

  private static void add(Path process, List<Row> rows) {
    try {
      String[] columns = columns(process);
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
   * Returns the processes, without zombies, that belong to a process group or session or have a
   * variable in their environment, and have started no earlier than at some time.
   *
   * @param leader the id of the group, the session and their first process
   * @param variable {@code NAME=value}
   */
  List<Row> find(long leader, String variable, long since) {
    return rows.stream()
        .filter(row -> row.started() >= since)
        .filter(row ->
            (row.group() == leader || row.session() == leader)
                ? !isOfOthers(row, leader, variable)
                : has(row, variable))
        .toList();
  }

  /** Returns whether the id of a process that has ended was given to another one. */
  private static boolean isOfOthers(Row row, long leader, String variable) {
    return row.pid() == leader && environment(row).map(e -> !e.contains(variable)).orElse(false);
  }

  private static boolean has(Row row, String variable) {
    return environment(row).map(variables -> variables.contains(variable)).orElse(false);
  }

  /**
   * Returns the environment of a process; empty if it has ended, or belongs to another user.
   *
   * <p>Implementation note: for a moment a process that becomes another program has none, and would
   * be missed if it was looked for just then.
   */
  private static Optional<Set<String>> environment(Row row) {
    try {
      Path process = PROC.resolve(String.valueOf(row.pid()));
      byte[] bytes = readEnvironment(process);
      long start = System.nanoTime();
      while (bytes.length == 0
          && System.nanoTime() - start < MOST_NANOS
          && isBecomingAnother(process)) {
        LockSupport.parkNanos(BETWEEN_LOOKS);
        bytes = readEnvironment(process);
      }
      String text = new String(bytes, StandardCharsets.UTF_8);
      return Optional.of(Arrays.stream(text.split("\0", -1)).collect(Collectors.toSet()));
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  /** Returns the variables that this process was started with, {@code NAME=value} each. */
  static List<byte[]> ownEnvironment() {
    List<byte[]> variables = new ArrayList<>();
    try {
      byte[] all = readEnvironment(PROC.resolve("self"));
      int start = 0;
      for (int end = 0; end < all.length; end++) {
        if (all[end] == 0) {
          variables.add(Arrays.copyOfRange(all, start, end));
          start = end + 1;
        }
      }
    } catch (IOException e) {
      // it is not told here
    }
    return variables;
  }

  /** Reads it by one call, as after another one it may be that of another program. */
  private static byte[] readEnvironment(Path process) throws IOException {
    for (int size = USUAL_ENVIRONMENT; ; size *= 2) {
      byte[] bytes = new byte[size];
      try (InputStream file = Files.newInputStream(process.resolve("environ"))) {
        int length = file.read(bytes);
        if (length < size) {
          return Arrays.copyOf(bytes, Math.max(0, length));
        }
      }
    }
  }

  /**
   * Returns whether a process that seems to have no environment has memory for one, or is not yet
   * complete: the kernel first copies the environment, and then sets where the code is.
   */
  private static boolean isBecomingAnother(Path process) throws IOException {
    String[] columns = columns(process);
    return columns.length > ENVIRONMENT_END
        && !columns[VIRTUAL_MEMORY].equals("0")
        && (columns[CODE_START].equals("0")
            || columns[ENVIRONMENT_END].equals("0")
            || !columns[ENVIRONMENT_END].equals(columns[ENVIRONMENT_START]));
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
