package dev.grain.code;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The types whose objects belong to one process, and why. */
final class Refused {
  private static final String OPEN = "; " + EncodingRefusal.WAY_OUT;

  /** By name, because not every program has the modules that they are in. */
  private static final Map<String, String> REASONS =
      Map.ofEntries(
          Map.entry("java.lang.Thread", "a thread belongs to one process" + OPEN),
          Map.entry("java.lang.ThreadGroup", "threads belong to one process" + OPEN),
          Map.entry(
              "java.lang.ThreadLocal", "its values belong to the threads of one process" + OPEN),
          Map.entry("java.lang.ClassLoader", "a class loader belongs to one process" + OPEN),
          Map.entry("java.lang.Module", "a module belongs to one process" + OPEN),
          Map.entry(
              "java.lang.Process", "an operating system process belongs to one machine" + OPEN),
          Map.entry("java.lang.Runtime", "it belongs to one process" + OPEN),
          Map.entry("java.io.InputStream", "an open stream belongs to one process" + OPEN),
          Map.entry("java.io.OutputStream", "an open stream belongs to one process" + OPEN),
          Map.entry("java.io.Reader", "an open stream belongs to one process" + OPEN),
          Map.entry("java.io.Writer", "an open stream belongs to one process" + OPEN),
          Map.entry("java.io.RandomAccessFile", "an open file belongs to one process" + OPEN),
          Map.entry("java.io.FileDescriptor", "an open file belongs to one process" + OPEN),
          Map.entry("java.nio.channels.Channel", "an open channel belongs to one process" + OPEN),
          Map.entry("java.nio.channels.Selector", "it belongs to one process" + OPEN),
          Map.entry("java.net.Socket", "an open socket belongs to one process" + OPEN),
          Map.entry("java.net.ServerSocket", "an open socket belongs to one process" + OPEN),
          Map.entry("java.net.DatagramSocket", "an open socket belongs to one process" + OPEN),
          Map.entry("java.net.http.HttpClient", "its connections belong to one process" + OPEN),
          Map.entry("java.sql.Connection", "a connection belongs to one process" + OPEN),
          Map.entry("java.sql.Statement", "a statement belongs to its connection" + OPEN),
          Map.entry("java.sql.ResultSet", "a result set belongs to its connection" + OPEN),
          Map.entry("java.util.concurrent.Executor", "an executor belongs to one process" + OPEN),
          Map.entry(
              "java.util.concurrent.Future", "a future belongs to one process; pass its result"),
          Map.entry(
              "java.util.concurrent.CompletionStage", "it belongs to one process; pass its result"),
          Map.entry(
              "java.util.concurrent.locks.Lock", "a lock holds within one process only" + OPEN),
          Map.entry(
              "java.util.concurrent.locks.ReadWriteLock",
              "a lock holds within one process only" + OPEN),
          Map.entry(
              "java.util.concurrent.locks.StampedLock",
              "a lock holds within one process only" + OPEN),
          Map.entry(
              "java.util.concurrent.locks.AbstractOwnableSynchronizer",
              "a lock holds within one process only" + OPEN),
          Map.entry(
              "java.util.concurrent.locks.Condition",
              "a lock holds within one process only" + OPEN),
          Map.entry("java.util.concurrent.Semaphore", "it holds within one process only" + OPEN),
          Map.entry(
              "java.util.concurrent.CountDownLatch", "it holds within one process only" + OPEN),
          Map.entry(
              "java.util.concurrent.CyclicBarrier", "it holds within one process only" + OPEN),
          Map.entry("java.util.concurrent.Phaser", "it holds within one process only" + OPEN),
          Map.entry("java.util.Timer", "its thread belongs to one process" + OPEN),
          Map.entry(
              "java.util.stream.BaseStream",
              "a stream can be consumed once only; collect it to a list"),
          Map.entry("java.lang.ref.Reference", "it refers to an object of one process" + OPEN));

  private Refused() {}

  /** Returns why objects of the class cannot be sent, or null if nothing is against it. */
  static @Nullable String reason(Class<?> type) {
    for (Class<?> c = type; c != null; c = c.getSuperclass()) {
      String reason = REASONS.get(c.getName());
      if (reason != null) {
        return reason;
      }
      for (Class<?> each : c.getInterfaces()) {
        reason = reason(each);
        if (reason != null) {
          return reason;
        }
      }
    }
    return null;
  }
}
