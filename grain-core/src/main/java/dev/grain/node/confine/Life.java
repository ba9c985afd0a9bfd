package dev.grain.node.confine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The name of what a process leaves on its machine if it is killed, such as a node's control
 * groups. It shows whose they are, so that a later process can remove them.
 *
 * @param namespace in which the id of the process is valid
 * @param process the id of the node's process
 * @param started when that process started, in ticks since the machine did
 * @param number distinguishes the nodes of a process
 */
public record Life(String namespace, long process, long started, long number) {
  private static final String PREFIX = "grain";
  private static final Path PROC = Path.of("/proc");
  private static final AtomicLong LAST = new AtomicLong();

  /** Returns a new one of this process. */
  public static Life next() {
    long own = ProcessHandle.current().pid();
    return new Life(ownNamespace(), own, Math.max(0, started(PROC, own)), LAST.incrementAndGet());
  }

  private static String ownNamespace() {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString().replaceAll("\\D", "");
    } catch (IOException | UnsupportedOperationException e) {
      return "0";
    }
  }

  /** Returns when a process started; 0 if it is gone, and -1 if the system does not tell. */
  private static long started(Path processes, long process) {
    Path folder = processes.resolve(String.valueOf(process));
    try {
      String stat = Files.readString(folder.resolve("stat"), StandardCharsets.ISO_8859_1);
      // the name stands in brackets, and may have some itself
      return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[19]);
    } catch (IOException | RuntimeException e) {
      // it may be there though this process cannot open its files, for example for want of room
      return Files.notExists(folder) ? 0 : -1;
    }
  }

  /** Returns the name, of letters, digits and hyphens. */
  public String name() {
    return "%s-%s-%s-%s-%s".formatted(PREFIX, namespace, process, started, number);
  }

  /**
   * Returns whether something belongs to a process that is gone. That process has to have been one
   * of this machine since its last start, as others may have the same name.
   *
   * @param name of a group, for example
   */
  public static boolean isOver(String name) {
    return isOver(name, PROC);
  }

  static boolean isOver(String name, Path processes) {
    String[] parts = name.split("-", -1);
    if (parts.length != 5 || !parts[0].equals(PREFIX) || !parts[1].equals(ownNamespace())) {
      return false;
    }
    try {
      long started = started(processes, Long.parseLong(parts[2]));
      return started >= 0 && started != Long.parseLong(parts[3]);
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** Kills and removes what nodes have left in a group that are gone. */
  static void clearOthers(GroupFolder parent) throws IOException {
    for (GroupFolder each : parent.children()) {
      if (isOver(each.folder().getFileName().toString())) {
        try {
          each.clear();
        } catch (IOException e) {
          // another node may be at it, or the user is another one
        }
      }
    }
  }
}
