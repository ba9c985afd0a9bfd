package dev.grain.node.process;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A small shell script beside this process that outlives it: when this process ends, in whatever
 * way, it kills all processes with a mark in their environment or in some control groups, and
 * removes these groups and a folder.
 */
final class Watchdog {
  /**
   * Waits for the end of its standard input, which only this process has open; then kills until
   * nothing is left, as a process may have started others meanwhile. A line before that end reports
   * that nothing is left: to look through all processes of a machine takes a while.
   */
  private static final String SCRIPT =
      """
      trap '' HUP INT TERM
      found=yes
      while read -r _; do found=; done
      mark=$1 folder=$2
      shift 2
      for group in "$@"; do
        [ -n "$found" ] || break
        for limit in "$group"/*/pids.max; do
          [ -e "$limit" ] && echo 0 >"$limit"
        done
        while cat "$group"/*/cgroup.procs | grep -q .; do
          kill -KILL $(cat "$group"/*/cgroup.procs)
        done
      done
      while [ -n "$found" ]; do
        found=
        for each in /proc/[0-9]*; do
          if tr '\\0' '\\n' <"$each/environ" 2>/dev/null | grep -q "^$mark"; then
            kill -KILL "${each#/proc/}" 2>/dev/null && found=yes
          fi
        done
      done
      for group in "$@"; do
        [ -d "$group" ] && rmdir "$group"/*/ "$group"
      done
      rm -rf -- "$folder"
      """;

  private final Process process;

  private Watchdog(Process process) {
    this.process = process;
  }

  /**
   * Starts one.
   *
   * @param mark the beginning of a variable of the environment, {@code NAME=value}
   * @param folder is removed at the end
   * @param groups the folders of control groups; those below have processes
   */
  static Watchdog start(String mark, Path folder, List<Path> groups) throws IOException {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("sh", "-c", SCRIPT, "grain-commands", mark, folder.toString()));
    groups.forEach(each -> words.add(each.toString()));
    return new Watchdog(
        new ProcessBuilder(Session.command(words))
            .directory(new File("/"))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  /**
   * Has it do its work now, and waits until it has.
   *
   * @param clean whether no process is left to be killed
   */
  void close(boolean clean) {
    try (OutputStream in = process.getOutputStream()) {
      if (clean) {
        in.write('\n');
      }
    } catch (IOException e) {
      process.destroyForcibly();
    }
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
