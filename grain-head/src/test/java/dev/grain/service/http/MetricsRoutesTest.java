package dev.grain.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Cause;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.StoredAttempt;
import dev.grain.service.store.Usage;
import java.net.http.HttpRequest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What Prometheus is shown, and to whom. */
final class MetricsRoutesTest extends Served {
  private static final String JOB = "{\"id\": \"secret-job\", \"command\": [\"true\"]}";

  private Answer scrape(String user) {
    return send(
        HttpRequest.newBuilder(uri("/metrics")).header("Authorization", "Bearer " + tokenOf(user)));
  }

  private List<String> lines() {
    return new String(scrape("root").ensure(200).bytes(), UTF_8).lines().toList();
  }

  @Test
  void jobs_areCounted_byStateAndCause() {
    submit("ada", JOB);
    submit("ada", JOB.replace("secret-job", "other-job"));
    assertThat(lines())
        .contains(
            "grain_jobs{state=\"queued\"} 2.0",
            "grain_jobs{state=\"running\"} 0.0",
            "grain_jobs_submitted_total 2.0",
            "grain_jobs_ended_total{cause=\"lost\"} 0.0");
    long number = stored("secret-job").number();
    Instant later = stored("secret-job").submitted().plusSeconds(5);
    StoredAttempt.End lost =
        StoredAttempt.End.failed(later.plusSeconds(1), Cause.LOST, "gone", Usage.UNKNOWN);
    store
        .write(handle ->
            new Jobs(handle)
                .started(
                    number,
                    new StoredAttempt(1, "node-a", later, Optional.of(later), Optional.empty())))
        .join();
    store.write(handle -> new Jobs(handle).end(number, lost)).join();
    assertThat(lines())
        .contains(
            "grain_jobs{state=\"queued\"} 1.0",
            "grain_jobs{state=\"failed\"} 1.0",
            "grain_jobs_ended_total{cause=\"lost\"} 1.0",
            "grain_jobs_ended_total{cause=\"succeeded\"} 0.0",
            "grain_jobs_wait_seconds_count 1",
            "grain_jobs_wait_seconds_sum 5.0",
            "grain_jobs_wait_seconds_bucket{le=\"10.0\"} 1",
            "grain_jobs_wait_seconds_bucket{le=\"1.0\"} 0");
  }

  @Test
  void workers_listeners_transactions_andTheJvm_areMeasured() throws Exception {
    try (EventStream _ =
        new EventStream(server.port(), tokenOf("ada"), "/events", List.of(), 0).begin()) {
      assertThat(lines())
          .contains(
              "grain_nodes{state=\"connected\"} 2.0",
              "grain_nodes{state=\"draining\"} 0.0",
              "grain_nodes_cpus 16.0",
              "grain_nodes_free_cpus 5.0",
              "grain_nodes_gpus 0.0",
              "grain_events_listeners 1.0")
          .anyMatch(line -> line.startsWith("jvm_memory_used_bytes{"))
          .anyMatch(line -> line.startsWith("process_uptime_seconds "))
          .anyMatch(line -> line.startsWith("grain_store_commit_seconds_bucket{le=\"0.1\"} "))
          .anyMatch(line -> line.startsWith("grain_store_commit_changes_sum "));
    }
  }

  @Test
  void nothing_isAboutOneJobOrUser() {
    submit("ada", JOB);
    assertThat(String.join("\n", lines())).doesNotContain("secret-job").doesNotContain("ada");
  }

  @Test
  void callers_whoAreNoAdmins_seeNothing() {
    scrape("ada").problem(403, "forbidden");
    // by HTTP without TLS, a proxy may call for others
    send(HttpRequest.newBuilder(uri("/metrics"))).problem(401, "unauthenticated");
  }
}
