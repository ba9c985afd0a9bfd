package dev.grain.minion;

import dev.grain.text.Spelling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** The kinds of queues that this program can use: those of the artifacts on its class path. */
public final class Queues {
  /** The engines of Grain that have an artifact of their own, because their clients are large. */
  private static final Map<String, String> ARTIFACTS =
      Map.of(
          "kafka", "grain-kafka",
          "pulsar", "grain-pulsar",
          "redis", "grain-redis",
          "rabbitmq", "grain-rabbitmq",
          "pubsub", "grain-google");

  private Queues() {}

  /**
   * Returns the provider of queues with such addresses.
   *
   * @throws QueueException if there is none; the message names the nearest kind, or the artifact
   *     that has it
   */
  public static QueueProvider of(QueueAddress address) throws QueueException {
    SequencedMap<String, QueueProvider> known = find();
    QueueProvider provider = known.get(address.scheme());
    if (provider == null) {
      throw new QueueException(unknown(address, known));
    }
    return provider;
  }

  private static SequencedMap<String, QueueProvider> find() throws QueueException {
    SequencedMap<String, QueueProvider> found = new LinkedHashMap<>();
    try {
      for (QueueProvider each :
          ServiceLoader.load(QueueProvider.class, QueueProvider.class.getClassLoader())) {
        found.putIfAbsent(each.scheme(), each);
        each.otherNames().forEach(name -> found.putIfAbsent(name, each));
      }
    } catch (ServiceConfigurationError e) {
      throw new QueueException(
          "An engine for queues on the class path cannot be used: %s. Use one of the same release."
              .formatted(e.getMessage()),
          e);
    }
    return found;
  }

  private static String unknown(QueueAddress address, Map<String, QueueProvider> known) {
    String scheme = address.scheme();
    String artifact = ARTIFACTS.get(scheme);
    if (artifact != null) {
      return ("The queue %s needs the artifact dev.grain:%s, which is not on the class path. Add it"
              + " to the dependencies of the program, or to the folder lib/ of Grain.")
          .formatted(address, artifact);
    }
    List<String> names = new ArrayList<>(known.keySet());
    ARTIFACTS.keySet().stream().sorted().filter(name -> !names.contains(name)).forEach(names::add);
    String near = Spelling.nearest(scheme, names);
    return "There is no kind of queue '%s'%s Known are %s."
        .formatted(
            scheme,
            near == null ? "." : "; did you mean '" + near + "'?",
            String.join(", ", names));
  }
}
