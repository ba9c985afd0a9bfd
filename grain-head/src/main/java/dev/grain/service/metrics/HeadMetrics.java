package dev.grain.service.metrics;

import dev.grain.Cause;
import dev.grain.service.api.Node;
import dev.grain.service.api.NodeService;
import dev.grain.service.event.JobEvents;
import dev.grain.service.store.Commit;
import dev.grain.service.store.JobChange;
import dev.grain.service.store.JobState;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.Store;
import dev.grain.service.store.StoreException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Counts what happens in a head, and measures how long it takes. What is counted by the store or by
 * others is asked for at each {@link #scrape}. For any thread.
 */
public final class HeadMetrics implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.grain.head");

  /** The value of the label of those that have ended without a failure. */
  private static final String SUCCEEDED = "succeeded";

  private static final String CAUSE = "cause";
  private static final String STATE = "state";

  /** The kinds of resources that every cluster has a notion of, and their names here. */
  private static final Map<String, String> KINDS =
      Map.of("cpu", "cpus", "memory", "memory.bytes", "gpu", "gpus");

  private final Store store;
  private final NodeService nodes;
  private final Commit.Observer observer = this::onCommit;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final Counter submitted;
  private final Map<Cause, Counter> failed = new EnumMap<>(Cause.class);
  private final Counter succeeded;
  private final Timer waits;
  private final Timer commits;
  private final DistributionSummary sizes;

  // set by each scrape, read by the gauges
  private volatile Seen seen = new Seen(Map.of(), List.of());

  /** What the gauges show. */
  private record Seen(Map<JobState, Long> jobs, List<Node> nodes) {
    double count(JobState state) {
      Long count = jobs.get(state);
      return count == null ? Double.NaN : count;
    }

    double count(Node.State state) {
      return nodes.stream().filter(each -> each.state() == state).count();
    }

    /** Returns what the workers have together that are connected. */
    double sum(String kind, boolean free) {
      return nodes.stream()
          .filter(each -> each.state() != Node.State.AWAY)
          .flatMap(each -> Stream.ofNullable(each.amounts().get(kind)))
          .mapToDouble(each -> free ? each.free() : each.total())
          .sum();
    }
  }

  /** Counts from now on. */
  public HeadMetrics(Store store, JobEvents events, NodeService nodes) {
    this.store = store;
    this.nodes = nodes;
    this.submitted =
        Counter.builder("grain.jobs.submitted")
            .description("Jobs and tasks that were submitted")
            .register(registry);
    this.succeeded = ended(SUCCEEDED);
    for (Cause each : Cause.values()) {
      failed.put(each, ended(lower(each)));
    }
    this.waits =
        Timer.builder("grain.jobs.wait")
            .description("From the submission of a job to the start of its first attempt")
            .serviceLevelObjectives(
                Duration.ofMillis(100),
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                Duration.ofMinutes(1),
                Duration.ofMinutes(10),
                Duration.ofHours(1),
                Duration.ofHours(10))
            .register(registry);
    this.commits =
        Timer.builder("grain.store.commit")
            .description("Transactions, from their first statement until they are on the disk")
            .serviceLevelObjectives(
                Duration.ofMillis(1),
                Duration.ofMillis(3),
                Duration.ofMillis(10),
                Duration.ofMillis(30),
                Duration.ofMillis(100),
                Duration.ofMillis(300),
                Duration.ofSeconds(1),
                Duration.ofSeconds(10))
            .register(registry);
    this.sizes =
        DistributionSummary.builder("grain.store.commit.changes")
            .description("How many changes a transaction has")
            .serviceLevelObjectives(1, 3, 10, 30, 100, 300, 1000)
            .register(registry);
    Gauge.builder("grain.events.listeners", events, JobEvents::listeners)
        .description("Streams of events that are connected")
        .register(registry);
    bindGauges();
    collections.bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    store.observe(observer);
  }

  private Counter ended(String cause) {
    return Counter.builder("grain.jobs.ended")
        .description("Jobs and tasks that have ended, by what they have ended for")
        .tag(CAUSE, cause)
        .register(registry);
  }

  private void bindGauges() {
    for (JobState each : JobState.values()) {
      gauge(
          "grain.jobs",
          Tags.of(STATE, lower(each)),
          "Jobs and tasks that are stored, by state",
          now -> now.count(each));
    }
    for (Node.State each : Node.State.values()) {
      gauge(
          "grain.nodes",
          Tags.of(STATE, lower(each)),
          "Workers that have joined, by state",
          now -> now.count(each));
    }
    KINDS.forEach((kind, name) -> {
      gauge(
          "grain.nodes." + name,
          Tags.empty(),
          "What the workers have that are connected",
          now -> now.sum(kind, false));
      gauge(
          "grain.nodes.free." + name,
          Tags.empty(),
          "What of that is free",
          now -> now.sum(kind, true));
    });
  }

  /** Shows a number. */
  private interface Shown {
    double of(Seen seen);
  }

  private void gauge(String name, Tags tags, String description, Shown shown) {
    Gauge.builder(name, this, metrics -> shown.of(metrics.seen))
        .description(description)
        .tags(tags)
        .register((MeterRegistry) registry);
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private void onCommit(Commit commit) {
    commits.record(commit.took());
    sizes.record(commit.size());
    for (JobChange each : commit.changes()) {
      switch (each) {
        case JobChange.Submitted _ -> submitted.increment();
        case JobChange.Started(long _, Duration waited) -> waits.record(waited);
        case JobChange.Ended(long _, Optional<Cause> cause) ->
            cause.map(this::failed).orElse(succeeded).increment();
        case JobChange.Changed _ -> {}
      }
    }
  }

  private Counter failed(Cause cause) {
    return failed.getOrDefault(cause, succeeded);
  }

  /** Returns all numbers, in the text format of Prometheus. */
  public String scrape() {
    seen = new Seen(jobs(), nodes.nodes());
    return registry.scrape();
  }

  private Map<JobState, Long> jobs() {
    try {
      return store.read(handle -> new Jobs(handle).counts(Optional.empty()));
    } catch (StoreException e) {
      // the others are all the more interesting by then
      LOG.log(System.Logger.Level.DEBUG, "Jobs cannot be counted", e);
      return Map.of();
    }
  }

  /** Counts no more. */
  @Override
  public void close() {
    store.forget(observer);
    collections.close();
    registry.close();
  }
}
