package dev.grain.head;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Attempt;
import dev.grain.JobStatus;
import dev.grain.bytes.Bytes;
import dev.grain.dispatch.JobClient;
import dev.grain.dispatch.JobEnd;
import org.jspecify.annotations.Nullable;

/** A job as it is reported to its program; its end may come once. */
final class ToldJob implements JobClient {
  private final long number;
  private JobStatus status = JobStatus.QUEUED;
  private @Nullable JobEnd end;

  ToldJob(long number) {
    this.number = number;
  }

  @Override
  public long number() {
    return number;
  }

  JobStatus status() {
    return status;
  }

  /** Returns how it has ended; null if it has not. */
  @Nullable JobEnd end() {
    return end;
  }

  @Override
  public void onStatus(JobStatus next, int attempt, @Nullable String worker) {
    status = next;
  }

  @Override
  public void onAttempt(Attempt ended) {}

  @Override
  public void onFailedAttempt(int attempt, JobEnd end) {}

  @Override
  public void onOutput(String worker, Bytes text, boolean error) {}

  @Override
  public void onEnd(JobEnd how, boolean remains) {
    assertThat(end).isNull();
    end = how;
  }
}
