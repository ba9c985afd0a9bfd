package dev.grain.node.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.grain.posix.Posix;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The calls of Linux that start processes and wait for them, with the sizes and numbers of its
 * 64-bit systems. Those that return a count or an id return the negative error number if they fail,
 * as the system itself does.
 */
@SuppressWarnings("CatchThrowable") // what a method handle declares
final class LinuxCalls {
  static final int ENOENT = 2;
  static final int EINTR = 4;
  static final int E2BIG = 7;
  static final int ENOEXEC = 8;
  static final int EAGAIN = 11;
  static final int ENOMEM = 12;
  static final int EACCES = 13;
  static final int ENOTDIR = 20;
  static final int ENFILE = 23;
  static final int EMFILE = 24;
  static final int ETXTBSY = 26;

  static final int O_RDONLY = 0;
  static final int O_WRONLY = 1;
  static final int O_CREAT = 0x40;
  static final int O_TRUNC = 0x200;
  static final int O_APPEND = 0x400;
  private static final int CLOSE_ON_EXEC = 0x80000;

  static final int SPAWN_SETPGROUP = 0x02;
  static final int SPAWN_SETSIGDEF = 0x04;
  static final int SPAWN_SETSIGMASK = 0x08;
  static final int SPAWN_SETSID = 0x80;

  /** More than a {@code posix_spawnattr_t}, a {@code posix_spawn_file_actions_t} or a sigset_t. */
  static final long LARGE = 1024;

  static final long SIGNAL_SET = 128;
  static final long USAGE = 144;

  /** The system packs {@code epoll_event} on one processor, and there only. */
  private static final boolean PACKED =
      switch (System.getProperty("os.arch").toLowerCase(Locale.ROOT)) {
        case "amd64", "x86_64" -> true;
        default -> false;
      };

  /** Bytes of an {@code epoll_event}. */
  static final long EVENT = PACKED ? 12 : 16;

  private static final long EVENT_DATA = PACKED ? 4 : 8;

  private static final int EPOLL_IN = 1;
  private static final int EPOLL_ADD = 1;
  private static final int EPOLL_DELETE = 2;
  private static final int WAIT_NO_HANG = 1;
  private static final int CLOCK_BOOTTIME = 7;

