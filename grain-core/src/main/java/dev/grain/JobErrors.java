package dev.grain;

import dev.grain.code.Codec;
import dev.grain.dispatch.JobEnd;
import dev.grain.explain.Reason;
import dev.grain.explain.Sentences;
import dev.grain.text.Exceptions;
import java.util.List;

/** Creates the exceptions that report how jobs ended. */
final class JobErrors {
  private static final int OUTPUT_SHOWN = 2000;
  private static final String HEAP_FULL = "Java heap space";

  private JobErrors() {}

  /** Returns a new exception for a job that ended without a value. */
  static JobException toException(SubmittedJob<?> job, JobEnd end) {
    JobException error =
        switch (end) {
          case JobEnd.Returned returned ->
              throw new IllegalArgumentException(job + " returned " + returned.value());
          case JobEnd.Threw threw -> failed(job, threw);
          case JobEnd.Ended ended -> ended(job, ended);
        };
    Throwable problem = job.retryProblem();
    if (problem != null) {
      error.addSuppressed(problem);
    }
    return error;
  }

  /** Returns what a job has failed with: what its function threw, if that is why. */
  static Throwable toFailure(SubmittedJob<?> job, JobEnd end) {
    JobException error = toException(job, end);
    Throwable cause = error.getCause();
    return error instanceof JobFailedException && cause != null ? cause : error;
  }

  private static JobException failed(SubmittedJob<?> job, JobEnd.Threw end) {
    Throwable cause;
    String words;
    try {
      cause = job.run().code().decodeFailure(end.failure());
      words = Codec.describeFailure(end.failure());
    } catch (EncodingException e) {
      cause = e;
      words = Exceptions.describe(e);
    }
    return failed(job, end.worker(), end.attempts(), words, cause);
  }

  /** Returns the exception for a job whose value cannot be decoded. */
  static JobException undecodable(
      SubmittedJob<?> job, JobEnd.Returned end, RuntimeException cause) {
    return failed(job, end.worker(), job.attempts(), Exceptions.describe(cause), cause);
  }

  private static JobException failed(
      SubmittedJob<?> job, String worker, List<Attempt> attempts, String words, Throwable cause) {
    String output = job.output();
    String tail = output.substring(Math.max(0, output.length() - OUTPUT_SHOWN));
    String tries = attempts.size() > 1 ? " in attempt " + attempts.size() : "";
    return new JobFailedException(
        job.id(),
        attempts,
        worker,
        tail,
        "%s failed on %s%s: %s%s%s"
            .formatted(
                capital(job), worker, tries, words, wayOut(cause), Sentences.lines(attempts)),
        cause);
  }

  /** Adds what to do if the message of the JDK lacks it. */
  private static String wayOut(Throwable cause) {
    return cause instanceof OutOfMemoryError && HEAP_FULL.equals(cause.getMessage())
        ? "; give the process that runs the job a larger heap (-Xmx), or let jobs ask for memory, so"
            + " that fewer run at a time"
        : "";
  }

  private static JobException ended(SubmittedJob<?> job, JobEnd.Ended end) {
    JobId id = job.id();
    List<Attempt> attempts = end.attempts();
    return switch (end.cause()) {
      case CANCELLED ->
          new JobCancelledException(id, attempts, message(job, "was cancelled", end), null);
      case TIMED_OUT ->
          new JobTimedOutException(id, attempts, message(job, "timed out", end), null);
      case OUT_OF_MEMORY -> outOfMemory(job, end);
      case LOST -> new JobLostException(id, attempts, message(job, "was lost", end), null);
      case NOT_STARTED ->
          new JobNotStartedException(id, attempts, message(job, "was not started", end), null);
      case FAILED ->
          new JobFailedException(
              id,
              attempts,
              attempts.getLast().worker(),
              "",
              message(job, "failed", end),
              new EncodingException(message(job, "failed", end), null));
    };
  }

  private static JobOutOfMemoryException outOfMemory(SubmittedJob<?> job, JobEnd.Ended end) {
    String message = message(job, "ran out of memory", end);
    long limit = -1;
    long peak = -1;
    if (end.reason() instanceof Reason.OverMemory over) {
      limit = over.limit();
      peak = over.peak();
    }
    return new JobOutOfMemoryException(job.id(), end.attempts(), limit, peak, message, null);
  }

  /** Returns the exception for a job that could not be submitted because of its input. */
  static JobNotStartedException notEncoded(JobId id, Request request, EncodingException cause) {
    String name = request instanceof JobOptions options ? options.name() : "";
    return new JobNotStartedException(
        id,
        List.of(),
        "%s was not started: %s"
            .formatted(capital(SubmittedJob.describe(id.number(), name)), cause.getMessage()),
        cause);
  }

  private static String message(SubmittedJob<?> job, String what, JobEnd.Ended end) {
    return "%s %s: %s%s"
        .formatted(capital(job), what, Sentences.of(end.reason()), Sentences.lines(end.attempts()));
  }

  /** Returns the sentence about a job that goes on with these words. */
  static String sentence(String job, String words) {
    return capital(job) + " " + words + (words.endsWith(".") ? "" : ".");
  }

  /** Returns the first line of the message of an exception about a job, without the job. */
  static String withoutSubject(SubmittedJob<?> job, JobException error) {
    String line = String.valueOf(error.getMessage()).lines().findFirst().orElse("has failed");
    String subject = capital(job) + " ";
    return line.startsWith(subject) ? line.substring(subject.length()) : line;
  }

  private static String capital(SubmittedJob<?> job) {
    return capital(job.toString());
  }

  private static String capital(String job) {
    return "J" + job.substring(1);
  }

  /** Returns a new exception with the same message, cause and suppressed exceptions. */
  static JobException again(JobException error) {
    JobException again = copy(error);
    for (Throwable suppressed : error.getSuppressed()) {
      again.addSuppressed(suppressed);
    }
    return again;
  }

  private static JobException copy(JobException error) {
    JobId id = error.job();
    List<Attempt> attempts = error.attempts();
    String message = String.valueOf(error.getMessage());
    Throwable cause = error.getCause();
    return switch (error) {
      case JobFailedException failed ->
          new JobFailedException(id, attempts, failed.worker(), failed.output(), message, cause);
      case JobTimedOutException _ -> new JobTimedOutException(id, attempts, message, cause);
      case JobOutOfMemoryException full ->
          new JobOutOfMemoryException(
              id,
              attempts,
              full.memoryLimit().orElse(-1),
              full.peakMemory().orElse(-1),
              message,
              cause);
      case JobCancelledException _ -> new JobCancelledException(id, attempts, message, cause);
      case JobLostException _ -> new JobLostException(id, attempts, message, cause);
      case JobNotStartedException _ -> new JobNotStartedException(id, attempts, message, cause);
    };
  }
}
