package dev.grain;

import dev.grain.function.Act1;
import dev.grain.job.EncodingException;
import dev.grain.job.GrainInterruptedException;
import dev.grain.job.JobException;
import dev.grain.job.MapException;
import dev.grain.job.Request;
import dev.grain.text.Exceptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * One function over many inputs: takes inputs as results are consumed, a window of them at a time,
 * and goes on after failures.
 *
 * @param <A> the type of the inputs
 * @param <R> the type of the results
 */
final class MapCall<A extends @Nullable Object, R extends @Nullable Object> {
  private static final int SHOWN = 80;
  private static final String WAITED_FOR = "the results of a map";

  private final Run run;
  private final Request request;
  private final Act1<A> function;
  private final Iterator<? extends A> inputs;
  private final int window;
  private final SubmissionPath path;

  // only accessed by the calling thread
  private final SortedMap<Long, JobException> failures = new TreeMap<>();
  private final Map<Long, String> described = new HashMap<>();
  private final Set<Item> open = new LinkedHashSet<>();
  private long taken;
  private long failed;
  // whether every failure is kept, as every result is
  private boolean keepsAll;
  private boolean functionEncodes;
  private boolean ended;

  // added to by the loop
  private final Queue<Item> completed = new ConcurrentLinkedQueue<>();
  // the calling thread while it waits
  private volatile @Nullable Thread waiter;

  MapCall(Run run, Request request, Act1<A> function, Iterator<? extends A> inputs, int window) {
    this.run = run;
    this.request = request;
    this.function = function;
    this.inputs = inputs;
    this.window = window;
    this.path = run.pathHere();
  }

  /** An input on its way, and what its job belongs to. */
  private final class Item implements JobOwner {
    private final long index;
    private final A input;
    private @Nullable SubmittedJob<R> job;
    private @Nullable JobException refused;

    Item(long index, A input) {
      this.index = index;
      this.input = input;
    }

    void submit() {
      try {
        job = run.submit(request, function, new @Nullable Object[] {input}, this, _ -> {});
      } catch (EncodingException e) {
        ensureFunctionEncodes();
        refused = JobErrors.notEncoded(run.nextId(), request, e);
        complete();
      }
    }

    @Override
    public void onJobEnded(SubmittedJob<?> ended) {
      complete();
    }

    private void complete() {
      completed.add(this);
      Thread waiting = waiter;
      if (waiting != null) {
        LockSupport.unpark(waiting);
      }
    }

    @Override
    public @Nullable RuntimeException givenUp() {
      return null;
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
      if (job == null) {
        throw new IllegalStateException("Input " + index + " was not submitted");
      }
      return job.result();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return this == other;
    }

    /** Cheaper than that of objects, which each is asked for at its begin and its end. */
    @Override
    public int hashCode() {
      return Long.hashCode(index);
    }

    void cancel() {
      if (job != null) {
        job.cancel();
      }
    }
  }

  /** The value of an input. */
  private record Result<R extends @Nullable Object>(long index, R value) {}

  /** Tries all inputs and returns their results in order. */
  List<R> toList() {
    keepsAll = true;
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

  /** Returns the results as they come; the end throws if inputs have failed. */
  Stream<R> stream() {
    Iterator<R> results =
        new Iterator<>() {
          private @Nullable Result<R> following;
          private boolean known;

          @Override
          public boolean hasNext() {
            if (!known) {
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

  /** Returns the next result, whichever comes first; null when all inputs were tried. */
  private @Nullable Result<R> next() {
    try {
      while (!ended) {
        fill();
        if (open.isEmpty()) {
          ended = true;
          break;
        }
        Item item = awaitNext();
        open.remove(item);
        try {
          return new Result<>(item.index, item.result());
        } catch (JobException e) {
          onFailure(item, e);
        }
      }
      return null;
    } catch (RuntimeException | Error e) {
      cancel();
      throw e;
    }
  }

  private void onFailure(Item item, JobException failure) {
    failed++;
    if (keepsAll || failures.size() <= RunLimits.FAILURES_KEPT) {
      failures.put(item.index, failure);
      described.put(item.index, describe(item.input));
    }
  }

  private void fill() {
    while (open.size() < window && inputs.hasNext()) {
      Item item = new Item(taken, inputs.next());
      item.submit();
      taken++;
      open.add(item);
    }
  }

  /** A function that cannot be encoded fails the call at once: it would fail every input alike. */
  private void ensureFunctionEncodes() {
    if (!functionEncodes) {
      run.code().encode(function, new @Nullable Object[] {null}, RunLimits.valueBytes());
      functionEncodes = true;
    }
  }

  private Item awaitNext() {
    if (Thread.interrupted()) {
      throw new GrainInterruptedException(WAITED_FOR);
    }
    Item next = completed.poll();
    if (next == null) {
      waiter = Thread.currentThread();
      try {
        for (next = completed.poll(); next == null; next = completed.poll()) {
          LockSupport.park(this);
          if (Thread.interrupted()) {
            throw new GrainInterruptedException(WAITED_FOR);
          }
        }
      } finally {
        waiter = null;
      }
    }
    return next;
  }

  /** Cancels what is on its way, and takes no more. */
  private void cancel() {
    ended = true;
    open.forEach(Item::cancel);
    open.clear();
  }

  private RuntimeException failure(SortedMap<Long, @Nullable Object> successes) {
    return run.failure().or(new MapException(taken, failed, described, failures, successes));
  }

  private static String describe(@Nullable Object input) {
    String text =
        input == null
            ? "null"
            : Exceptions.read(input::toString).orElseGet(() -> "a " + input.getClass().getName());
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN - 3) + "...";
  }
}
