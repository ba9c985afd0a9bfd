package dev.grain.resource.internal;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the limits of the control groups that this process is in, version 1, version 2 or both,
 * from its own group up to the highest one that is mounted.
 */
final class ControlGroups {
  private final Machine machine;
  private final MachineLimits limits;

  ControlGroups(Machine machine, MachineLimits limits) {
    this.machine = machine;
    this.limits = limits;
  }

  /** Takes the limits of all hierarchies into account. */
  void apply() {
    List<Membership> memberships = new ArrayList<>();
    for (String line : machine.lines("/proc/self/cgroup")) {
      String[] fields = line.split(":", 3);
      if (fields.length == 3) {
        memberships.add(new Membership(List.of(fields[1].split(",", -1)), fields[2]));
      }
    }
    if (memberships.isEmpty()) {
      return;
    }
    for (String line : machine.lines("/proc/self/mountinfo")) {
      Mount mount = Mount.parse(line);
      for (Membership membership : memberships) {
        if (mount != null && mount.isOf(membership)) {
          apply(mount, membership.path());
        }
      }
    }
  }

  private void apply(Mount mount, String path) {
    for (String group : mount.groups(path)) {
      if (mount.unified()) {
        applyUnified(group);
      } else {
        applyVersion1(mount, group);
      }
    }
  }

  private void applyUnified(String group) {
    String quota = machine.read(group + "/cpu.max");
    if (quota != null) {
      String[] fields = quota.strip().split(" ", -1);
      if (fields.length == 2) {
        limits.allowCoreCount(cores(IdList.number(fields[0]), IdList.number(fields[1])));
      }
    }
    allowCores(group + "/cpuset.cpus.effective");
    limits.allowMemory(machine.number(group + "/memory.max"));
  }

  private void applyVersion1(Mount mount, String group) {
    if (mount.has("cpu")) {
      limits.allowCoreCount(
          cores(
              machine.number(group + "/cpu.cfs_quota_us"),
              machine.number(group + "/cpu.cfs_period_us")));
    }
    if (mount.has("cpuset")) {
      allowCores(group + "/cpuset.effective_cpus");
      allowCores(group + "/cpuset.cpus");
    }
    if (mount.has("memory")) {
      limits.allowMemory(machine.number(group + "/memory.limit_in_bytes"));
    }
  }

  private void allowCores(String file) {
    String list = machine.read(file);
    if (list != null) {
      limits.allowCores(IdList.parse(list));
    }
  }

  /** Returns the whole cores that a quota is worth, or -1 if there is none. */
  private static long cores(long quota, long period) {
    return quota < 0 || period <= 0 ? -1 : quota / period;
  }

  /**
   * One line of {@code /proc/self/cgroup}.
   *
   * @param controllers one empty name for the unified hierarchy
   */
  private record Membership(List<String> controllers, String path) {}

  /**
   * One line of {@code /proc/self/mountinfo} that is about control groups.
   *
   * @param unified whether it is of version 2
   * @param root the group that is seen at the mount point
   * @param point where it is mounted
   * @param options of version 1: its controllers, among other words
   */
  private record Mount(boolean unified, String root, String point, List<String> options) {
    /** Returns null if the line is about something else. */
    static @Nullable Mount parse(String line) {
      int separator = line.indexOf(" - ");
      if (separator < 0) {
        return null;
      }
      String[] before = line.substring(0, separator).split(" ", -1);
      String[] after = line.substring(separator + 3).split(" ", -1);
      if (before.length < 5 || after.length < 3 || !after[0].startsWith("cgroup")) {
        return null;
      }
      return new Mount(
          after[0].equals("cgroup2"),
          unescape(before[3]),
          unescape(before[4]),
          List.of(after[2].split(",", -1)));
    }

    /** Puts back the characters that the kernel writes as a backslash and three octal digits. */
    private static String unescape(String field) {
      return field
          .replace("\\040", " ")
          .replace("\\011", "\t")
          .replace("\\012", "\n")
          .replace("\\134", "\\");
    }

    boolean has(String controller) {
      return options.contains(controller);
    }

    boolean isOf(Membership membership) {
      return unified
          ? membership.controllers().equals(List.of(""))
          : options.containsAll(membership.controllers());
    }

    /**
     * Returns the folders of a group and of those above it, as far as they are mounted. A group
     * that is not below the mounted one is in another name space; then the mount point stands for
     * it.
     */
    List<String> groups(String path) {
      List<String> folders = new ArrayList<>();
      for (String below = below(path);
          !below.isEmpty();
          below = below.substring(0, below.lastIndexOf('/'))) {
        folders.add(point + below);
      }
      folders.add(point);
      return folders;
    }

    /** Returns the path below the mounted group, empty or with a slash before each name. */
    private String below(String path) {
      String prefix = root.equals("/") ? "" : root;
      boolean inside = path.equals(prefix) || path.startsWith(prefix + "/");
      boolean outside = path.contains("/..");
      String below = inside && !outside ? path.substring(prefix.length()) : "";
      return below.equals("/") ? "" : below;
    }
  }
}
