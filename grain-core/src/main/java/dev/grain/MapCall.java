package dev.grain;

import dev.grain.dispatch.JobEnd;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * One function over many inputs: takes inputs as there is room for them, and goes on after
 * failures.
 *
 * @param <A> the type of the inputs
 * @param <R> the type of the results
 */
final class MapCall<A extends @Nullable Object, R extends @Nullable Object> {
  private static final String WAITED_FOR = "the results of a map";

  private final Run run;
  private final Request request;
  private final MapWork<A> work;
  private final Iterator<? extends A> inputs;
  // null if everything is kept anyway, so that nothing is to wait for room
  private final @Nullable MapWindow window;
  private final SubmissionPath path;
  private final long line;

  // added to by the thread that takes inputs, removed from by the one that takes results
  private final Set<Item> open = ConcurrentHashMap.newKeySet();
  // changed by the thread that takes inputs
  private volatile long taken;
  private boolean workEncodes;

  // only accessed by the thread that takes results
  private final MapFailures failures;
  private boolean exhausted;

  // added to by the loop
  private final Queue<Item> completed = new ConcurrentLinkedQueue<>();
  // the thread that takes results while it waits
  private volatile @Nullable Thread waiter;
  // set by the thread that takes results: what takes the inputs, if it does not do so itself
  private volatile @Nullable MapFeed<A> feed;
  // set by the thread that takes results, or that closes the stream
  private volatile boolean ended;

  private MapCall(
      Run run,
      Request request,
      MapWork<A> work,
      Iterable<? extends A> inputs,
      @Nullable MapWindow window) {
    this.run = run;
    this.request = request;
    this.work = work;
    this.inputs = inputs.iterator();
    this.window = window;
    this.path = run.pathHere();
    this.line = run.nextLine();
    this.failures = new MapFailures(window == null ? Integer.MAX_VALUE : RunLimits.FAILURES_KEPT);
  }

  /** Returns one whose results are all kept. */
  static <A extends @Nullable Object, R extends @Nullable Object> MapCall<A, R> ofAll(
      Run run, Request request, MapWork<A> work, Iterable<? extends A> inputs) {
    return new MapCall<>(run, request, work, inputs, null);
  }

  /** Returns one whose results are consumed one by one, a window of them at a time. */
  static <A extends @Nullable Object, R extends @Nullable Object> MapCall<A, R> ofWindow(
      Run run, Request request, MapWork<A> work, Iterable<? extends A> inputs) {
    MapWindow window = new MapWindow(RunLimits.MAP_WINDOW, RunLimits.waitingResults());
    return new MapCall<>(run, request, work, inputs, window);
  }

  /** An input on its way, and what its job belongs to. */
  private final class Item implements JobOwner {
    private final long index;
    private final A input;
    // set by the thread that takes inputs
    private volatile @Nullable SubmittedJob<R> job;
    private @Nullable JobException refused;
    // both only accessed by the loop until it has ended
    private boolean started;
    private long size;

    Item(long index, A input) {
      this.index = index;
      this.input = input;
    }

    void submit() {
      try {
        run.submit(request, work.of(input), this, this::attach);
      } catch (EncodingException e) {
        ensureWorkEncodes();
        refused = JobErrors.notEncoded(run.nextId(), request, e);
        complete();
      }
    }

    /** Before the job can end. */
    @SuppressWarnings("unchecked") // the function returns an R
    private void attach(SubmittedJob<?> submitted) {
      job = (SubmittedJob<R>) submitted;
    }

    @Override
    public void onJobStarted(SubmittedJob<?> job) {
      if (window != null && !started) {
        started = true;
        window.onStarted();
        wakeTaker();
      }
    }

    @Override
    public void onJobEnding(SubmittedJob<?> job, JobEnd end) {
      size = end.size();
    }

    @Override
    public void onJobEnded(SubmittedJob<?> job) {
      complete();
    }

    private void complete() {
      if (window != null) {
        window.onEnded(started, size);
        wakeTaker();
      }
      completed.add(this);
      wakeWaiter();
    }

    /** Its result is consumed. */
    void leave() {
      open.remove(this);
      if (window != null) {
        window.leave(size);
        wakeTaker();
      }
    }

    @Override
    public @Nullable RuntimeException givenUp() {
      return null;
    }

    @Override
    public long line() {
      return line;
    }

    @Override
    public SubmissionPath path() {
      return path;
    }

    @Override
    public String toString() {
      return "a map";
    }

    R result() {
      if (refused != null) {
        throw refused;
      }
      SubmittedJob<R> submitted = job;
      if (submitted == null) {
        throw new IllegalStateException("Input " + index + " was not submitted");
      }
      return submitted.result();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return this == other;
    }

    /** Cheaper than that of objects, which is asked for at the start and the end of each. */
    @Override
    public int hashCode() {
      return Long.hashCode(index);
    }

    void cancel() {
      SubmittedJob<R> submitted = job;
      if (submitted != null) {
        submitted.cancel();
      }
    }
  }

  private void wakeWaiter() {
    Thread waiting = waiter;
    if (waiting != null) {
      LockSupport.unpark(waiting);
    }
  }

  /** There may be room for an input: wakes the thread that takes them, if it waits. */
  private void wakeTaker() {
    MapFeed<A> feeding = feed;
    if (feeding == null) {
      wakeWaiter();
    } else {
      feeding.wake();
    }
  }