  /** The same on all processors. */
  private static final long PIDFD_OPEN = 434;

  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private static final VarHandle ERRNO =
      Posix.STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final @Nullable MethodHandle SPAWN =
      Posix.function(
          "posix_spawn",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
  private static final @Nullable MethodHandle ACTIONS_INIT = oneAddress("file_actions_init");
  private static final @Nullable MethodHandle ACTIONS_DESTROY = oneAddress("file_actions_destroy");
  private static final @Nullable MethodHandle ACTIONS_OPEN =
      Posix.function(
          "posix_spawn_file_actions_addopen",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
  private static final @Nullable MethodHandle ACTIONS_FOLDER =
      Posix.function(
          "posix_spawn_file_actions_addchdir_np",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  private static final @Nullable MethodHandle ACTIONS_CLOSE =
      Posix.function(
          "posix_spawn_file_actions_addclosefrom_np",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final @Nullable MethodHandle ATTRIBUTES_INIT =
      Posix.function("posix_spawnattr_init", FunctionDescriptor.of(JAVA_INT, ADDRESS));
  private static final @Nullable MethodHandle ATTRIBUTES_FLAGS =
      Posix.function(
          "posix_spawnattr_setflags", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_SHORT));
  private static final @Nullable MethodHandle ATTRIBUTES_DEFAULTS =
      Posix.function(
          "posix_spawnattr_setsigdefault", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  // variadic; with integers alone it is called as any other on the processors of 64 bits
  private static final @Nullable MethodHandle SYSCALL =
      Posix.functionWithErrno(
          "syscall", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final @Nullable MethodHandle EVENT_FD =
      Posix.functionWithErrno("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final @Nullable MethodHandle EPOLL_CREATE =
      Posix.functionWithErrno("epoll_create1", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final @Nullable MethodHandle EPOLL_CONTROL =
      Posix.functionWithErrno(
          "epoll_ctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
  private static final @Nullable MethodHandle EPOLL_WAIT =
      Posix.functionWithErrno(
          "epoll_wait", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
  private static final @Nullable MethodHandle WAIT =
      Posix.functionWithErrno(
          "wait4", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS));
  private static final @Nullable MethodHandle CLOCK =
      Posix.function("clock_gettime", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
  private static final @Nullable MethodHandle READ =
      Posix.function("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final @Nullable MethodHandle WRITE =
      Posix.function("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final @Nullable MethodHandle CLOSE =
      Posix.function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private LinuxCalls() {}

  private static @Nullable MethodHandle oneAddress(String name) {
    return Posix.function("posix_spawn_" + name, FunctionDescriptor.of(JAVA_INT, ADDRESS));
  }

  /** Returns whether this is a Linux that has all of these, and this process may call them. */
  static boolean areAvailable() {
    return System.getProperty("os.name").equals("Linux")
        && ADDRESS.byteSize() == Long.BYTES
        && Stream.of(
                SPAWN,
                ACTIONS_INIT,
                ACTIONS_DESTROY,
                ACTIONS_OPEN,
                ACTIONS_FOLDER,
                ACTIONS_CLOSE,
                ATTRIBUTES_INIT,
                ATTRIBUTES_FLAGS,
                ATTRIBUTES_DEFAULTS,
                SYSCALL,
                EVENT_FD,
                EPOLL_CREATE,
                EPOLL_CONTROL,
                EPOLL_WAIT,
                WAIT,
                CLOCK,
                READ,
                WRITE,
                CLOSE)
            .allMatch(Objects::nonNull);
  }

  private static MethodHandle handle(@Nullable MethodHandle handle) {
    return Objects.requireNonNull(handle, "not available here");
  }

  private static IllegalStateException failed(Throwable e) {
    return new IllegalStateException("A function of the C library cannot be called", e);
  }

  private static int result(int returned, MemorySegment state) {
    return returned < 0 ? -(int) ERRNO.get(state, 0L) : returned;
  }

  // ---------------------------------------------------------------- starting

  /**
   * Starts a process; returns 0 or an error number.
   *
   * @param pid gets its id, an int
   */
  static int spawn(
      MemorySegment pid,
      MemorySegment path,
      MemorySegment actions,
      MemorySegment attributes,
      MemorySegment words,
      MemorySegment environment) {
    try {
      return (int) handle(SPAWN).invokeExact(pid, path, actions, attributes, words, environment);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /**
   * Prepares attributes: no signal is blocked, and all have their default actions.
   *
   * @param attributes memory of {@link #LARGE} bytes
   */
  static int initAttributes(MemorySegment attributes, int flags, MemorySegment allSignals) {
    try {
      // the mask is empty, as the whole structure is zero
      int error = (int) handle(ATTRIBUTES_INIT).invokeExact(attributes);
      error |= (int) handle(ATTRIBUTES_DEFAULTS).invokeExact(attributes, allSignals);
      return error | (int) handle(ATTRIBUTES_FLAGS).invokeExact(attributes, (short) flags);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  static int initActions(MemorySegment actions) {
    try {
      return (int) handle(ACTIONS_INIT).invokeExact(actions);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  static void destroyActions(MemorySegment actions) {
    try {
      int _ = (int) handle(ACTIONS_DESTROY).invokeExact(actions);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** Has the process open a file; files that it creates may be read and written by all. */
  static int addOpen(MemorySegment actions, int descriptor, MemorySegment path, int flags) {
    try {
      return (int) handle(ACTIONS_OPEN).invokeExact(actions, descriptor, path, flags, 0666);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  static int addFolder(MemorySegment actions, MemorySegment path) {
    try {
      return (int) handle(ACTIONS_FOLDER).invokeExact(actions, path);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** Has the process close all descriptors from one on. */
  static int addCloseFrom(MemorySegment actions, int descriptor) {
    try {
      return (int) handle(ACTIONS_CLOSE).invokeExact(actions, descriptor);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** Returns the time since the machine was started, in nanoseconds. */
  static long nanosSinceBoot(MemorySegment twoLongs) {
    try {
      int _ = (int) handle(CLOCK).invokeExact(CLOCK_BOOTTIME, twoLongs);
    } catch (Throwable e) {
      throw failed(e);
    }
    return twoLongs.get(JAVA_LONG, 0) * NANOS_PER_SECOND + twoLongs.get(JAVA_LONG, 8);
  }

  // ---------------------------------------------------------------- waiting

  /**
   * Opens a descriptor that can be read when a process has ended. Like all of these, it is closed
   * in processes that this one starts.
   */
  static int openPidfd(MemorySegment state, int pid) {
    try {
      long returned = (long) handle(SYSCALL).invokeExact(state, PIDFD_OPEN, (long) pid, 0L);
      return result((int) returned, state);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  static int openEventfd(MemorySegment state) {
    try {
      return result((int) handle(EVENT_FD).invokeExact(state, 0, CLOSE_ON_EXEC), state);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  static int openEpoll(MemorySegment state) {
    try {
      return result((int) handle(EPOLL_CREATE).invokeExact(state, CLOSE_ON_EXEC), state);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /**
   * Adds what can be read.
   *
   * @param event memory of {@link #EVENT} bytes
   * @param key is passed with each event
   */
  static int epollAdd(
      MemorySegment state, int epoll, int descriptor, MemorySegment event, long key) {
    event.set(JAVA_INT, 0, EPOLL_IN);
    event.set(JAVA_LONG.withByteAlignment(4), EVENT_DATA, key);
    return epollControl(state, epoll, EPOLL_ADD, descriptor, event);
  }

  static int epollRemove(MemorySegment state, int epoll, int descriptor) {
    return epollControl(state, epoll, EPOLL_DELETE, descriptor, MemorySegment.NULL);
  }

  private static int epollControl(
      MemorySegment state, int epoll, int operation, int descriptor, MemorySegment event) {
    try {
      return result(
          (int) handle(EPOLL_CONTROL).invokeExact(state, epoll, operation, descriptor, event),
          state);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** Waits for events and returns their number. */
  static int epollWait(
      MemorySegment state, int epoll, MemorySegment events, int count, int milliseconds) {
    try {
      return result(
          (int) handle(EPOLL_WAIT).invokeExact(state, epoll, events, count, milliseconds), state);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** Returns the key of an event. */
  static long key(MemorySegment events, int index) {
    return events.get(JAVA_LONG.withByteAlignment(4), index * EVENT + EVENT_DATA);
  }

  /**
   * Takes note of the end of a process, if it has ended. Returns its id then, and otherwise 0.
   *
   * @param status an int
   * @param usage memory of {@link #USAGE} bytes
   */
  static int wait4(MemorySegment state, int pid, MemorySegment status, MemorySegment usage) {
    try {
      return result((int) handle(WAIT).invokeExact(state, pid, status, WAIT_NO_HANG, usage), state);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  static void read(int descriptor, MemorySegment memory) {
    try {
      long _ = (long) handle(READ).invokeExact(descriptor, memory, memory.byteSize());
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  static void write(int descriptor, MemorySegment memory) {
    try {
      long _ = (long) handle(WRITE).invokeExact(descriptor, memory, memory.byteSize());
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  static void close(int descriptor) {
    try {
      int _ = (int) handle(CLOSE).invokeExact(descriptor);
    } catch (Throwable e) {
      throw failed(e);
    }
  }
}
