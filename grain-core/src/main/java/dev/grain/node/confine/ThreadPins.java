package dev.grain.node.confine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Pins threads of this process to the cores of their jobs, one job after the other. For any thread.
 *
 * <p>Implementation note: a thread inherits the cores of the one that starts it, also those that
 * the JDK starts for all, such as the carriers of virtual threads. So when a job has ended, threads
 * that are new and belong to no job get all cores.
 */
public final class ThreadPins {
  private static final Path THREADS = Path.of("/proc/self/task");

  private final String prefix;
  private final BitSet usual;
  // the ids of threads that have all cores
  private final Set<Long> free = ConcurrentHashMap.newKeySet();

  private ThreadPins(String prefix, BitSet usual) {
    this.prefix = prefix;
    this.usual = usual;
  }

  /**
   * Makes one for a process whose threads have all of its cores.
   *
   * @param prefix the prefix of the names of threads that belong to jobs
   * @throws NotEnforceableException if this process cannot pin threads
   */
  public static ThreadPins of(String prefix) throws NotEnforceableException {
    BitSet usual = Affinity.of(0);
    if (usual == null || !Affinity.isAvailable()) {
      throw new NotEnforceableException(
          "--pin needs Linux, and a JVM with --enable-native-access=ALL-UNNAMED, as bin/grain-worker"
              + " starts it.");
    }
    return new ThreadPins(prefix, usual);
  }

  /**
   * Pins the current thread, and those that it starts.
   *
   * @param cores the ids; with none, or with one that this process may not use, it has all
   */
  public void pin(List<Integer> cores) {
    BitSet wanted = new BitSet();
    cores.forEach(wanted::set);
    BitSet beyond = (BitSet) wanted.clone();
    beyond.andNot(usual);
    Affinity.set(0, wanted.isEmpty() || !beyond.isEmpty() ? usual : wanted);
  }

  /** Lets the current thread run on all cores again, and others that it has started for all. */
  public void unpin() {
    Affinity.set(0, usual);
    try {
      List<Long> all = Affinity.threads(THREADS);
      // the system gives the ids of those that have ended to others
      free.retainAll(Set.copyOf(all));
      for (long thread : all) {
        if (!free.contains(thread) && !isOfJob(thread)) {
          Affinity.set(thread, usual);
          free.add(thread);
        }
      }
    } catch (IOException e) {
      // they stay where they are
    }
  }

  private boolean isOfJob(long thread) {
    try {
      Path name = THREADS.resolve(thread + "/comm");
      return Files.readString(name, StandardCharsets.ISO_8859_1).startsWith(prefix);
    } catch (IOException e) {
      return true;
    }
  }
}