  /** The value of an input. */
  private record Result<R extends @Nullable Object>(long index, R value) {}

  /** Tries all inputs and returns their results in order. */
  List<R> toList() {
    List<@Nullable R> results = new ArrayList<>();
    List<Boolean> succeeded = new ArrayList<>();
    for (Result<R> result = next(); result != null; result = next()) {
      int index = Math.toIntExact(result.index());
      while (results.size() <= index) {
        results.add(null);
        succeeded.add(false);
      }
      results.set(index, result.value());
      succeeded.set(index, true);
    }
    if (!failures.isEmpty()) {
      SortedMap<Long, @Nullable Object> successes = new TreeMap<>();
      for (int index = 0; index < results.size(); index++) {
        if (succeeded.get(index)) {
          successes.put((long) index, results.get(index));
        }
      }
      throw failure(successes);
    }
    return unmodifiable(results);
  }

  @SuppressWarnings("NullAway") // every place holds a result, which may itself be null
  private static <R extends @Nullable Object> List<R> unmodifiable(List<@Nullable R> results) {
    return Collections.unmodifiableList(results);
  }

  /** Tries all inputs and drops the results. */
  void drain() {
    for (Result<R> result = next(); result != null; ) {
      result = next();
    }
    if (!failures.isEmpty()) {
      throw failure(new TreeMap<>());
    }
  }

  /**
   * Returns the results as they come; the end throws if inputs have failed. Inputs are taken by a
   * thread of their own, from the first look for a result on.
   */
  Stream<R> stream() {
    Iterator<R> results =
        new Iterator<>() {
          private @Nullable Result<R> following;
          private boolean known;

          @Override
          public boolean hasNext() {
            if (!known) {
              beginFeed();
              following = MapCall.this.next();
              known = true;
              if (following == null && !failures.isEmpty()) {
                throw failure(new TreeMap<>());
              }
            }
            return following != null;
          }

          @Override
          public R next() {
            if (!hasNext() || following == null) {
              throw new NoSuchElementException();
            }
            R value = following.value();
            following = null;
            known = false;
            return value;
          }
        };
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(results, Spliterator.IMMUTABLE), false)
        .onClose(this::cancel);
  }

  private void beginFeed() {
    if (feed == null && !ended && window != null) {
      run.ensureOpen();
      feed =
          MapFeed.start(
              run,
              inputs,
              window,
              new MapFeed.Receiver<A>() {
                @Override
                public void accept(A input) {
                  submit(input);
                }

                @Override
                public void onEnd() {
                  wakeWaiter();
                }
              });
    }
  }

  /** Returns the next result, whichever comes first; null when all inputs were tried. */
  private @Nullable Result<R> next() {
    try {
      for (Item item = awaitNext(); item != null; item = awaitNext()) {
        item.leave();
        try {
          return new Result<>(item.index, item.result());
        } catch (JobException e) {
          failures.add(item.index, item.input, e);
        }
      }
      ended = true;
      return null;
    } catch (RuntimeException | Error e) {
      cancel();
      throw e;
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread takes the inputs
  private void submit(A input) {
    Item item = new Item(taken, input);
    if (window != null) {
      window.enter();
    }
    open.add(item);
    try {
      item.submit();
    } catch (RuntimeException | Error e) {
      open.remove(item);
      throw e;
    }
    taken++;
    if (ended) {
      item.cancel();
    }
  }

  /** A function that cannot be encoded fails the call at once: it would fail every input alike. */
  private void ensureWorkEncodes() {
    if (!workEncodes) {
      work.ensureEncodes(run.code());
      workEncodes = true;
    }
  }

  /** Returns the next one that has ended; null if none is left. */
  private @Nullable Item awaitNext() {
    while (!ended) {
      if (Thread.interrupted()) {
        throw new GrainInterruptedException(WAITED_FOR);
      }
      Item next = completed.poll();
      if (next != null) {
        return next;
      }
      if (!takeInput()) {
        if (isOver()) {
          return null;
        }
        park();
      }
    }
    return null;
  }

  /** Submits the next input if this is the thread for it, and returns whether it did. */
  private boolean takeInput() {
    if (!mayTake()) {
      return false;
    }
    if (!inputs.hasNext()) {
      exhausted = true;
      return false;
    }
    submit(inputs.next());
    return true;
  }

  private boolean mayTake() {
    return feed == null && !exhausted && (window == null || window.hasRoom());
  }

  private boolean isOver() {
    MapFeed<A> feeding = feed;
    return (feeding == null ? exhausted : feeding.hasEnded()) && open.isEmpty();
  }

  private void park() {
    waiter = Thread.currentThread();
    try {
      if (completed.isEmpty() && !isOver() && !mayTake()) {
        LockSupport.park(this);
      }
    } finally {
      waiter = null;
    }
  }

  /** Cancels what is on its way, and takes no more. */
  private void cancel() {
    ended = true;
    open.forEach(Item::cancel);
    MapFeed<A> feeding = feed;
    if (feeding != null) {
      feeding.stop();
      open.forEach(Item::cancel);
    }
    open.clear();
  }

  private RuntimeException failure(SortedMap<Long, @Nullable Object> successes) {
    return run.failure().or(failures.toException(taken, successes));
  }
}
