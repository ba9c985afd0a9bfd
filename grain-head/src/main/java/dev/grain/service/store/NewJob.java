package dev.grain.service.store;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A job to be stored.
 *
 * @param id its own id; one is made if it is empty
 * @param name what people call it; need not be unique
 * @param spec what it is to do, as text that the store does not read
 * @param labels by name
 * @param blobs the hashes of the blobs that its spec names, which are kept as long as it is
 * @param held whether it waits until it is released
 */
public record NewJob(
    Optional<String> id,
    String name,
    String spec,
    double priority,
    Map<String, String> labels,
    List<String> blobs,
    boolean held) {
  public NewJob {
    labels = Map.copyOf(labels);
    blobs = List.copyOf(blobs);
  }
}
