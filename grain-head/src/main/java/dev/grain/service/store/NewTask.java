package dev.grain.service.store;

import java.util.List;

/**
 * A task to be added to a map.
 *
 * @param index its own number in its map; of those that come twice, the first one wins
 * @param spec what it adds to the spec of its map
 * @param blobs the hashes of the blobs that this names
 */
public record NewTask(long index, String spec, List<String> blobs) {
  public NewTask {
    blobs = List.copyOf(blobs);
    if (index < 0) {
      throw new IllegalArgumentException(
          "The index %s of a task is negative. Count from 0.".formatted(index));
    }
  }
}
