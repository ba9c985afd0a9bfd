package dev.grain;

import dev.grain.concurrent.Uninterruptibly;
import dev.grain.text.Exceptions;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Takes the inputs of a stream on a thread of its own, so that a result is given although the next
 * input is not there yet.
 */
final class MapFeed<A extends @Nullable Object> {
  private final Run run;
  private final Iterator<? extends A> inputs;
  private final MapWindow window;
  private final Receiver<A> receiver;
  private final Thread thread;

  // set by the thread that ends the stream
  private volatile boolean stopped;
  // all set by the thread of this
  private volatile boolean waits;
  private volatile boolean ended;
  private volatile @Nullable Throwable problem;

  /** What the inputs are handed to, on the thread of the feed. */
  interface Receiver<A extends @Nullable Object> {
    void accept(A input);

    /** There are no more of them. */
    void onEnd();
  }

  private MapFeed(Run run, Iterator<? extends A> inputs, MapWindow window, Receiver<A> receiver) {
    this.run = run;
    this.inputs = inputs;
    this.window = window;
    this.receiver = receiver;
    this.thread =
        Thread.ofVirtual().name("grain-inputs").unstarted(Orchestration.inherited(this::feed));
  }

  /** Starts one, whose thread has the run and the inheritable thread locals of the current one. */
  static <A extends @Nullable Object> MapFeed<A> start(
      Run run, Iterator<? extends A> inputs, MapWindow window, Receiver<A> receiver) {
    MapFeed<A> feed = new MapFeed<>(run, inputs, window, receiver);
    run.end().assist(feed.thread);
    return feed;
  }

  private void feed() {
    try {
      while (awaitRoom() && inputs.hasNext()) {
        receiver.accept(inputs.next());
      }
    } catch (Throwable e) {
      problem = e;
    } finally {
      run.end().left(thread);
      ended = true;
      receiver.onEnd();
    }
  }

  /** Returns false if it is stopped. */
  private boolean awaitRoom() {
    while (!stopped && !window.hasRoom()) {
      waits = true;
      if (!stopped && !window.hasRoom()) {
        LockSupport.park(this);
      }
      waits = false;
      if (Thread.interrupted() && !stopped) {
        throw Run.closed();
      }
    }
    return !stopped;
  }

  /** There may be room; for any thread. */
  void wake() {
    if (waits) {
      LockSupport.unpark(thread);
    }
  }

  /**
   * Returns whether no more inputs come.
   *
   * @throws RuntimeException what the inputs have thrown, or what could not be submitted
   */
  boolean hasEnded() {
    if (!ended) {
      return false;
    }
    return switch (problem) {
      case null -> true;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e ->
          throw new IllegalStateException(
              "The inputs of a stream threw " + Exceptions.describe(e), e);
    };
  }

  /**
   * Takes no more inputs. Whoever waits for the next one is interrupted; what ignores that for
   * longer than the cancel grace is left to itself.
   */
  void stop() {
    stopped = true;
    thread.interrupt();
    if (Thread.currentThread() != thread) {
      Uninterruptibly.await(run.graceNanos(), nanos -> thread.join(Duration.ofNanos(nanos)));
    }
  }
}
