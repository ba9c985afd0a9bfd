package dev.grain.service.store;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A map to be stored, whose tasks are added later.
 *
 * @param owner whose it is
 * @param id its own id; one is made if it is empty
 * @param key by which the owner recognizes the submission, when it is made again
 * @param spec what all tasks have in common, as text that the store does not read
 * @param labels by name
 * @param blobs the hashes of the blobs that its spec names, which are kept as long as it is
 * @param held whether its tasks wait until it is released
 */
public record NewMap(
    String owner,
    Optional<String> id,
    Optional<RequestKey> key,
    String name,
    String spec,
    double priority,
    Map<String, String> labels,
    List<String> blobs,
    boolean held) {
  public NewMap {
    labels = Map.copyOf(labels);
    blobs = List.copyOf(blobs);
  }
}
