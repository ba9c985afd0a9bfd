package dev.grain.node.confine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The folder of a control group.
 *
 * @param unified whether it is of version 2
 */
record GroupFolder(Path folder, boolean unified) {
  private static final String PROCESSES = "cgroup.procs";
  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(2);
  private static final int REMOVALS = 50;
  private static final int KILLS = 500;

  /** Returns the one of that name below this one. */
  GroupFolder below(String name) {
    return new GroupFolder(folder.resolve(name), unified);
  }

  /** Makes it. */
  GroupFolder make() throws IOException {
    Files.createDirectory(folder);
    return this;
  }

  boolean has(String file) {
    return Files.exists(folder.resolve(file));
  }

  String read(String file) throws IOException {
    return new String(Files.readAllBytes(folder.resolve(file)), StandardCharsets.UTF_8).strip();
  }

  void write(String file, String value) throws IOException {
    Files.writeString(folder.resolve(file), value);
  }

  /** Returns the words that a file holds; none if there is no such file. */
  List<String> words(String file) {
    try {
      String text = read(file);
      return text.isEmpty() ? List.of() : List.of(text.split("\\s+", -1));
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Returns the number that follows a word in a file; -1 if there is none. */
  long number(String file, String word) {
    List<String> words = words(file);
    int at = words.indexOf(word);
    return at < 0 || at + 1 >= words.size() ? -1 : parse(words.get(at + 1));
  }

  /** Returns the number that a file holds; -1 if there is none. */
  long number(String file) {
    List<String> words = words(file);
    return words.isEmpty() ? -1 : parse(words.getFirst());
  }

  private static long parse(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  // ---------------------------------------------------------------- processes

  /** Moves a process here, 0 for this one. */
  void enter(long process) throws IOException {
    write(PROCESSES, String.valueOf(process));
  }

  /** Returns the file that takes the ids of processes. */
  Path entrance() {
    return folder.resolve(PROCESSES);
  }

  /** Returns the ids of its processes, without those of groups below. */
  List<Long> processes() {
    List<Long> ids = new ArrayList<>();
    for (String word : words(PROCESSES)) {
      ids.add(parse(word));
    }
    return ids;
  }

  /**
   * Returns whether it, or a group below, has a process; true if that cannot be read, for example
   * because too many files are open.
   */
  boolean hasProcesses() {
    long populated = unified ? number("cgroup.events", "populated") : -1;
    if (populated >= 0) {
      return populated > 0;
    }
    try {
      return !read(PROCESSES).isEmpty();
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** Has all of its processes killed; they end a little later, and may have started others. */
  void kill() {
    try {
      if (unified && has("cgroup.kill")) {
        write("cgroup.kill", "1");
        return;
      }
      if (has("pids.max")) {
        write("pids.max", "0");
      }
    } catch (IOException e) {
      // signals remain
    }
    processes().forEach(GroupFolder::kill);
  }

  private static void kill(long process) {
    if (process > 0 && process != ProcessHandle.current().pid()) {
      ProcessHandle.of(process).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  // ---------------------------------------------------------------- the end

  /** Removes it with the groups below; what has ended a moment ago may still be in the way. */
  void remove() throws IOException {
    for (GroupFolder each : children()) {
      each.remove();
    }
    for (int attempt = 1; ; attempt++) {
      try {
        Files.deleteIfExists(folder);
        return;
      } catch (IOException e) {
        if (attempt == REMOVALS) {
          throw e;
        }
        LockSupport.parkNanos(PAUSE);
      }
    }
  }

  /** Kills what is in it and in the groups below, waits for the end, and removes all of them. */
  void clear() throws IOException {
    for (GroupFolder each : children()) {
      each.clear();
    }
    for (int attempt = 0; attempt < KILLS && hasProcesses(); attempt++) {
      kill();
      LockSupport.parkNanos(PAUSE);
    }
    remove();
  }

  /** Returns the groups below. */
  List<GroupFolder> children() throws IOException {
    List<GroupFolder> children = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(folder, Files::isDirectory)) {
      folders.forEach(each -> children.add(new GroupFolder(each, unified)));
    } catch (NoSuchFileException e) {
      // it is gone
    }
    return children;
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
