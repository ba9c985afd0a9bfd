package dev.grain.node.process;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.grain.posix.Posix;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Processes that this one starts by {@code posix_spawn}, without a program between, and whose ends
 * it learns by a descriptor for each ({@code pidfd_open}), without a thread for each.
 *
 * <p>Implementation note: the thread that waits is the only one to wait for these processes, each
 * by its id, as the JDK waits for its own. The descriptors of the JVM are not all closed when
 * another program starts, so the process closes them itself.
 */
final class NativeChildren implements Children {
  private static final long WAKE = -1;
  private static final int EVENTS = 64;

  /** How many milliseconds a wait takes at most while processes have no descriptor. */
  private static final long POLL = 5;

  private static final long NANOS_PER_MILLISECOND = 1_000_000;
  private static final long NANOS_PER_MICROSECOND = 1_000;
  private static final long NANOS_PER_TICK = 10_000_000;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /** How often, and how long at first, the start of a program that is being written is put off. */
  private static final int BUSY_PAUSES = 9;

  private static final long BUSY_NANOS = NANOS_PER_MILLISECOND;
  private static final int STDERR = 2;
  private static final int SIGNALLED = 128;

  /** In which the JVM gives texts to the system. */
  private static final Charset SYSTEM =
      Charset.forName(System.getProperty("sun.jnu.encoding"), StandardCharsets.UTF_8);

  /** The environment of this process, which most processes get with a few changes. */
  private static final Map<String, Variable> INHERITED = inherited();

  private final int epoll;
  private final int eventfd;
  private final MemorySegment attributes;
  private final MemorySegment one = Arena.ofAuto().allocateFrom(JAVA_LONG, 1);

  // all only accessed by the thread that waits
  private final MemorySegment events = Arena.ofAuto().allocate(EVENTS * LinuxCalls.EVENT, 8);
  private final MemorySegment state = Arena.ofAuto().allocate(Posix.STATE);
  private final MemorySegment usage = Arena.ofAuto().allocate(LinuxCalls.USAGE, 8);
  private final MemorySegment word = Arena.ofAuto().allocate(JAVA_LONG);

  // all guarded by this
  private final Map<Long, Started> watched = new HashMap<>();

  /** Those of them that the system does not report, because it has no room for more files. */
  private final List<Started> polled = new ArrayList<>();

  private boolean waiting;
  private boolean closed;

  private NativeChildren(int epoll, int eventfd, MemorySegment attributes) {
    this.epoll = epoll;
    this.eventfd = eventfd;
    this.attributes = attributes;
  }

  /**
   * A variable as the system wants it.
   *
   * @param address of {@code NAME=value}, which is there for good
   */
  private record Variable(String value, long address) {}

  /** Returns it byte for byte, as it may have bytes that no text stands for. */
  private static Map<String, Variable> inherited() {
    Map<String, Variable> variables = new HashMap<>();
    System.getenv()
        .forEach((name, value) -> {
          MemorySegment text = text(Arena.global(), name + "=" + value);
          variables.put(name, new Variable(value, text.address()));
        });
    for (byte[] bytes : ProcessTable.ownEnvironment()) {
      String text = new String(bytes, SYSTEM);
      int equals = text.indexOf('=', 1);
      String value = text.substring(equals + 1);
      if (equals > 0 && value.equals(System.getenv(text.substring(0, equals)))) {
        long address = memory(Arena.global(), bytes).address();
        variables.put(text.substring(0, equals), new Variable(value, address));
      }
    }
    return variables;
  }

