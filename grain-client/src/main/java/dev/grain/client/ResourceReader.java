package dev.grain.client;

import static dev.grain.client.Keys.CAPACITY;
import static dev.grain.client.Keys.CPU;
import static dev.grain.client.Keys.CUSTOM;
import static dev.grain.client.Keys.CUSTOM_IDS;
import static dev.grain.client.Keys.GPU;
import static dev.grain.client.Keys.GPU_IDS;
import static dev.grain.client.Keys.HARD;
import static dev.grain.client.Keys.MEMORY;
import static dev.grain.client.Keys.OF_RESOURCES;
import static dev.grain.client.Keys.RESOURCES;
import static dev.grain.client.Keys.SOFT;
import static dev.grain.client.Keys.TOKENS;
import static dev.grain.client.Keys.WALL_TIME;

import dev.grain.Resource;
import dev.grain.resource.Resources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what a job requests. */
final class ResourceReader {
  private ResourceReader() {}

  /** Returns the request of a job; null for none, or for a wrong one. */
  static @Nullable Resource read(Fields job) {
    Fields fields = job.fields(RESOURCES, OF_RESOURCES);
    if (fields == null) {
      return null;
    }
    List<Resource> parts = new ArrayList<>();
    add(parts, fields.value(CPU, node -> Resources.cpu(Values.amount(node))));
    add(parts, fields.value(MEMORY, node -> Resources.memory(Values.written(node))));
    add(parts, fields.value(GPU, node -> Resources.gpu(Values.amount(node))));
    add(parts, fields.value(GPU_IDS, node -> Resources.gpuIds(Values.id(node))));
    add(
        parts,
        fields.value(CAPACITY, node -> Resources.capacity(Values.whole(node, 1, 1_000_000))));
    parts.addAll(
        fields.map(CUSTOM, (name, node) -> Resources.custom(name, Values.amount(node))).values());
    parts.addAll(
        fields
            .map(CUSTOM_IDS, (name, node) -> Resources.customIds(name, Values.id(node)))
            .values());
    parts.addAll(fields.list(TOKENS, node -> Resources.token(Values.text(node))));
    add(parts, wallTime(fields));
    // what does not go together, such as gpu and gpuIds
    return job.value(RESOURCES, _ -> parts.stream().reduce(Resource::and).orElse(null));
  }

  private static void add(List<Resource> parts, @Nullable Resource part) {
    if (part != null) {
      parts.add(part);
    }
  }

  private static @Nullable Resource wallTime(Fields fields) {
    if (!(fields.node(WALL_TIME) instanceof Node.Mapping)) {
      return fields.value(WALL_TIME, node -> Resources.wallTime(Values.duration(node)));
    }
    Fields limits = fields.fields(WALL_TIME, SOFT, HARD);
    if (limits == null || limits.one("The hard limit is missing.", HARD) == null) {
      return null;
    }
    Duration hard = limits.value(HARD, Values::duration);
    Duration soft = limits.has(SOFT) ? limits.value(SOFT, Values::duration) : hard;
    return hard == null || soft == null
        ? null
        : fields.value(WALL_TIME, _ -> Resources.wallTime(soft, hard));
  }
}
