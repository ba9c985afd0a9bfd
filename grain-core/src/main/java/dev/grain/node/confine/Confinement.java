package dev.grain.node.confine;

import dev.grain.text.MemoryUnit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What keeps the processes of one job to what it holds. Processes are started in it, and those that
 * they start are in it, too, whatever becomes of their parents. It is to be closed when the job is
 * over. For any thread, but {@link #start} for one at a time.
 */
public final class Confinement implements AutoCloseable {
  private static final Path OWN_THREADS = Path.of("/proc/self/task");

  /** Moves itself to the group whose file is its first argument, and becomes the others. */
  private static final String ENTER = "echo 0 >\"$0\" && exec \"$@\"";

  private final List<Member> members;
  private final Limits limits;
  private final @Nullable Mechanism cores;
  private final @Nullable Mechanism memory;
  private final @Nullable Mechanism processes;

  // set by the thread that gives the processes a job, one at a time
  private volatile @Nullable BitSet pinned;
  // all set by any thread
  private volatile long peak = -1;
  private volatile boolean exceedsMemory;
  private volatile boolean exceedsProcesses;
  private volatile boolean reachesProcesses;

  /**
   * What the processes may have.
   *
   * @param cores null for any
   * @param memory in bytes, together; 0 for any amount
   * @param processes how many; 0 for any number
   */
  record Limits(@Nullable BitSet cores, long memory, long processes) {
    /** Returns whether a hierarchy has to enforce any of them. */
    boolean concern(Hierarchy hierarchy) {
      return hierarchy.parts().stream()
          .anyMatch(part ->
              switch (part) {
                case CORES -> cores != null;
                case MEMORY -> memory > 0;
                case PROCESSES -> processes > 0;
              });
    }
  }

  /** The group of the job in a hierarchy. */
  private record Member(Hierarchy hierarchy, GroupFolder group) {
    boolean limits(Part part) {
      return hierarchy.parts().contains(part);
    }
  }

  /**
   * Starts a process.
   *
   * @param <T> the type that represents the process
   * @param <X> what it throws
   */
  @FunctionalInterface
  public interface Starter<T, X extends Exception> {
    /**
     * Starts it on this thread.
     *
     * @param words the program and its arguments
     */
    T start(List<String> words) throws X, IOException;
  }

  private Confinement(Map<Part, Mechanism> mechanisms, Limits limits) {
    this.limits = limits;
    this.pinned = limits.cores();
    this.members = new ArrayList<>();
    this.cores = mechanisms.get(Part.CORES);
    this.memory = mechanisms.get(Part.MEMORY);
    this.processes = mechanisms.get(Part.PROCESSES);
  }

  /** Makes the groups of a job, with its limits. */
  static Confinement make(
      String name, List<Hierarchy> hierarchies, Map<Part, Mechanism> mechanisms, Limits limits)
      throws IOException {
    Confinement made = new Confinement(mechanisms, limits);
    try {
      for (Hierarchy each : hierarchies) {
        made.add(each, name);
      }
      return made;
    } catch (IOException e) {
      made.close();
      throw new IOException("its control groups could not be created: " + e.getMessage(), e);
    }
  }

  private void add(Hierarchy hierarchy, String name) throws IOException {
    BitSet pinned = limits.cores();
    boolean onlyCores = hierarchy.parts().size() == 1 && hierarchy.parts().contains(Part.CORES);
    if (onlyCores && pinned == null) {
      return;
    }
    GroupFolder group = hierarchy.life().below(name).make();
    members.add(new Member(hierarchy, group));
    if (hierarchy.parts().contains(Part.CORES)) {
      limitCores(hierarchy, group, pinned);
    }
    if (hierarchy.parts().contains(Part.MEMORY) && limits.memory() > 0) {
      limitMemory(group);
    }
    if (hierarchy.parts().contains(Part.PROCESSES) && limits.processes() > 0) {
      // one more for the thread that visits the group to start the process
      group.write("pids.max", String.valueOf(limits.processes() + (group.unified() ? 0 : 1)));
    }
  }

  private static void limitCores(Hierarchy hierarchy, GroupFolder group, @Nullable BitSet pinned)
      throws IOException {
    if (!group.unified()) {
      group.write("cpuset.mems", hierarchy.life().read("cpuset.mems"));
      if (pinned == null) {
        group.write("cpuset.cpus", hierarchy.life().read("cpuset.cpus"));
      }
    }
    if (pinned != null) {
      group.write(
          "cpuset.cpus",
          pinned.stream().mapToObj(String::valueOf).collect(Collectors.joining(",")));
    }
  }

  private void limitMemory(GroupFolder group) throws IOException {
    String bytes = String.valueOf(limits.memory());
    if (group.unified()) {
      group.write("memory.max", bytes);
      if (group.has("memory.swap.max")) {
        group.write("memory.swap.max", "0");
      }
      if (group.has("memory.oom.group")) {
        group.write("memory.oom.group", "1");
      }
    } else {
      group.write("memory.limit_in_bytes", bytes);
      if (group.has("memory.memsw.limit_in_bytes")) {
        group.write("memory.memsw.limit_in_bytes", bytes);
      }
    }
  }

  // ---------------------------------------------------------------- starting

  /**
   * Starts a process that is confined from its first instruction.
   *
   * <p>Implementation note: in version 1 a thread can be in other groups than its process. So this
   * thread visits them, as it takes on the affinity, and the process inherits both. In version 2 a
   * small shell moves itself and becomes the program, with the same id.
   *
   * @param words the program, by its path, and its arguments
   * @param starter is given the words that start it so, on this thread, which must not be virtual
   * @throws IOException if the groups are gone, for example
   */
  public <T, X extends Exception> T start(List<String> words, Starter<T, X> starter)
      throws X, IOException {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException("A virtual thread cannot enter a control group");
    }
    Visit visit = new Visit();
    try {
      visit.begin();
      return starter.start(entering(words));
    } finally {
      visit.end();
    }
  }

  private List<String> entering(List<String> words) {
    List<String> all = words;
    for (Member each : members) {
      if (each.group().unified()) {
        List<String> more = new ArrayList<>();
        more.addAll(List.of("/bin/sh", "-c", ENTER, each.group().entrance().toString()));
        more.addAll(all);
        all = more;
      }
    }
    return all;
  }

  /** The stay of this thread where the process is to be. */
  private final class Visit {
    private static final String THREADS = "tasks";

    private final @Nullable BitSet usual = limits.cores() == null ? null : Affinity.of(0);

    void begin() throws IOException {
      for (Member each : members) {
        if (!each.group().unified()) {
          each.group().write(THREADS, "0");
        }
      }
      BitSet pinned = limits.cores();
      if (pinned != null && cores == Mechanism.AFFINITY && !Affinity.set(0, pinned)) {
        throw new IOException("the system does not let it run on the cores " + pinned);
      }
    }

    /** Leaves all groups, also if it cannot leave one, as this thread goes on with other work. */
    void end() throws IOException {
      IOException problem = null;
      for (Member each : members) {
        try {
          leave(each);
        } catch (IOException e) {
          problem = e;
        }
      }
      if (usual != null) {
        Affinity.set(0, usual);
        freeReapers(usual);
      }
      if (problem != null) {
        throw problem;
      }
    }

    private void leave(Member member) throws IOException {
      if (!member.group().unified()) {
        member.hierarchy().own().write(THREADS, "0");
        bringBackOthers(member);
        if (member.limits(Part.PROCESSES) && limits.processes() > 0) {
          member.group().write("pids.max", String.valueOf(limits.processes()));
        }
      }
    }

    /** Moves threads of this process that were started meanwhile, such as the JDK's reapers. */
    private void bringBackOthers(Member member) {
      for (String id : member.group().words(THREADS)) {
        if (Files.exists(OWN_THREADS.resolve(id))) {
          try {
            member.hierarchy().own().write(THREADS, id);
          } catch (IOException e) {
            // it has ended
          }
        }
      }
    }

    /** Lets the JDK's threads that wait for the ends of processes run on all cores again. */
    private void freeReapers(BitSet all) {
      try {
        for (long thread : Affinity.threads(OWN_THREADS)) {
          Path name = OWN_THREADS.resolve(thread + "/comm");
          if (isReaper(name) && !all.equals(Affinity.of(thread))) {
            Affinity.set(thread, all);
          }
        }
      } catch (IOException e) {
        // they only wait
      }
    }

    private static boolean isReaper(Path name) {
      try {
        return Files.readString(name, StandardCharsets.ISO_8859_1).startsWith("process reaper");
      } catch (IOException e) {
        return false;
      }
    }
  }

  // ---------------------------------------------------------------- processes with several jobs

  /**
   * Lets the processes run on other cores from now on, as they work for another job.
   *
   * @param process the one that was started here
   * @param others null for no change
   */
  void pin(long process, @Nullable BitSet others) throws IOException {
    if (others == null || !isPinnedElsewhere(others)) {
      return;
    }
    for (Member each : members) {
      if (each.limits(Part.CORES)) {
        pin(each.group(), others);
      }
    }
    if (cores == Mechanism.AFFINITY) {
      Affinity.setAll(process, others);
    }
    pinned = others;
  }

  /** Returns whether {@link #pin} has something to do, which may take a while. */
  boolean isPinnedElsewhere(@Nullable BitSet others) {
    return others != null && !others.equals(pinned);
  }

  private static void pin(GroupFolder group, BitSet cores) throws IOException {
    group.write(
        "cpuset.cpus", cores.stream().mapToObj(String::valueOf).collect(Collectors.joining(",")));
  }

  // ---------------------------------------------------------------- watching

  /**
   * Takes note of what the processes use. Where no control group does it, this is what enforces the
   * limits, so it should be called a few times a second.
   *
   * @param ids the processes
   * @param resident the resident memory of all in bytes; what they share may be counted twice
   */
  public void sample(Collection<Long> ids, long resident) {
    if (processes == Mechanism.SAMPLES && limits.processes() > 0) {
      exceedsProcesses |= ids.size() > limits.processes();
    }
    if (memory != Mechanism.SAMPLES) {
      return;
    }
    long used = resident;
    if (limits.memory() > 0 && resident > limits.memory()) {
      used = ProportionalMemory.of(ids, resident);
      exceedsMemory |= used > limits.memory();
    }
    peak = Math.max(peak, used);
  }

  /** Returns whether the processes have needed more memory than they may have. */
  public boolean exceedsMemory() {
    for (Member each : members) {
      if (each.limits(Part.MEMORY) && limits.memory() > 0 && !exceedsMemory) {
        String file = each.group().unified() ? "memory.events" : "memory.oom_control";
        exceedsMemory = each.group().number(file, "oom_kill") > 0;
      }
    }
    return exceedsMemory;
  }

  /** Returns whether samples have shown more processes than there may be. */
  public boolean exceedsProcesses() {
    return exceedsProcesses;
  }

  /** Returns whether the processes have tried to start more than there may be. */
  public boolean reachesProcesses() {
    for (Member each : members) {
      if (each.limits(Part.PROCESSES) && limits.processes() > 0 && !reachesProcesses) {
        reachesProcesses = each.group().number("pids.events", "max") > 0;
      }
    }
    return reachesProcesses || exceedsProcesses;
  }

  /** Returns the most memory that the processes have had together, in bytes; -1 if not known. */
  public long peakMemory() {
    for (Member each : members) {
      if (each.limits(Part.MEMORY)) {
        String file = each.group().unified() ? "memory.peak" : "memory.max_usage_in_bytes";
        peak = Math.max(peak, each.group().number(file));
      }
    }
    return peak;
  }

  /** Returns how many bytes the processes may have together; -1 for any amount. */
  public long memoryLimit() {
    return limits.memory() == 0 ? -1 : limits.memory();
  }

  /** Returns how many processes and threads there may be; 0 for any number. */
  public long processLimit() {
    return limits.processes();
  }

  /**
   * Says for people that the processes have needed more memory than they may have.
   *
   * @param why has them limited, for example {@code that it requested}
   */
  public String memoryExceeded(String why) {
    return "used %s of the %s %s (enforced by %s); request more, for example memory(\"%s\")"
        .formatted(
            MemoryUnit.readable(Math.max(peakMemory(), 0)),
            MemoryUnit.readable(limits.memory()),
            why,
            memory == null ? "nothing" : memory.words(),
            MemoryUnit.readable(2 * limits.memory()).replace(" ", ""));
  }

  // ---------------------------------------------------------------- the end

  /** Has all processes killed that control groups know; call it until {@link #isEmpty}. */
  public void kill() {
    members.forEach(each -> each.group().kill());
  }

  /** Returns whether control groups know of no process; true where there are none. */
  public boolean isEmpty() {
    return members.stream().noneMatch(each -> each.group().hasProcesses());
  }

  /** Returns the ids of the processes that control groups know. */
  public List<Long> processes() {
    return members.isEmpty() ? List.of() : members.getFirst().group().processes();
  }

  /** Kills what is left, waits for its end as far as control groups know, and closes this. */
  public void end() {
    peakMemory();
    exceedsMemory();
    for (Member each : members) {
      try {
        each.group().clear();
      } catch (IOException e) {
        // it goes with the node's
      }
    }
  }

  /** Removes the groups of the job; its processes have to be over. */
  @Override
  public void close() {
    peakMemory();
    exceedsMemory();
    reachesProcesses();
    for (Member each : members) {
      try {
        each.group().remove();
      } catch (IOException e) {
        // it goes with the node's
      }
    }
  }
}
