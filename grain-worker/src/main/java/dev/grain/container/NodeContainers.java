package dev.grain.container;

import dev.grain.concurrent.Uninterruptibly;
import dev.grain.image.EngineProbe;
import dev.grain.image.ImageName;
import dev.grain.message.AttemptEnd;
import dev.grain.message.ContainerSetting;
import dev.grain.node.JobRunner;
import dev.grain.node.isolated.JvmLauncher;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Progress;
import dev.grain.node.support.SupportSettings;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The containers of one node. The engine is looked for when the first image is needed, and again
 * for each further one as long as there is none. For all threads.
 */
public final class NodeContainers implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(NodeContainers.class.getName());
  private static final Duration CLEANING_LIMIT = Duration.ofSeconds(5);

  private final Path images;
  private final long mostBytes;
  private final SupportSettings settings;

  // all guarded by this; the first two are made together
  private @Nullable DockerEngine engine;
  private @Nullable ContainerRunner commands;
  private @Nullable Thread cleaning;
  private boolean closed;

  /**
   * Makes one without an engine.
   *
   * @param images the folder where it is noted which images were pulled
   * @param mostBytes how many bytes these may take together, beside those in use
   */
  public NodeContainers(Path images, long mostBytes, SupportSettings settings) {
    this.images = images;
    this.mostBytes = mostBytes;
    this.settings = settings;
  }

  /**
   * Returns the image of a container, which is pulled if the engine does not have it.
   *
   * @param logins of those who need it
   * @return the image, which is not removed before it is closed
   * @throws PreparationException if there is no engine, or it cannot have the image
   */
  public Image image(ContainerSetting setting, Logins logins, Progress progress)
      throws PreparationException, InterruptedException {
    DockerEngine found = engine();
    return setting.local()
        ? found.local(setting.image())
        : found.pull(ImageName.parse(setting.image()), logins, progress);
  }

  private synchronized DockerEngine engine() throws PreparationException {
    if (closed) {
      throw PreparationException.here("The worker is ending.");
    }
    if (engine == null) {
      DockerEngine.Search search = DockerEngine.find(images, mostBytes);
      DockerEngine found =
          search.engine().orElseThrow(() -> PreparationException.here(search.reason()));
      engine = found;
      commands =
          new ContainerRunner(
              found,
              settings.codec(),
              settings.resultLimit(),
              settings.echo(),
              settings.maxProcesses());
      cleaning =
          Thread.ofPlatform()
              .daemon()
              .name("grain-container-cleaning")
              .start(() -> removeOrphans(found));
    }
    return engine;
  }

  private void removeOrphans(DockerEngine engine) {
    try {
      engine.removeOrphans();
    } catch (PreparationException e) {
      // the next one removes them if this one ends meanwhile
      if (!isClosed()) {
        LOG.log(
            System.Logger.Level.WARNING,
            "Containers of workers that are gone could not be removed: {0}",
            e.getMessage());
      }
    }
    ContainerRunner.removeFilesOfOthers();
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** Returns what runs commands in containers of images that were made ready here. */
  public JobRunner commands() {
    return (order, allocation, ready, events) -> {
      ContainerRunner runner;
      synchronized (this) {
        runner = commands;
      }
      if (runner == null) {
        events.notRun(new AttemptEnd.Unable("The image of its container was not made ready."));
        return () -> {};
      }
      return runner.start(order, allocation, ready, events);
    };
  }

  /** Returns what starts JVMs in containers of images that were made ready here. */
  public JvmLauncher jvms() {
    return request -> {
      ContainerRunner runner;
      synchronized (this) {
        runner = commands;
      }
      if (runner == null) {
        throw PreparationException.here("The image of its container was not made ready.");
      }
      return runner.jvms().prepare(request);
    };
  }

  /**
   * Begins to remove the containers and files of workers that are gone, if there are any. The
   * client of the engine is loaded only for that.
   */
  public void removeLeftovers() {
    if (!EngineProbe.ofThisMachine().findsContainers(DockerEngine.WORKER_LABEL)) {
      ContainerRunner.removeFilesOfOthers();
      return;
    }
    try {
      engine();
    } catch (PreparationException e) {
      LOG.log(System.Logger.Level.DEBUG, "Leftovers were not removed: {0}", e.getMessage());
    }
  }

  /** Kills what still runs, removes all containers and files, and ends the connections. */
  @Override
  public void close() {
    DockerEngine mine;
    ContainerRunner runner;
    Thread cleaner;
    synchronized (this) {
      closed = true;
      mine = engine;
      runner = commands;
      cleaner = cleaning;
    }
    if (runner != null) {
      runner.close();
    }
    if (mine != null) {
      mine.close();
    }
    if (cleaner != null) {
      // its connection is closed by now
      Uninterruptibly.await(CLEANING_LIMIT.toNanos(), left -> cleaner.join(Duration.ofNanos(left)));
    }
  }
}
