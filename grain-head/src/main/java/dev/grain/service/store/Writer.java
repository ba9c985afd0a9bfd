package dev.grain.service.store;

import dev.grain.service.store.StoreException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The thread that changes what is stored. It takes all changes that wait, applies them in one
 * transaction, and completes their futures after the commit.
 *
 * <p>If one of them fails, the transaction is rolled back, and they are applied once more, each
 * with a savepoint. If the database goes away, the transaction is repeated when it is back, unless
 * it was committed: each transaction writes its number.
 */
final class Writer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.grain.head");

  private static final int MOST = 4096;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final Connector connector;
  private final LinkedBlockingQueue<Pending<?>> queue = new LinkedBlockingQueue<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final List<Commit.Observer> observers = new CopyOnWriteArrayList<>();
  private final Thread thread;

  // all only accessed by the thread that writes, after it was started
  private @Nullable Handle handle;
  private long commits;
  private List<JobChange> jobChanges = List.of();

  /** Opens connections for changes. */
  interface Connector {
    /**
     * Opens one that has the database to itself.
     *
     * @throws StoreException if another head has it
     */
    Handle open();

    /** Returns what is wrong with the database; null if it is the statement that has failed. */
    @Nullable Kind kind(Throwable thrown);
  }

  /** A change whose caller waits. */
  private static sealed class Pending<T> {
    private final Change<T> change;
    private final Consumer<? super T> onKept;
    private final CompletableFuture<T> future = new CompletableFuture<>();

    // only accessed by the thread that writes
    private @Nullable Runnable outcome;

    Pending(Change<T> change, Consumer<? super T> onKept) {
      this.change = change;
      this.onKept = onKept;
    }

    void apply(Handle handle) {
      succeed(change.apply(handle));
    }

    void succeed(T value) {
      outcome = () -> keep(value);
    }

    private void keep(T value) {
      try {
        onKept.accept(value);
        future.complete(value);
      } catch (RuntimeException | Error e) {
        future.completeExceptionally(e);
      }
    }

    void fail(Throwable thrown) {
      outcome = () -> future.completeExceptionally(thrown);
    }

    void tell() {
      if (outcome != null) {
        outcome.run();
      }
    }
  }

  /** One that may be made together with others of its kind. */
  private static final class Joint<I, T> extends Pending<T> {
    private final Change.Together<I, T> kind;
    private final I item;

    Joint(Change.Together<I, T> kind, I item, Consumer<? super T> onKept) {
      super(handle -> kind.apply(handle, List.of(item)).getFirst(), onKept);
      this.kind = kind;
      this.item = item;
    }

    /** Makes this one, and all others of its kind. */
    void applyAll(Handle handle, List<Pending<?>> some) {
      List<Joint<I, T>> same = new ArrayList<>();
      for (Pending<?> each : some) {
        if (each instanceof Joint<?, ?> other && other.kind == kind) {
          @SuppressWarnings("unchecked") // of one kind
          Joint<I, T> joint = (Joint<I, T>) other;
          same.add(joint);
        }
      }
      List<T> values = kind.apply(handle, same.stream().map(each -> each.item).toList());
      for (int i = 0; i < same.size(); i++) {
        same.get(i).succeed(values.get(i));
      }
    }
  }

  /** Makes it with an open connection, and starts its thread. */
  Writer(Connector connector, Handle handle) {
    this.connector = connector;
    this.handle = handle;
    this.commits = committed(handle);
    this.thread = Thread.ofPlatform().name("grain-store").start(this::run);
  }

  private static long committed(Handle handle) {
    return handle.createQuery("SELECT commits FROM head").mapTo(Long.class).one();
  }

  /** Has a change made; for any thread. See {@link Store#write(Change, Consumer)}. */
  <T> CompletableFuture<T> write(Change<T> change, Consumer<? super T> onKept) {
    return write(new Pending<>(change, onKept));
  }

  /** Has a change made, together with others of its kind; for any thread. */
  <I, T> CompletableFuture<T> write(
      Change.Together<I, T> kind, I item, Consumer<? super T> onKept) {
    return write(new Joint<>(kind, item, onKept));
  }

  /** Tells an observer of all transactions from now on; for any thread. */
  void observe(Commit.Observer observer) {
    observers.add(observer);
  }

  /** Tells an observer of no further ones; for any thread. */
  void forget(Commit.Observer observer) {
    observers.remove(observer);
  }

  private <T> CompletableFuture<T> write(Pending<T> pending) {
    queue.add(pending);
    if (isClosing() && queue.remove(pending)) {
      pending.future.completeExceptionally(closed());
    }
    return pending.future;
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private static StoreException closed() {
    return new StoreException(Kind.AWAY, "The store was closed.");
  }

  private void run() {
    try {
      while (!isClosing() || !queue.isEmpty()) {
        List<Pending<?>> some = new ArrayList<>();
        some.add(queue.take());
        queue.drainTo(some, MOST - 1);
        long start = System.nanoTime();
        if (make(some)) {
          Duration took = Duration.ofNanos(System.nanoTime() - start);
          tell(new Commit(jobChanges, some.size(), took));
        }
        some.forEach(Pending::tell);
      }
    } catch (InterruptedException e) {
      // nobody does
    } finally {
      disconnect();
    }
  }

  private void tell(Commit commit) {
    for (Commit.Observer each : observers) {
      try {
        each.onCommit(commit);
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.ERROR, "An observer of the store has failed", e);
      }
    }
  }

  private void disconnect() {
    Handle open = handle;
    handle = null;
    if (open != null) {
      try {
        open.close();
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.DEBUG, "The connection has ended", e);
      }
    }
  }

  /**
   * Makes changes, and returns when it is known what has become of each.
   *
   * @return whether they were committed, but for those that have failed
   */
  private boolean make(List<Pending<?>> some) throws InterruptedException {
    long next = commits + 1;
    boolean oneByOne = false;
    boolean away = false;
    Duration pause = FIRST_PAUSE;
    while (true) {
      try {
        Handle open = reconnect();
        // it may have been committed before the database went away
        if (committed(open) < next) {
          commit(open, some, next, oneByOne);
        }
        commits = next;
        if (away) {
          LOG.log(System.Logger.Level.INFO, "The database is back.");
        }
        return true;
      } catch (RuntimeException | Error e) {
        Kind kind = e instanceof StoreException known ? known.kind() : connector.kind(e);
        if (kind == null && !oneByOne) {
          oneByOne = true;
        } else if (kind == Kind.AWAY && !isClosing()) {
          if (!away) {
            LOG.log(
                System.Logger.Level.WARNING,
                "The database is away, and changes wait until it is back: {0}",
                e.getMessage());
          }
          away = true;
          disconnect();
          pause = pause(pause);
        } else {
          Throwable why = kind == null ? e : new StoreException(kind, words(kind), e);
          some.forEach(each -> each.fail(why));
          return false;
        }
      }
    }
  }

  private Handle reconnect() {
    Handle open = handle;
    if (open == null) {
      try {
        open = connector.open();
      } catch (StoreException e) {
        // the server does not know yet that the former connection is gone
        throw new StoreException(Kind.AWAY, String.valueOf(e.getMessage()), e);
      }
      handle = open;
    }
    return open;
  }

  private static String words(Kind kind) {
    return switch (kind) {
      case FULL -> "The disk of the database is full, so nothing was changed. Free some space.";
      case AWAY -> "The store was closed while the database was away.";
      case UNUSABLE -> "The database is damaged or cannot be written.";
    };
  }

  /** Waits, and returns how long to wait the next time. */
  private Duration pause(Duration pause) throws InterruptedException {
    var _ = closing.await(pause.toNanos(), TimeUnit.NANOSECONDS);
    Duration next = pause.multipliedBy(2);
    return next.compareTo(LONGEST_PAUSE) < 0 ? next : LONGEST_PAUSE;
  }

  private void commit(Handle open, List<Pending<?>> some, long next, boolean oneByOne) {
    ChangedJobs changed = ChangedJobs.of(open);
    changed.truncate(0);
    open.useTransaction(transaction -> {
      Set<Object> made = new HashSet<>();
      for (Pending<?> each : some) {
        if (oneByOne) {
          alone(transaction, each);
        } else if (!(each instanceof Joint<?, ?> joint)) {
          each.apply(transaction);
        } else if (made.add(joint.kind)) {
          joint.applyAll(transaction, some);
        }
      }
      transaction.execute("UPDATE head SET commits = ?", next);
      jobChanges = changed.all();
    });
  }

  /** Applies a change whose failure is no other's. */
  private void alone(Handle transaction, Pending<?> each) {
    ChangedJobs changed = ChangedJobs.of(transaction);
    int before = changed.size();
    transaction.savepoint("alone");
    try {
      each.apply(transaction);
      transaction.releaseSavepoint("alone");
    } catch (RuntimeException | Error e) {
      if (connector.kind(e) != null) {
        throw e;
      }
      transaction.rollbackToSavepoint("alone");
      changed.truncate(before);
      each.fail(e);
    }
  }

  /** Makes the changes that wait, unless the database is away, and ends the thread. */
  @Override
  public void close() {
    closing.countDown();
    // wakes the thread
    queue.add(new Pending<>(_ -> true, _ -> {}));
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    for (Pending<?> each = queue.poll(); each != null; each = queue.poll()) {
      each.future.completeExceptionally(closed());
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
