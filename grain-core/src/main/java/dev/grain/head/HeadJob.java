package dev.grain.head;

import dev.grain.Attempt;
import dev.grain.JobStatus;
import dev.grain.bytes.Bytes;
import dev.grain.dispatch.Dispatch;
import dev.grain.dispatch.JobClient;
import dev.grain.dispatch.JobTemplate;
import dev.grain.message.Order;
import dev.grain.schedule.Retries;
import dev.grain.schedule.ScheduledJob;
import dev.grain.schedule.Tally;
import org.jspecify.annotations.Nullable;

/**
 * A job on the head: what the scheduler knows of it, whose it is, and what is sent to a node. Its
 * number, which the scheduler and nodes know it by, is unique among the jobs of all clients; its id
 * is what its program calls it.
 */
class HeadJob extends ScheduledJob implements Dispatch.Ticket {
  private final JobOwner owner;
  private final JobTemplate template;
  private final Bytes input;
  private final JobClient client;

  /** Makes a job that has no number yet, and is in no journal. */
  HeadJob(JobOwner owner, JobTemplate template, Bytes input, JobClient client) {
    super(0);
    this.owner = owner;
    this.template = template;
    this.input = input;
    this.client = client;
  }

  /** Gives it the number by which the scheduler and nodes know it; before it is submitted. */
  void number(long number) {
    setNumber(number);
  }

  /** Returns its number in its run. */
  long id() {
    return client.number();
  }

  @Override
  public long size() {
    return input.length();
  }

  JobOwner owner() {
    return owner;
  }

  JobTemplate template() {
    return template;
  }

  /** Returns the name; empty if it has none. */
  String name() {
    return template.name();
  }

  Bytes input() {
    return input;
  }

  JobClient client() {
    return client;
  }

  /** Returns what the journal has to do with it; null if nothing. */
  Dispatch.@Nullable Journaled journaled() {
    return null;
  }

  /** The lines of a run are its own. */
  private record LineOfRun(JobOwner owner, long number) {}

  @Override
  protected double priority() {
    return template.priority();
  }

  @Override
  protected @Nullable Object line() {
    long number = client.line();
    return number == 0 ? null : new LineOfRun(owner, number);
  }

  @Override
  protected @Nullable Object preparation() {
    Order.Setting setting = template.spec().setting();
    return setting.isPicky() ? setting : null;
  }

  @Override
  protected Tally tally() {
    return owner.tally();
  }

  @Override
  protected boolean isGivenUp() {
    return client.isGivenUp();
  }

  @Override
  protected Retries retries() {
    return template.retries();
  }

  @Override
  protected void entered(Phase phase) {
    owner.onChanged();
    JobStatus status =
        switch (phase) {
          case QUEUED -> JobStatus.QUEUED;
          case SENT -> JobStatus.SENT;
          case RUNNING -> JobStatus.RUNNING;
          case STOPPING -> JobStatus.STOPPING;
          case NEW, ENDED -> null;
        };
    if (status != null) {
      client.onStatus(status, attempt(), nodeName());
    }
  }

  @Override
  protected void recorded(Attempt ended) {
    client.onAttempt(ended);
  }

  /** An attempt of it has printed something. */
  void printed(String worker, Bytes text, boolean error) {
    client.onOutput(worker, text, error);
  }

  /** A job that is in a journal; others do without the field. */
  static final class InJournal extends HeadJob {
    private final Dispatch.Journaled journaled;

    InJournal(
        Client owner,
        JobTemplate template,
        Bytes input,
        JobClient client,
        Dispatch.Journaled journaled) {
      super(owner, template, input, client);
      this.journaled = journaled;
    }

    @Override
    Dispatch.Journaled journaled() {
      return journaled;
    }
  }

  @Override
  public String toString() {
    return name().isEmpty() ? "job " + id() : "job " + id() + " (" + name() + ")";
  }
}
