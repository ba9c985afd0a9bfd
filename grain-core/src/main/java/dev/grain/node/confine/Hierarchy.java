package dev.grain.node.confine;

import dev.grain.resource.internal.ControlGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The control groups of a node in one hierarchy of the kernel.
 *
 * <p>In version 2 a group that limits groups below it may not have processes itself. So the node
 * moves to a group of its own below the one that it was started in, which is why that one has to be
 * delegated to it.
 */
final class Hierarchy {
  /** The group of the node itself, in version 2. */
  static final String LEAF = "grain-worker";

  private static final String CONTROLLERS = "cgroup.controllers";
  private static final String BELOW = "cgroup.subtree_control";

  private final GroupFolder own;
  private final GroupFolder life;
  private final Set<Part> parts;

  /** Where the node was before it moved; null if it has not. */
  private final @Nullable GroupFolder before;

  private Hierarchy(
      GroupFolder own, GroupFolder life, Set<Part> parts, @Nullable GroupFolder before) {
    this.own = own;
    this.life = life;
    this.parts = parts;
    this.before = before;
  }

  /** The group of the node itself, to which processes go back. */
  GroupFolder own() {
    return own;
  }

  /** The group that has those of the jobs. */
  GroupFolder life() {
    return life;
  }

  /** What it limits. */
  Set<Part> parts() {
    return parts;
  }

  boolean unified() {
    return life.unified();
  }

  /** Removes the groups, and puts the node back to where it was. */
  void close() throws IOException {
    life.clear();
    GroupFolder parent = before;
    if (parent != null && parent.children().size() == 1) {
      for (Part each : parts) {
        parent.write(BELOW, "-" + each.controller());
      }
      for (long each : own.processes()) {
        parent.enter(each);
      }
      own.remove();
    }
  }

  // ---------------------------------------------------------------- version 1

  /**
   * Makes the groups in a hierarchy of version 1.
   *
   * @param wanted what is to be limited; without what another hierarchy limits
   * @throws IOException if this process may not, or the kernel is too old
   */
  static Hierarchy version1(Path root, ControlGroup group, Set<Part> wanted, String name)
      throws IOException {
    GroupFolder own = new GroupFolder(at(root, group.folders().getFirst()), false);
    Life.clearOthers(own);
    GroupFolder life = own.below(name).make();
    try {
      if (wanted.contains(Part.CORES)) {
        life.write("cpuset.mems", effective(own, "mems"));
        life.write("cpuset.cpus", effective(own, "cpus"));
      }
      if (wanted.contains(Part.MEMORY) && life.number("memory.oom_control", "oom_kill") < 0) {
        throw new IOException("the kernel is older than Linux 4.13");
      }
      return new Hierarchy(own, life, wanted, null);
    } catch (IOException e) {
      life.remove();
      throw e;
    }
  }

  /** Returns which cores or memory nodes a group of version 1 has. */
  private static String effective(GroupFolder group, String what) throws IOException {
    String effective = "cpuset.effective_" + what;
    return group.read(group.has(effective) ? effective : "cpuset." + what);
  }

  // ---------------------------------------------------------------- version 2

  /**
   * Makes the groups in the hierarchy of version 2.
   *
   * @param wanted what is to be limited
   * @param movable the ids of the processes that may move
   * @throws IOException if the group of this process is not delegated to it, with the reason
   */
  static Hierarchy version2(
      Path root, ControlGroup group, Set<Part> wanted, String name, Set<Long> movable)
      throws IOException {
    GroupFolder own = new GroupFolder(at(root, group.folders().getFirst()), true);
    Set<Part> offered = those(wanted, own.words(CONTROLLERS));
    if (offered.isEmpty()) {
      throw new IOException(own + " has no controllers for it");
    }
    if (group.folders().size() > 1) {
      GroupFolder parent = new GroupFolder(at(root, group.folders().get(1)), true);
      boolean prepared = own.folder().endsWith(LEAF) || isMarked(parent);
      Set<Part> enabled = those(wanted, parent.words(BELOW));
      if (prepared && !enabled.isEmpty()) {
        return make(parent, own, enabled, name, null);
      }
    }
    boolean top = group.folders().size() == 1 && own.has("cgroup.events");
    if (!top && !isMarked(own) && !belongsToUser(own)) {
      throw new IOException(own + " is not delegated to this process");
    }
    List<Long> others = new ArrayList<>(own.processes());
    others.removeAll(movable);
    if (!others.isEmpty()) {
      throw new IOException(
          "%s has other processes, too, for example %s".formatted(own, others.getFirst()));
    }
    return divide(own, offered, name);
  }

  private static Hierarchy divide(GroupFolder own, Set<Part> offered, String name)
      throws IOException {
    GroupFolder leaf = own.below(LEAF);
    Files.createDirectories(leaf.folder());
    try {
      for (long each : own.processes()) {
        leaf.enter(each);
      }
      return make(own, leaf, offered, name, own);
    } catch (IOException e) {
      for (long each : leaf.processes()) {
        own.enter(each);
      }
      leaf.remove();
      throw e;
    }
  }

  private static Hierarchy make(
      GroupFolder parent,
      GroupFolder leaf,
      Set<Part> parts,
      String name,
      @Nullable GroupFolder before)
      throws IOException {
    Life.clearOthers(parent);
    Set<Part> enabled = enable(parent, parts);
    GroupFolder life = parent.below(name).make();
    return new Hierarchy(leaf, life, enable(life, enabled), before);
  }

  /** Has a group limit the groups below it, and returns what it can limit. */
  private static Set<Part> enable(GroupFolder group, Set<Part> parts) throws IOException {
    Set<Part> enabled = EnumSet.noneOf(Part.class);
    IOException refused = new IOException(group + " cannot limit groups below it");
    for (Part each : parts) {
      try {
        if (!group.words(BELOW).contains(each.controller())) {
          group.write(BELOW, "+" + each.controller());
        }
        enabled.add(each);
      } catch (IOException e) {
        refused.addSuppressed(e);
      }
    }
    if (enabled.isEmpty()) {
      throw refused;
    }
    return enabled;
  }

  private static Set<Part> those(Set<Part> wanted, List<String> controllers) {
    Set<Part> parts = EnumSet.noneOf(Part.class);
    wanted.stream().filter(each -> controllers.contains(each.controller())).forEach(parts::add);
    return parts;
  }

  /** Returns whether systemd has marked a group as delegated. */
  private static boolean isMarked(GroupFolder group) {
    for (String mark : List.of("user:delegate", "trusted:delegate")) {
      try {
        Files.getAttribute(group.folder(), mark);
        return true;
      } catch (IOException | RuntimeException e) {
        // it is not
      }
    }
    return false;
  }

  /** Returns whether a group belongs to a user other than the system's. */
  private static boolean belongsToUser(GroupFolder group) {
    try {
      UserPrincipal owner = Files.getOwner(group.folder());
      return !owner.getName().equals("root") && Files.isWritable(group.folder());
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  private static Path at(Path root, String absolute) {
    return root.resolve(absolute.substring(1));
  }
}
