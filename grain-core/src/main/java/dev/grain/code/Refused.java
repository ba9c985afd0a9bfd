package dev.grain.code;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The types whose objects belong to one process, and why. */
final class Refused {
  /**
   * Those that are made or opened where they are used. By name, because not every program has the
   * modules that they are in.
   */
  private static final Map<String, String> OPENED =
      Map.ofEntries(
          Map.entry("java.lang.Thread", "a thread belongs to one process"),
          Map.entry("java.lang.ThreadGroup", "threads belong to one process"),
          Map.entry("java.lang.ThreadLocal", "its values belong to the threads of one process"),
          Map.entry("java.lang.ClassLoader", "a class loader belongs to one process"),
          Map.entry("java.lang.Module", "a module belongs to one process"),
          Map.entry("java.lang.Process", "an operating system process belongs to one machine"),
          Map.entry("java.lang.Runtime", "it belongs to one process"),
          Map.entry("java.io.InputStream", "an open stream belongs to one process"),
          Map.entry("java.io.OutputStream", "an open stream belongs to one process"),
          Map.entry("java.io.Reader", "an open stream belongs to one process"),
          Map.entry("java.io.Writer", "an open stream belongs to one process"),
          Map.entry("java.io.RandomAccessFile", "an open file belongs to one process"),
          Map.entry("java.io.FileDescriptor", "an open file belongs to one process"),
          Map.entry("java.nio.channels.Channel", "an open channel belongs to one process"),
          Map.entry("java.nio.channels.Selector", "it belongs to one process"),
          Map.entry("java.net.Socket", "an open socket belongs to one process"),
          Map.entry("java.net.ServerSocket", "an open socket belongs to one process"),
          Map.entry("java.net.DatagramSocket", "an open socket belongs to one process"),
          Map.entry("java.net.http.HttpClient", "its connections belong to one process"),
          Map.entry("java.sql.Connection", "a connection belongs to one process"),
          Map.entry("java.sql.Statement", "a statement belongs to its connection"),
          Map.entry("java.sql.ResultSet", "a result set belongs to its connection"),
          Map.entry("java.util.concurrent.Executor", "an executor belongs to one process"),
          Map.entry("java.util.concurrent.locks.Lock", "a lock holds within one process only"),
          Map.entry(
              "java.util.concurrent.locks.ReadWriteLock", "a lock holds within one process only"),
          Map.entry(
              "java.util.concurrent.locks.StampedLock", "a lock holds within one process only"),
          Map.entry(
              "java.util.concurrent.locks.AbstractOwnableSynchronizer",
              "a lock holds within one process only"),
          Map.entry("java.util.concurrent.locks.Condition", "a lock holds within one process only"),
          Map.entry("java.util.concurrent.Semaphore", "it holds within one process only"),
          Map.entry("java.util.concurrent.CountDownLatch", "it holds within one process only"),
          Map.entry("java.util.concurrent.CyclicBarrier", "it holds within one process only"),
          Map.entry("java.util.concurrent.Phaser", "it holds within one process only"),
          Map.entry("java.util.Timer", "its thread belongs to one process"),
          Map.entry("java.lang.ref.Reference", "it refers to an object of one process"));

  /** Those whose reason contains what to do. */
  private static final Map<String, String> OTHERS =
      Map.of(
          "java.util.concurrent.Future",
          "a future belongs to one process; pass its result",
          "java.util.concurrent.CompletionStage",
          "it belongs to one process; pass its result",
          "java.util.stream.BaseStream",
          "a stream can be consumed once only; collect it to a list",
          "dev.grain.Submitter",
          "it belongs to the program. " + Codec.NO_FURTHER_JOBS,
          "dev.grain.Job",
          "a job belongs to the program; pass its result",
          "dev.grain.Subtask",
          "a subtask belongs to the program; pass its result");

  private Refused() {}

  /** Returns what refuses objects of the class, or null if nothing is against it. */
  static @Nullable RefusingSerializer serializerOf(Class<?> type) {
    for (Class<?> each = type; each != null; each = each.getSuperclass()) {
      RefusingSerializer found = serializerOf(each.getName());
      if (found != null) {
        return found;
      }
      for (Class<?> implemented : each.getInterfaces()) {
        found = serializerOf(implemented);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  private static @Nullable RefusingSerializer serializerOf(String name) {
    String opened = OPENED.get(name);
    String other = OTHERS.get(name);
    return opened != null
        ? new RefusingSerializer(opened, Advice.OPEN)
        : other != null ? new RefusingSerializer(other) : null;
  }
}
