package dev.grain.node.process;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A variable in the environment of a process, by which those are found that it has started, and
 * those that these have started, wherever they have gone. Where the system does not show its
 * processes, none is found.
 *
 * @param name of the variable
 * @param value of the variable
 */
public record Mark(String name, String value) {
  private static final String PREFIX = "GRAIN_PROCESS_";

  /** The id of no process group. */
  private static final long NO_LEADER = Long.MIN_VALUE;

  /** How often processes are killed that the system does not end at once. */
  private static final int KILLS = 200;

  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(5);

  /**
   * Returns one that no other process has. Its name is its own, as a process with a mark may start
   * others that get one.
   */
  public static Mark unique() {
    return new Mark(PREFIX + UUID.randomUUID().toString().replace("-", ""), "1");
  }

  /**
   * Kills the processes that have it, and waits for their end, or a second if the system does not
   * end one. This process is spared.
   */
  public void killAll() {
    long own = ProcessHandle.current().pid();
    long since = ProcessTable.started(own);
    List<Long> left = find(own, since);
    for (int attempt = 0; attempt < KILLS && !left.isEmpty(); attempt++) {
      left.forEach(each -> Signals.send(Signals.KILL, each));
      LockSupport.parkNanos(PAUSE);
      left = find(own, since);
    }
  }

  private List<Long> find(long own, long since) {
    return ProcessTable.read().find(NO_LEADER, name + "=" + value, since).stream()
        .map(ProcessTable.Row::pid)
        .filter(pid -> pid != own)
        .toList();
  }
}
