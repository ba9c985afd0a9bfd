package dev.grain.minion;

import dev.grain.text.Spelling;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** The kinds of queues that this program can use. */
public final class Queues {
  /** The engines of Grain that have an artifact of their own, because their clients are large. */
  private static final Map<String, String> ARTIFACTS =
      Map.of(
          "kafka", "grain-kafka",
          "pulsar", "grain-pulsar",
          "redis", "grain-redis",
          "rabbitmq", "grain-rabbitmq",
          "pubsub", "grain-google");

  private static final String FOLDER = "grain.extensions";

  // guarded by itself
  private static final Map<Path, ClassLoader> LOADERS = new HashMap<>();

  private Queues() {}

  /**
   * Returns the provider of queues with such addresses: one of the class path, or of a folder of
   * extensions, which the system property {@code grain.extensions} names.
   *
   * @throws QueueException if there is none; the message names the nearest kind, or the artifact
   *     that has it
   */
  public static QueueProvider of(QueueAddress address) throws QueueException {
    ClassLoader program = QueueProvider.class.getClassLoader();
    SequencedMap<String, QueueProvider> known = new LinkedHashMap<>();
    add(known, program, "An engine for queues on the class path");
    List<Path> folders = known.containsKey(address.scheme()) ? List.of() : folders(address);
    for (Path folder : folders) {
      if (!known.containsKey(address.scheme())) {
        add(known, loader(folder, program), "The extension in " + folder);
      }
    }
    QueueProvider provider = known.get(address.scheme());
    if (provider == null) {
      throw new QueueException(unknown(address, known));
    }
    return provider;
  }

  /** Returns the folders of extensions, first the one that should have the provider. */
  private static List<Path> folders(QueueAddress address) throws QueueException {
    String all = System.getProperty(FOLDER);
    if (all == null || all.isEmpty()) {
      return List.of();
    }
    String likely = String.valueOf(ARTIFACTS.get(address.scheme())).replace("grain-", "");
    try {
      return ExtensionLoader.folders(Path.of(all)).stream()
          .sorted(Comparator.comparing(each -> !each.endsWith(likely)))
          .toList();
    } catch (IOException e) {
      throw new QueueException("The folder of extensions, %s, cannot be read.".formatted(all), e);
    }
  }

  /** A loader stays as long as the program, as an engine may load further classes at any time. */
  private static ClassLoader loader(Path folder, ClassLoader program) throws QueueException {
    synchronized (LOADERS) {
      ClassLoader loader = LOADERS.get(folder);
      if (loader == null) {
        try {
          loader = ExtensionLoader.of(folder, program);
        } catch (IOException e) {
          throw new QueueException("The extension in %s cannot be read.".formatted(folder), e);
        }
        LOADERS.put(folder, loader);
      }
      return loader;
    }
  }

  private static void add(Map<String, QueueProvider> known, ClassLoader loader, String what)
      throws QueueException {
    try {
      for (QueueProvider each : ServiceLoader.load(QueueProvider.class, loader)) {
        known.putIfAbsent(each.scheme(), each);
        each.otherNames().forEach(name -> known.putIfAbsent(name, each));
      }
    } catch (ServiceConfigurationError | LinkageError e) {
      throw new QueueException(
          "%s cannot be used: %s. Use one of the same release.".formatted(what, e.getMessage()), e);
    }
  }

  private static String unknown(QueueAddress address, Map<String, QueueProvider> known) {
    String scheme = address.scheme();
    String artifact = ARTIFACTS.get(scheme);
    if (artifact != null) {
      return ("The queue %s needs the artifact dev.grain:%s, which is not here. Add it to the"
              + " dependencies of the program, or put it with its libraries into ext/%s of Grain.")
          .formatted(address, artifact, artifact.replace("grain-", ""));
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
