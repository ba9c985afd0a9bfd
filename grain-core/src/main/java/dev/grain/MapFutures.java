package dev.grain;

import java.util.Iterator;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Futures for the inputs of a map, each made when it is asked for. Used by one thread at a time,
 * but for the ends of jobs.
 */
final class MapFutures<A extends @Nullable Object, R extends @Nullable Object>
    implements Iterator<CompletableFuture<R>>, JobOwner {
  private final Run run;
  private final Request request;
  private final MapWork<A> work;
  private final Iterator<? extends A> inputs;
  private final SubmissionPath path;
  private final long line;
  // for jobs that have not ended; released by the loop
  private final Semaphore room = new Semaphore(RunLimits.MAP_WINDOW);
  private boolean workEncodes;

  private MapFutures(Run run, Request request, MapWork<A> work, Iterable<? extends A> inputs) {
    this.run = run;
    this.request = request;
    this.work = work;
    this.inputs = inputs.iterator();
    this.path = run.pathHere();
    this.line = run.nextLine();
  }

  static <A extends @Nullable Object, R extends @Nullable Object>
      Stream<CompletableFuture<R>> stream(
          Run run, Request request, MapWork<A> work, Iterable<? extends A> inputs) {
    Iterator<CompletableFuture<R>> futures = new MapFutures<>(run, request, work, inputs);
    int kind = Spliterator.IMMUTABLE | Spliterator.ORDERED | Spliterator.NONNULL;
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(futures, kind), false);
  }

  @Override
  public boolean hasNext() {
    return inputs.hasNext();
  }

  @Override
  public CompletableFuture<R> next() {
    A input = inputs.next();
    awaitRoom();
    boolean submitted = false;
    try {
      SubmittedJob<R> job = run.submit(request, work.of(input), this, _ -> {});
      submitted = true;
      return job.toFuture();
    } catch (EncodingException e) {
      ensureWorkEncodes();
      return CompletableFuture.failedFuture(JobErrors.notEncoded(run.nextId(), request, e));
    } finally {
      if (!submitted) {
        room.release();
      }
    }
  }

  private void awaitRoom() {
    try {
      room.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new GrainInterruptedException("room for another input of a map");
    }
  }

  /**
   * A function that cannot be encoded would fail every input alike, and is an error of the call.
   */
  private void ensureWorkEncodes() {
    if (!workEncodes) {
      work.ensureEncodes(run.code());
      workEncodes = true;
    }
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
  public void onJobEnded(SubmittedJob<?> job) {
    room.release();
  }

  @Override
  public @Nullable RuntimeException givenUp() {
    return null;
  }

  @Override
  public String toString() {
    return "a map";
  }
}
