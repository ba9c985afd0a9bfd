package dev.grain.head;

import dev.grain.bytes.Bytes;
import dev.grain.schedule.Retries;
import dev.grain.schedule.ScheduledJob;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A job on the head: what the scheduler knows of it, and what is sent to a node. */
public final class HeadJob extends ScheduledJob {
  private final JobTemplate template;
  private final Bytes arguments;
  private final JobClient client;
  private final @Nullable Journaled journaled;

  /**
   * What the journal has to do with a job.
   *
   * @param key names the job in the journal, by 32 bytes
   * @param known how an earlier life of the program saw it end; null if it is to run
   */
  public record Journaled(Bytes key, JobEnd.@Nullable Returned known) {}

  /**
   * Makes a job.
   *
   * @param number its number, unique in the run
   * @param template what it has in common with others
   * @param arguments what its function captures, and its arguments, encoded
   * @param client where its end is delivered
   * @param journaled what a journal knows of it; null if it is in no journal
   */
  public HeadJob(
      long number,
      JobTemplate template,
      Bytes arguments,
      JobClient client,
      @Nullable Journaled journaled) {
    super(number);
    this.template = template;
    this.arguments = arguments;
    this.client = client;
    this.journaled = journaled;
  }

  /** Returns the name; empty if it has none. */
  public String name() {
    return template.name();
  }

  /** Returns how many bytes of the head's memory its arguments take. */
  public long size() {
    return arguments.length();
  }

  @Override
  protected boolean isGivenUp() {
    return client.isGivenUp();
  }

  @Override
  protected Retries retries() {
    return template.retries();
  }

  /** Returns what says after which failures it runs again; null if it is after all. */
  public @Nullable Predicate<? super Throwable> retryOn() {
    return template.retryOn();
  }

  /** Returns what the journal has to do with it; null if nothing. */
  public @Nullable Journaled journaled() {
    return journaled;
  }

  JobTemplate template() {
    return template;
  }

  Bytes arguments() {
    return arguments;
  }

  JobClient client() {
    return client;
  }

  @Override
  public String toString() {
    return name().isEmpty() ? super.toString() : super.toString() + " (" + name() + ")";
  }
}
