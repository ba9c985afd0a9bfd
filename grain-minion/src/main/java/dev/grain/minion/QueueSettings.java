package dev.grain.minion;

import java.time.Duration;
import java.util.Map;

/**
 * How queues are opened.
 *
 * @param lease how long an item stays with a minion that gives no sign of life; zero for that of
 *     the queue
 * @param variables the environment, for what else an engine can be told: credentials, for example
 */
public record QueueSettings(Duration lease, Map<String, String> variables) {
  /** The lease of the queue, and no variables. */
  public static final QueueSettings DEFAULTS = new QueueSettings(Duration.ZERO, Map.of());

  /** Makes settings. */
  public QueueSettings {
    variables = Map.copyOf(variables);
  }
}
