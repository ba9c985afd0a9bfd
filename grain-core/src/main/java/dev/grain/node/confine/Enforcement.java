package dev.grain.node.confine;

import dev.grain.Allocation;
import dev.grain.Enforce;
import dev.grain.resource.internal.ControlGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What keeps the processes of a node's jobs to what they have requested. It looks once for what the
 * machine offers, and takes the best for each of cores, memory and the number of processes: control
 * groups of version 2, then of version 1, then what the node does itself.
 *
 * <p>For any thread. Its groups in the kernel are removed when it is closed, or by the next node in
 * the same group if this process is killed.
 */
public final class Enforcement implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Enforcement.class.getName());

  /**
   * A system property, for tests: {@code samples} for a node that does without control groups, as
   * if there were none.
   */
  private static final String ONLY = "dev.grain.enforce.only";

  private static final String ADVICE =
      "delegate a control group to it, for example with systemd-run --user --scope -p Delegate=yes,"
          + " Delegate=yes in a systemd service, or a writable /sys/fs/cgroup in a container";

  private final EnforcementSettings settings;
  private final Path root;
  private final AtomicLong last = new AtomicLong();
  // both guarded by this
  private @Nullable Found found;
  private boolean closed;

  /**
   * What the machine offers.
   *
   * @param cores those that jobs can be pinned to
   * @param missing why a part is limited by no control group
   */
  private record Found(
      List<Hierarchy> hierarchies,
      Map<Part, Mechanism> mechanisms,
      BitSet cores,
      Map<Part, String> missing) {}

  private Enforcement(EnforcementSettings settings, Path root) {
    this.settings = settings;
    this.root = root;
  }

  /**
   * Looks for what the machine offers.
   *
   * @throws NotEnforceableException if limits are required, and there are no control groups for
   *     them
   */
  public static Enforcement open(EnforcementSettings settings) throws NotEnforceableException {
    return open(settings, Path.of("/"));
  }

  static Enforcement open(EnforcementSettings settings, Path root) throws NotEnforceableException {
    Enforcement enforcement = new Enforcement(settings, root);
    Found found = enforcement.found();
    if (settings.mode() == Enforce.REQUIRE) {
      try {
        ensureComplete(found);
      } catch (NotEnforceableException e) {
        enforcement.close();
        throw e;
      }
    }
    return enforcement;
  }

  /** The same, but looks when the first process is to be confined, unless limits are required. */
  public static Enforcement whenNeeded(EnforcementSettings settings)
      throws NotEnforceableException {
    return settings.mode() == Enforce.REQUIRE
        ? open(settings)
        : new Enforcement(settings, Path.of("/"));
  }

  private static void ensureComplete(Found found) throws NotEnforceableException {
    String missing =
        found.mechanisms().entrySet().stream()
            .filter(each -> !each.getValue().isControlGroup())
            .map(Map.Entry::getKey)
            .map(part -> part.words() + " (" + found.missing().get(part) + ")")
            .collect(Collectors.joining(", "));
    int parts =
        (int) found.mechanisms().values().stream().filter(Mechanism::isControlGroup).count();
    if (parts < Part.values().length) {
      throw new NotEnforceableException(
          "No control group limits %s. For limits that processes cannot escape, %s. Or use"
                  .formatted(missing.isEmpty() ? "cores, memory and processes" : missing, ADVICE)
              + " --enforce=best, which limits what this machine can limit.");
    }
  }

  // ---------------------------------------------------------------- what there is

  private synchronized Found found() {
    Found known = found;
    if (known == null) {
      known = settings.mode() == Enforce.OFF || closed ? nothing() : look();
      found = known;
    }
    return known;
  }

  private static Found nothing() {
    return new Found(List.of(), Map.of(), new BitSet(), Map.of());
  }

  private Found look() {
    List<Hierarchy> hierarchies = new ArrayList<>();
    Map<Part, Mechanism> mechanisms = new EnumMap<>(Part.class);
    Map<Part, String> missing = new EnumMap<>(Part.class);
    Set<Part> wanted = EnumSet.allOf(Part.class);
    wanted.forEach(part -> missing.put(part, "there are none on this machine"));
    if (!"samples".equals(System.getProperty(ONLY))) {
      List<ControlGroup> groups = ControlGroup.of(root);
      String name = Life.next().name();
      groups.stream()
          .filter(ControlGroup::unified)
          .forEach(group -> {
            Set<Part> left = without(wanted, mechanisms);
            add(
                left,
                () -> Hierarchy.version2(root, group, left, name, movable()),
                hierarchies,
                mechanisms,
                missing);
          });
      groups.stream()
          .filter(group -> !group.unified())
          .forEach(group -> {
            Set<Part> left = without(wanted, mechanisms);
            left.removeIf(part -> !group.has(part.controller()));
            add(
                left,
                () -> Hierarchy.version1(root, group, left, name),
                hierarchies,
                mechanisms,
                missing);
          });
    }
    BitSet cores = Affinity.of(0);
    if (!mechanisms.containsKey(Part.CORES) && cores != null) {
      mechanisms.put(Part.CORES, Mechanism.AFFINITY);
    }
    mechanisms.putIfAbsent(Part.MEMORY, Mechanism.SAMPLES);
    mechanisms.putIfAbsent(Part.PROCESSES, Mechanism.SAMPLES);
    if (cores == null) {
      cores = new BitSet();
      cores.set(0, Runtime.getRuntime().availableProcessors());
    }
    return new Found(List.copyOf(hierarchies), mechanisms, cores, missing);
  }

  /** Makes the groups of a hierarchy. */
  @FunctionalInterface
  private interface Maker {
    Hierarchy make() throws IOException;
  }

  private static void add(
      Set<Part> left,
      Maker maker,
      List<Hierarchy> hierarchies,
      Map<Part, Mechanism> mechanisms,
      Map<Part, String> missing) {
    if (left.isEmpty()) {
      return;
    }
    try {
      Hierarchy made = maker.make();
      hierarchies.add(made);
      Mechanism by = made.unified() ? Mechanism.CGROUP_2 : Mechanism.CGROUP_1;
      made.parts().forEach(part -> mechanisms.put(part, by));
    } catch (IOException e) {
      left.forEach(part -> missing.put(part, String.valueOf(e.getMessage())));
      LOG.log(System.Logger.Level.DEBUG, "Control groups cannot be used", e);
    }
  }

  private static Set<Part> without(Set<Part> wanted, Map<Part, Mechanism> mechanisms) {
    Set<Part> left = EnumSet.copyOf(wanted);
    left.removeAll(mechanisms.keySet());
    return left;
  }

  /** Returns this process and those that have started it, such as a launcher. */
  private static Set<Long> movable() {
    Set<Long> ids = new HashSet<>();
    ProcessHandle process = ProcessHandle.current();
    while (process != null) {
      ids.add(process.pid());
      process = process.parent().orElse(null);
    }
    return ids;
  }

  /**
   * Says for people what is enforced how, for example {@code cores, memory and processes by cgroup
   * v1}.
   */
  public String description() {
    Map<Mechanism, List<String>> byMechanism = new LinkedHashMap<>();
    found()
        .mechanisms()
        .forEach((part, mechanism) -> {
          boolean used =
              switch (part) {
                case CORES -> settings.pinsCores();
                case MEMORY -> true;
                case PROCESSES -> settings.maxProcesses() > 0;
              };
          if (used) {
            byMechanism.computeIfAbsent(mechanism, _ -> new ArrayList<>()).add(part.words());
          }
        });
    return byMechanism.isEmpty()
        ? "nothing"
        : byMechanism.entrySet().stream()
            .map(each -> enumerated(each.getValue()) + " by " + each.getKey().words())
            .collect(Collectors.joining(", "));
  }

  private static String enumerated(List<String> words) {
    int end = words.size() - 1;
    return end == 0
        ? words.getFirst()
        : String.join(", ", words.subList(0, end)) + " and " + words.get(end);
  }

  /**
   * Says for people how to get control groups for everything; null if there are, or none is wanted.
   */
  public @Nullable String advice() {
    Collection<Mechanism> mechanisms = found().mechanisms().values();
    boolean complete = mechanisms.stream().allMatch(Mechanism::isControlGroup);
    return complete ? null : "For limits that processes cannot escape, " + ADVICE + ".";
  }

  /** Returns the folders of its groups, whose processes are to end if this one does. */
  public List<Path> groups() {
    return found().hierarchies().stream().map(each -> each.life().folder()).toList();
  }

  // ---------------------------------------------------------------- jobs

  /**
   * Prepares what keeps the processes of a job to what it holds.
   *
   * @throws IOException if the system does not allow it
   */
  public Confinement confine(Allocation allocation) throws IOException {
    return confine(allocation, allocation.memory());
  }

  /**
   * Prepares the same with another amount of memory.
   *
   * @param memory in bytes; 0 for any amount
   * @throws IOException if the system does not allow it
   */
  public Confinement confine(Allocation allocation, long memory) throws IOException {
    Found what = found();
    Confinement.Limits limits =
        new Confinement.Limits(
            pinned(allocation),
            settings.mode() == Enforce.OFF ? 0 : memory,
            settings.maxProcesses());
    // a group costs more than the start of a process; where limits are required it is also what
    // no process can leave
    List<Hierarchy> used =
        settings.mode() == Enforce.REQUIRE
            ? what.hierarchies()
            : what.hierarchies().stream().filter(limits::concern).toList();
    return Confinement.make("job-" + last.incrementAndGet(), used, what.mechanisms(), limits);
  }

  /** Returns whether {@link #pin} has something to do for this allocation; never waits. */
  public boolean isPinnedElsewhere(Confinement confinement, Allocation allocation) {
    return confinement.isPinnedElsewhere(pinned(allocation));
  }

  /**
   * Lets a process that runs one job after another run on the cores of the next one.
   *
   * @param process was started in the confinement
   * @throws IOException if the system does not allow it
   */
  public void pin(Confinement confinement, long process, Allocation allocation) throws IOException {
    confinement.pin(process, pinned(allocation));
  }

  private @Nullable BitSet pinned(Allocation allocation) {
    BitSet cores = new BitSet();
    allocation.cores().forEach(cores::set);
    BitSet beyond = (BitSet) cores.clone();
    beyond.andNot(found().cores());
    // a node may offer more cores than the machine has
    return settings.pinsCores() && !cores.isEmpty() && beyond.isEmpty() ? cores : null;
  }

  /** Kills what is left in its groups, and removes them. */
  @Override
  public void close() {
    Found known;
    synchronized (this) {
      closed = true;
      known = found;
      found = nothing();
    }
    if (known != null) {
      for (Hierarchy each : known.hierarchies()) {
        try {
          each.close();
        } catch (IOException e) {
          LOG.log(System.Logger.Level.DEBUG, "A control group could not be removed", e);
        }
      }
    }
  }
}
