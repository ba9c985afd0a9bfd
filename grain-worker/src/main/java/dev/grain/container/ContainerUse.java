package dev.grain.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.transport.DockerHttpClient.Request;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a container has used.
 *
 * @param cpu null if it was not measured
 * @param peakMemory in bytes; -1 if it was not measured
 */
record ContainerUse(@Nullable Duration cpu, long peakMemory) {
  /** Nothing was measured. */
  static final ContainerUse UNKNOWN = new ContainerUse(null, -1);

  private static final ObjectMapper MAPPER = DockerClientConfig.getDefaultObjectMapper();

  /** Asks an engine; what it does not say is not measured. */
  static ContainerUse of(DockerEngine engine, String container) throws IOException {
    try (DockerHttpClient.Response response =
        engine.call(
            Request.builder().method(Request.Method.GET),
            "/containers/" + container + "/stats?stream=false&one-shot=true")) {
      JsonNode all = MAPPER.readTree(response.getBody().readAllBytes());
      long cpu = all.path("cpu_stats").path("cpu_usage").path("total_usage").asLong(0);
      JsonNode memory = all.path("memory_stats");
      long peak = Math.max(memory.path("max_usage").asLong(0), memory.path("usage").asLong(0));
      return new ContainerUse(cpu > 0 ? Duration.ofNanos(cpu) : null, peak > 0 ? peak : -1);
    }
  }

  /** Returns this and what was measured later. */
  ContainerUse and(ContainerUse later) {
    return new ContainerUse(
        later.cpu == null ? cpu : later.cpu, Math.max(peakMemory, later.peakMemory));
  }
}
