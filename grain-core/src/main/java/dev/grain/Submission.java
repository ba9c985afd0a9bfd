package dev.grain;

import dev.grain.Templates.SubmittedTemplate;
import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.dispatch.Dispatch;
import dev.grain.dispatch.JobEnd;
import dev.grain.explain.Reason;
import dev.grain.jfr.FlightRecording;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way of a job from a call to the head: encodes it, waits for room in the queue, names it for
 * the journal, and hands it over. For all threads.
 */
final class Submission {
  private final Run run;
  private final Codec codec;
  private final Dispatch dispatch;
  private final QueueGate gate;
  private final @Nullable RunJournal journal;
  private final @Nullable JobKeys keys;
  private final Templates templates;
  private final long valueLimit = RunLimits.valueBytes();

  /**
   * Makes the way of a run's jobs.
   *
   * @param journal what is asked whether a job has ended in an earlier life of the program; null
   *     for none, as {@code keys}
   */
  Submission(
      Run run,
      Dispatch dispatch,
      QueueGate gate,
      @Nullable RunJournal journal,
      @Nullable JobKeys keys) {
    this.run = run;
    this.templates = new Templates(run);
    this.codec = run.code();
    this.dispatch = dispatch;
    this.gate = gate;
    this.journal = journal;
    this.keys = keys;
  }

  /** Takes note of a job before it is submitted; throws if its owner does not want it any more. */
  @FunctionalInterface
  interface Registration {
    void accept(SubmittedJob<?> job);
  }

  /**
   * Encodes and submits a job.
   *
   * @param owner what it belongs to
   * @param registration called when nothing can fail any more but this itself
   */
  <R extends @Nullable Object> SubmittedJob<R> submit(
      Request request, JobBody body, JobOwner owner, Registration registration) {
    run.ensureOpen();
    JobBody.Encoded encoded = body.encode(codec, valueLimit);
    SubmittedTemplate template = templates.of(request, encoded);
    Bytes key = keyOf(request, body, encoded, template, owner);
    enter(encoded.input().length(), owner);
    SubmittedJob<R> job = new SubmittedJob<>(owner, dispatch.nextNumber(), template);
    Dispatch.Journaled journaled = key == null ? null : lookUp(key, request);
    Dispatch.Ticket ticket = dispatch.prepare(template.template(), encoded.input(), journaled, job);
    job.attach(ticket, journaled != null && journaled.known() != null);
    try {
      registration.accept(job);
    } catch (RuntimeException e) {
      gate.leave(ticket.size());
      throw e;
    }
    handOver(job, ticket, template, journaled);
    return job;
  }

  private void enter(long bytes, JobOwner owner) {
    gate.enter(bytes, owner);
    if (run.isClosing()) {
      // asked again, as close() waits for everything that has entered before it
      gate.leave(bytes);
      throw Run.closed();
    }
  }

  private void handOver(
      SubmittedJob<?> job,
      Dispatch.Ticket ticket,
      SubmittedTemplate template,
      Dispatch.@Nullable Journaled journaled) {
    if (journal != null && journaled != null && journaled.known() != null) {
      journal.used(journaled.key());
    }
    FlightRecording.submitted(
        run.id(),
        job.number(),
        template.name(),
        job.owner(),
        template.template().demand(),
        ticket.size());
    if (!dispatch.submit(ticket)) {
      job.onEnd(
          new JobEnd.Ended(Cause.CANCELLED, new Reason.Other("the run is closed"), List.of()),
          false);
      throw Run.closed();
    }
  }

  /** Returns what the journal knows the job by; null if it is to be in none. */
  private @Nullable Bytes keyOf(
      Request request,
      JobBody body,
      JobBody.Encoded encoded,
      SubmittedTemplate template,
      JobOwner owner) {
    if (keys == null) {
      return null;
    }
    SubmissionPath path = owner.path() == null ? run.pathHere() : owner.path();
    return keys.of(path, request, body, encoded, template.template().spec().setting());
  }

  private Dispatch.@Nullable Journaled lookUp(Bytes key, Request request) {
    // the program may have changed since a job was named by words
    boolean named = request instanceof JobOptions options && options.words() != null;
    return journal == null
        ? null
        : new Dispatch.Journaled(key, journal.find(key, named ? codec : null));
  }

  /** Returns the id for a job that is not submitted. */
  JobId nextId() {
    return new JobId(dispatch.nextNumber());
  }
}
