package dev.grain.client;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A worker that has joined a head.
 *
 * @param id what works in place of the name, and no other worker has
 * @param state {@code CONNECTED}; {@code DRAINING}: it takes no more jobs and then ends; {@code
 *     AWAY}: its connection is lost
 * @param since when it joined
 * @param amounts what it has, by the kinds of resources: {@code cpu}, {@code memory} in bytes,
 *     {@code gpus} and others
 * @param jobs how many are there
 * @param version that of its Grain
 */
public record HeadNode(
    String id,
    String name,
    String address,
    String state,
    Instant since,
    Map<String, Amount> amounts,
    long jobs,
    String version) {
  /** What there is of a resource, and how much of it no job has. */
  public record Amount(double total, double free) {}

  /** Keeps the order of the resources. */
  public HeadNode {
    amounts = Collections.unmodifiableMap(new LinkedHashMap<>(amounts));
  }
}
