package dev.grain.environment;

import dev.grain.message.EnvironmentSetting;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Prepared;
import dev.grain.node.prepare.Progress;
import dev.grain.worker.cache.ContentCache;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes the environments of jobs, each once per machine, and keeps them in a cache that all workers
 * of the machine may share. For all threads; the calls block, for minutes if something is
 * installed.
 *
 * <p>A process that is killed leaves no environment half-made, and no tool that still runs.
 */
public final class Environments {
  /** Changes whenever the same definition makes something else. */
  private static final String VERSION = "2";

  /** For how long the versions of tools are taken for the same. */
  private static final long KNOWN_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final ContentCache cache;
  private final Machine machine;
  // guarded by itself; by the kind and the interpreter
  private final Map<String, Known> builders = new HashMap<>();

  /**
   * A builder, which knows the versions of its tools.
   *
   * @param until when it is to ask them again, by {@link System#nanoTime}
   */
  private record Known(Builder builder, long until) {}

  /**
   * Makes the entrance to a cache; nothing is written before it is needed.
   *
   * @param folder where the environments are; its path becomes part of them
   * @param mostBytes how many bytes they may have together; what was not used for the longest time
   *     is removed, but not what is in use
   */
  public Environments(Path folder, long mostBytes) {
    this(folder, mostBytes, Machine.ofThisProcess());
  }

  /** Makes it with other programs and another user's folder than this process has. */
  Environments(Path folder, long mostBytes, Machine machine) {
    this.cache = new ContentCache(folder.toAbsolutePath().normalize(), mostBytes);
    this.machine = machine;
  }

  /**
   * Returns an environment that is ready, and makes it if it is not there. Waits while another
   * thread or process makes it.
   *
   * @param code the folder of the code of the job; null if the job has none
   * @param progress is notified of what is done; by this thread, or one that downloads
   * @throws PreparationException if it cannot be made; the message has the end of what the tool has
   *     printed. Another attempt within a minute fails in the same way, without the tool
   * @throws InterruptedException if the thread was interrupted: the tool was killed, and what it
   *     had made was removed
   */
  public PreparedEnvironment prepare(
      EnvironmentSetting setting, @Nullable Path code, Progress progress)
      throws PreparationException, InterruptedException {
    progress.report("preparing the environment " + setting.description(), 0, 0);
    Source source = Source.of(setting, code);
    Builder builder = builder(setting);
    Prepared content =
        cache.get(
            key(setting, source, builder),
            folder -> {
              Build build = new Build(setting, source, folder, machine.variables(), progress);
              build.writeSource();
              builder.make(build);
            });
    boolean ready = false;
    try {
      PreparedEnvironment prepared =
          new PreparedEnvironment(content, builder.effects(Build.target(content.path())));
      ready = true;
      return prepared;
    } catch (IOException e) {
      throw PreparationException.here(
          "The environment %s in %s cannot be read (%s). Empty the cache, or correct its permissions."
              .formatted(setting.description(), content.path(), e));
    } finally {
      if (!ready) {
        content.close();
      }
    }
  }

  /** Removes the environments that are not in use; returns how many bytes they had. */
  public long purge() throws IOException {
    return cache.purge();
  }

  /** Many jobs with the same environment come at once; tools are not asked for each. */
  private Builder builder(EnvironmentSetting setting)
      throws PreparationException, InterruptedException {
    String tools = setting.kind() + " " + setting.python();
    synchronized (builders) {
      Known known = builders.get(tools);
      if (known != null && known.until - System.nanoTime() > 0) {
        return known.builder;
      }
    }
    Builder asked = newBuilder(setting);
    synchronized (builders) {
      builders.put(tools, new Known(asked, System.nanoTime() + KNOWN_NANOS));
    }
    return asked;
  }

  private Builder newBuilder(EnvironmentSetting setting)
      throws PreparationException, InterruptedException {
    return switch (setting.kind()) {
      case VENV -> new VenvBuilder(machine, Python.find(machine, setting.python()));
      case POETRY -> new PoetryBuilder(machine, Python.find(machine, setting.python()));
      case CONDA -> new CondaBuilder(machine);
      case SCRIPT -> new ScriptBuilder(machine);
      case MAVEN -> new MavenBuilder(machine, cache);
    };
  }

  /** Returns what tells it from others, with its name for people. */
  private static String key(EnvironmentSetting setting, Source source, Builder builder)
      throws PreparationException, InterruptedException {
    Fingerprint fingerprint = new Fingerprint();
    for (String each :
        List.of(
            VERSION,
            setting.kind().name(),
            System.getProperty("os.name"),
            System.getProperty("os.arch"))) {
      fingerprint.add(each);
    }
    List<String> identity = builder.identity();
    fingerprint.add(String.valueOf(identity.size()));
    identity.forEach(fingerprint::add);
    try {
      source.addTo(fingerprint);
    } catch (IOException e) {
      throw PreparationException.here(
          "What the environment %s is made from cannot be read (%s). Correct its permissions."
              .formatted(setting.description(), e));
    }
    return "the environment %s (%s)".formatted(setting.description(), fingerprint.hex());
  }
}
