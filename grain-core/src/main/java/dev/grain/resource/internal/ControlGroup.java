package dev.grain.resource.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The control group of this process in one hierarchy.
 *
 * @param unified whether the hierarchy is of version 2
 * @param controllers those of a hierarchy of version 1, among other words; meaningless in version 2
 * @param folders that of the group, and those of the groups above it as far as they are mounted;
 *     the highest is the last
 */
public record ControlGroup(boolean unified, List<String> controllers, List<String> folders) {
  /**
   * Returns those of all hierarchies that are mounted.
   *
   * @param root the root of the file system. The folders are absolute paths below it
   */
  public static List<ControlGroup> of(Path root) {
    return of(new Machine(root, Map.of()));
  }

  static List<ControlGroup> of(Machine machine) {
    List<Membership> memberships = new ArrayList<>();
    for (String line : machine.lines("/proc/self/cgroup")) {
      String[] fields = line.split(":", 3);
      if (fields.length == 3) {
        memberships.add(new Membership(List.of(fields[1].split(",", -1)), fields[2]));
      }
    }
    List<ControlGroup> groups = new ArrayList<>();
    if (memberships.isEmpty()) {
      return groups;
    }
    for (String line : machine.lines("/proc/self/mountinfo")) {
      Mount mount = Mount.parse(line);
      for (Membership membership : memberships) {
        if (mount != null && mount.isOf(membership)) {
          groups.add(
              new ControlGroup(mount.unified(), mount.options(), mount.groups(membership.path())));
        }
      }
    }
    return groups;
  }

  /** Returns whether a hierarchy of version 1 has a controller. */
  public boolean has(String controller) {
    return !unified && controllers.contains(controller);
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
