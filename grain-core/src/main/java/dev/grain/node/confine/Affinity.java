package dev.grain.node.confine;

import dev.grain.posix.Posix;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The cores that threads may run on, by calls of the system. A process inherits them from the
 * thread that starts it, and may widen them itself.
 */
public final class Affinity {
  /** Bytes of a set of cores: as many as the largest machines of Linux need. */
  private static final int SIZE = 1024;

  private static final FunctionDescriptor TYPE =
      FunctionDescriptor.of(
          ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);
  private static final @Nullable MethodHandle GET = Posix.function("sched_getaffinity", TYPE);
  private static final @Nullable MethodHandle SET = Posix.function("sched_setaffinity", TYPE);

  private Affinity() {}

  /** Returns whether this process can ask for cores and choose them. */
  public static boolean isAvailable() {
    return SET != null && of(0) != null;
  }

  /**
   * Returns the cores of a thread; null if they cannot be had.
   *
   * @param thread its id in the system, 0 for this one
   */
  @SuppressWarnings("CatchThrowable") // what a method handle declares
  public static @Nullable BitSet of(long thread) {
    if (GET == null) {
      return null;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment set = arena.allocate(SIZE, Long.BYTES);
      int length = (int) GET.invokeExact((int) thread, (long) SIZE, set);
      return length < 0 ? null : BitSet.valueOf(set.toArray(ValueLayout.JAVA_BYTE));
    } catch (Throwable e) {
      throw new IllegalStateException("sched_getaffinity cannot be called", e);
    }
  }

  /**
   * Has a thread run on some cores only.
   *
   * @param thread its id in the system, 0 for this one
   * @return whether the system has done so; it refuses if none of the cores exists, for example
   */
  @SuppressWarnings("CatchThrowable") // what a method handle declares
  public static boolean set(long thread, BitSet cores) {
    if (SET == null) {
      return false;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment set = arena.allocate(SIZE, Long.BYTES);
      MemorySegment bytes = MemorySegment.ofArray(cores.toByteArray());
      if (bytes.byteSize() > SIZE) {
        return false;
      }
      set.copyFrom(bytes);
      return (int) SET.invokeExact((int) thread, (long) SIZE, set) == 0;
    } catch (Throwable e) {
      throw new IllegalStateException("sched_setaffinity cannot be called", e);
    }
  }

  /** Has all threads of a process run on some cores only. */
  static void setAll(long process, BitSet cores) throws IOException {
    List<Long> done = new ArrayList<>();
    int before;
    do { // a thread that was started meanwhile has the cores of the one that started it
      before = done.size();
      for (long thread : threads(Path.of("/proc", String.valueOf(process), "task"))) {
        if (!done.contains(thread)) {
          set(thread, cores);
          done.add(thread);
        }
      }
    } while (done.size() > before);
  }

  /** Returns the ids of the threads that a folder of {@code /proc} lists. */
  static List<Long> threads(Path folder) throws IOException {
    List<Long> ids = new ArrayList<>();
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(folder, "[0-9]*")) {
      for (Path each : threads) {
        ids.add(Long.valueOf(each.getFileName().toString()));
      }
    }
    return ids;
  }
}