  /** Returns null if this machine, or the flags of this JVM, do not permit it. */
  static @Nullable NativeChildren open() {
    if (!LinuxCalls.areAvailable()) {
      return null;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Posix.STATE);
      int own = LinuxCalls.openPidfd(state, (int) ProcessHandle.current().pid());
      if (own < 0) {
        return null;
      }
      LinuxCalls.close(own);
      MemorySegment attributes = Arena.ofAuto().allocate(LinuxCalls.LARGE, 16);
      MemorySegment all = arena.allocate(LinuxCalls.SIGNAL_SET, 8).fill((byte) 0xff);
      if (LinuxCalls.initAttributes(attributes, flags(), all) != 0) {
        return null;
      }
      int epoll = LinuxCalls.openEpoll(state);
      int eventfd = LinuxCalls.openEventfd(state);
      MemorySegment event = arena.allocate(LinuxCalls.EVENT, 8);
      if (epoll < 0
          || eventfd < 0
          || LinuxCalls.epollAdd(state, epoll, eventfd, event, WAKE) != 0) {
        closeIfOpen(epoll);
        closeIfOpen(eventfd);
        return null;
      }
      return new NativeChildren(epoll, eventfd, attributes);
    }
  }

  /**
   * Each process leads a group. Where this process has a controlling terminal, it leads a session,
   * too: a group in the background that used the terminal would be stopped. Elsewhere it does not,
   * as the system schedules each session by itself, which costs more than the start.
   */
  private static int flags() {
    int common = LinuxCalls.SPAWN_SETSIGDEF | LinuxCalls.SPAWN_SETSIGMASK;
    return common
        | (ProcessTable.hasTerminal() ? LinuxCalls.SPAWN_SETSID : LinuxCalls.SPAWN_SETPGROUP);
  }

  private static void closeIfOpen(int descriptor) {
    if (descriptor >= 0) {
      LinuxCalls.close(descriptor);
    }
  }

  private static final class Started implements Child {
    private final int pid;

    /** Less than 0 if there was none to be had. */
    private final int pidfd;

    private final long startedTick;
    // all only accessed by the thread that waits, and those that it hands this to
    private boolean ended;
    private @Nullable Integer exitCode;
    private long cpuTime = -1;

    Started(int pid, int pidfd, long startedTick) {
      this.pid = pid;
      this.pidfd = pidfd;
      this.startedTick = startedTick;
    }

    @Override
    public long pid() {
      return pid;
    }

    @Override
    public long startedTick() {
      return startedTick;
    }

    @Override
    public boolean isAlive() {
      return !ended;
    }

    @Override
    public int exitCode() {
      Integer code = exitCode;
      if (code == null) {
        throw new IllegalStateException(
            "The exit code of process %s is lost, because other code in this process waited for it"
                .formatted(pid));
      }
      return code;
    }

    @Override
    public long cpuTime() {
      return cpuTime;
    }
  }

  // ---------------------------------------------------------------- starting, on any thread

  @Override
  public Child start(Launch launch) throws IOException, NotPossible {
    try (Arena arena = Arena.ofConfined()) {
      long tick =
          LinuxCalls.nanosSinceBoot(arena.allocate(2L * Long.BYTES, Long.BYTES)) / NANOS_PER_TICK;
      // before, as a process must not be lost for want of memory
      MemorySegment state = arena.allocate(Posix.STATE);
      int pid = start(launch, arena);
      return new Started(pid, LinuxCalls.openPidfd(state, pid), tick);
    }
  }

  private int start(Launch launch, Arena arena) throws IOException, NotPossible {
    MemorySegment actions = arena.allocate(LinuxCalls.LARGE, 16);
    check(LinuxCalls.initActions(actions), launch);
    try {
      check(
          LinuxCalls.addOpen(actions, 0, text(arena, launch.stdin()), LinuxCalls.O_RDONLY), launch);
      addOpen(actions, 1, launch.stdout(), arena, launch);
      addOpen(actions, STDERR, launch.stderr(), arena, launch);
      check(LinuxCalls.addCloseFrom(actions, STDERR + 1), launch);
      check(LinuxCalls.addFolder(actions, text(arena, launch.folder())), launch);
      MemorySegment environment = environment(arena, launch.environment());
      MemorySegment pid = arena.allocate(JAVA_INT);
      int error = spawn(pid, launch.words(), actions, environment, arena);
      if (error == LinuxCalls.ENOEXEC) {
        // a script whose first line names no interpreter, as every shell starts it
        List<String> words = new ArrayList<>(launch.words());
        words.addFirst("/bin/sh");
        error = spawn(pid, words, actions, environment, arena);
      }
      check(error, launch);
      return pid.get(JAVA_INT, 0);
    } finally {
      LinuxCalls.destroyActions(actions);
    }
  }

  private int spawn(
      MemorySegment pid,
      List<String> words,
      MemorySegment actions,
      MemorySegment environment,
      Arena arena) {
    MemorySegment path = text(arena, words.getFirst());
    MemorySegment all = texts(arena, words);
    int error = LinuxCalls.spawn(pid, path, actions, attributes, all, environment);
    // mostly this process has just written the program, and has started another one meanwhile,
    // which has the file open until it has begun
    for (int pause = 0; error == LinuxCalls.ETXTBSY && pause < BUSY_PAUSES; pause++) {
      LockSupport.parkNanos(BUSY_NANOS << pause);
      error = LinuxCalls.spawn(pid, path, actions, attributes, all, environment);
    }
    return error;
  }

  private static MemorySegment environment(Arena arena, Map<String, String> variables) {
    MemorySegment pointers = arena.allocate((variables.size() + 1L) * Long.BYTES, Long.BYTES);
    long index = 0;
    for (Map.Entry<String, String> each : variables.entrySet()) {
      Variable known = INHERITED.get(each.getKey());
      long address =
          known != null && known.value().equals(each.getValue())
              ? known.address()
              : text(arena, each.getKey() + "=" + each.getValue()).address();
      pointers.setAtIndex(JAVA_LONG, index++, address);
    }
    return pointers;
  }

  private static void addOpen(
      MemorySegment actions, int descriptor, Launch.Output output, Arena arena, Launch launch)
      throws IOException, NotPossible {
    int flags =
        LinuxCalls.O_WRONLY
            | LinuxCalls.O_CREAT
            | (output.append() ? LinuxCalls.O_APPEND : LinuxCalls.O_TRUNC);
    check(LinuxCalls.addOpen(actions, descriptor, text(arena, output.path()), flags), launch);
  }

  private static MemorySegment text(Arena arena, Path path) {
    return text(arena, path.toString());
  }

  private static MemorySegment text(Arena arena, String text) {
    return memory(arena, text.getBytes(SYSTEM));
  }

  private static MemorySegment memory(Arena arena, byte[] bytes) {
    MemorySegment memory = arena.allocate(bytes.length + 1L);
    MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, 0, bytes.length);
    return memory;
  }

  /** Returns an array of pointers to texts, with a null at its end. */
  private static MemorySegment texts(Arena arena, List<String> texts) {
    List<byte[]> encoded = new ArrayList<>(texts.size());
    long size = 0;
    for (String each : texts) {
      byte[] bytes = each.getBytes(SYSTEM);
      encoded.add(bytes);
      size += bytes.length + 1L;
    }
    MemorySegment pointers = arena.allocate((texts.size() + 1L) * Long.BYTES, Long.BYTES);
    MemorySegment memory = arena.allocate(size + 1);
    long offset = 0;
    for (int index = 0; index < encoded.size(); index++) {
      byte[] bytes = encoded.get(index);
      MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, offset, bytes.length);
      pointers.setAtIndex(JAVA_LONG, index, memory.address() + offset);
      offset += bytes.length + 1L;
    }
    return pointers;
  }

  private static void check(int error, Launch launch) throws IOException, NotPossible {
    String program = launch.words().getFirst();
    switch (error) {
      case 0 -> {}
      case LinuxCalls.E2BIG -> throw NotPossible.tooLong();
      case LinuxCalls.ENOENT, LinuxCalls.ENOTDIR ->
          throw new NotPossible(
              "%s, the interpreter that its first line names, or its working directory %s does"
                      .formatted(program, launch.folder())
                  + " not exist, or one of its files cannot be created");
      case LinuxCalls.EACCES ->
          throw new NotPossible(
              "this user may not run %s, enter %s, or use one of its files (permission denied)"
                  .formatted(program, launch.folder()));
      case LinuxCalls.EAGAIN, LinuxCalls.ENOMEM ->
          throw new IOException(
              "the system has no room for another process (error %s; see ulimit -u)"
                  .formatted(error));
      case LinuxCalls.EMFILE, LinuxCalls.ENFILE ->
          throw new IOException(
              "too many files are open (error %s; see ulimit -n)".formatted(error));
      case LinuxCalls.ETXTBSY ->
          throw new IOException(
              "%s is open for writing in a process; close it before it is run".formatted(program));
      default -> throw new IOException("%s cannot be run (error %s)".formatted(program, error));
    }
  }

  // ---------------------------------------------------------------- waiting

  @Override
  public void watch(Child child) {
    Started started = (Started) child;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment event = arena.allocate(LinuxCalls.EVENT, Long.BYTES);
      MemorySegment errno = arena.allocate(Posix.STATE);
      synchronized (this) {
        if (closed) {
          Signals.send(Signals.KILL, -started.pid);
          closeIfOpen(started.pidfd);
          return;
        }
        watched.put((long) started.pid, started);
        if (LinuxCalls.epollAdd(errno, epoll, started.pidfd, event, started.pid) != 0) {
          polled.add(started);
          wake();
        }
      }
    }
  }

  @Override
  public boolean await(long nanos) {
    List<Started> unknown;
    synchronized (this) {
      if (closed) {
        return false;
      }
      waiting = true;
      unknown = List.copyOf(polled);
    }
    try {
      unknown.forEach(this::reap);
      long milliseconds = Math.ceilDiv(Math.max(0, nanos), NANOS_PER_MILLISECOND);
      int timeout = (int) Math.min(unknown.isEmpty() ? Integer.MAX_VALUE : POLL, milliseconds);
      // less than 0 if a signal has ended it, which is no different from a wake
      int count = LinuxCalls.epollWait(state, epoll, events, EVENTS, timeout);
      for (int index = 0; index < count; index++) {
        long key = LinuxCalls.key(events, index);
        if (key == WAKE) {
          LinuxCalls.read(eventfd, word);
        } else {
          reap(watched(key));
        }
      }
    } finally {
      synchronized (this) {
        waiting = false;
        if (closed) {
          release();
        }
      }
    }
    return true;
  }

  private synchronized @Nullable Started watched(long pid) {
    return watched.get(pid);
  }

  /** Takes note of the end of a process, if it has ended. */
  private void reap(@Nullable Started child) {
    if (child == null) {
      return;
    }
    int waited = LinuxCalls.wait4(state, child.pid, word, usage);
    if (waited == 0 || waited == -LinuxCalls.EINTR) {
      return;
    }
    child.ended = true;
    if (waited == child.pid) {
      child.exitCode = exitCode(word.get(JAVA_INT, 0));
      // user and system time, each in seconds and microseconds
      child.cpuTime =
          (usage.getAtIndex(JAVA_LONG, 0) + usage.getAtIndex(JAVA_LONG, 2)) * NANOS_PER_SECOND
              + (usage.getAtIndex(JAVA_LONG, 1) + usage.getAtIndex(JAVA_LONG, 3))
                  * NANOS_PER_MICROSECOND;
    }
    synchronized (this) {
      // the system may have given its id to another one meanwhile
      watched.remove((long) child.pid, child);
      polled.remove(child);
    }
    if (child.pidfd >= 0) {
      // closing alone does not remove it while a process that is just starting has it, too
      LinuxCalls.epollRemove(state, epoll, child.pidfd);
      LinuxCalls.close(child.pidfd);
    }
  }

  private static int exitCode(int status) {
    int signal = status & 0x7f;
    return signal == 0 ? (status >> 8) & 0xff : SIGNALLED + signal;
  }

  @Override
  public synchronized void wake() {
    if (!closed) {
      LinuxCalls.write(eventfd, one);
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    wake();
    closed = true;
    if (!waiting) {
      release();
    }
  }

  /** Closes the descriptors, when no thread uses them. */
  private synchronized void release() {
    watched.values().forEach(each -> closeIfOpen(each.pidfd));
    watched.clear();
    LinuxCalls.close(epoll);
    LinuxCalls.close(eventfd);
  }
}
