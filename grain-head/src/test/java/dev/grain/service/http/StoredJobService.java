package dev.grain.service.http;

import dev.grain.client.JobSpecs;
import dev.grain.dispatch.Dispatch;
import dev.grain.service.api.JobService;
import dev.grain.service.store.By;
import dev.grain.service.store.JobState;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.NewJob;
import dev.grain.service.store.RequestKey;
import dev.grain.service.store.Store;
import dev.grain.service.store.Submission;
import dev.grain.service.store.Submissions;
import dev.grain.service.store.Submitted;
import dev.grain.spec.JobSpec;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Stores jobs as a head without workers does. */
final class StoredJobService implements JobService {
  private final Store store;
  private final Clock clock;

  StoredJobService(Store store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  private By by(String who) {
    return new By(who, clock.instant());
  }

  @Override
  public CompletableFuture<List<Submitted>> submit(
      String owner, Optional<RequestKey> key, List<JobSpec> specs) {
    Submission submission =
        new Submission(owner, key, specs.stream().map(StoredJobService::stored).toList());
    return store.write(handle -> new Submissions(handle).submit(submission, by(owner)));
  }

  private static NewJob stored(JobSpec spec) {
    return new NewJob(
        Optional.ofNullable(spec.id()),
        spec.name(),
        JobSpecs.toJson(spec),
        spec.priority(),
        spec.labels(),
        List.of(),
        spec.hold());
  }

  @Override
  public CompletableFuture<JobState> hold(long number, String who) {
    return store.write(handle -> new Jobs(handle).hold(number, by(who)));
  }

  @Override
  public CompletableFuture<JobState> resume(long number, String who) {
    return store.write(handle -> new Jobs(handle).resume(number, by(who)));
  }

  @Override
  public CompletableFuture<JobState> cancel(long number, String who) {
    return store.write(handle -> new Jobs(handle).cancel(number, by(who)));
  }

  @Override
  public CompletableFuture<JobState> prioritize(long number, double priority, String who) {
    return store.write(handle -> new Jobs(handle).prioritize(number, priority, by(who)));
  }

  @Override
  public Optional<Dispatch.Explanation> explain(long number) {
    return Optional.empty();
  }
}
