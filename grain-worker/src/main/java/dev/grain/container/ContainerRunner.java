package dev.grain.container;

import dev.grain.Allocation;
import dev.grain.code.Codec;
import dev.grain.folder.Folders;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Order;
import dev.grain.node.JobRunner;
import dev.grain.node.confine.Life;
import dev.grain.node.isolated.JvmLauncher;
import dev.grain.node.prepare.Ready;
import dev.grain.node.process.CommandRunner.Echo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Runs commands in containers, each in one of its own, whose image the engine has to have. Each
 * container has a thread that makes it, reads what it prints, and removes it; one more thread looks
 * after all of them.
 *
 * <p>A container has the cores, the memory and the GPUs that its job holds. It has no capabilities
 * but those that are asked for, gets no new privileges, and its user is that of the worker, or
 * nobody if that is root.
 */
public final class ContainerRunner implements JobRunner, AutoCloseable {
  /** How the names of the folders for the files of jobs begin. */
  private static final String FOLDER = "grain-containers-";

  private final Containers containers;
  private final ContainerJvms jvms;
  private final Codec codec;
  private final long resultLimit;
  private final Echo echo;
  private final AtomicLong last = new AtomicLong();

  // both guarded by this
  private @Nullable Path folder;
  private boolean closed;

  /**
   * Makes a runner without threads and containers.
   *
   * @param engine runs the containers; to be closed after this
   * @param codec encodes results and failures
   * @param resultLimit how many bytes a result may take
   * @param maxProcesses how many processes and threads a job may have; 0 for any number
   */
  public ContainerRunner(
      DockerEngine engine, Codec codec, long resultLimit, Echo echo, long maxProcesses) {
    this.containers = new Containers(engine, maxProcesses);
    this.jvms = new ContainerJvms(containers);
    this.codec = codec;
    this.resultLimit = resultLimit;
    this.echo = echo;
  }

  @Override
  public Running start(Order order, Allocation allocation, Ready ready, Events events) {
    ContainerJob job =
        new ContainerJob(this, last.incrementAndGet(), order, allocation, ready, events);
    try {
      containers.execute(job::run);
    } catch (RuntimeException | OutOfMemoryError e) {
      events.notRun(new AttemptEnd.Unable("no thread could be started for it: " + e.getMessage()));
    }
    return job;
  }

  /**
   * Returns what starts JVMs for functions in containers, which have the same limits and rights.
   * They have to have ended before this is closed.
   */
  public JvmLauncher jvms() {
    return jvms;
  }

  Containers containers() {
    return containers;
  }

  Codec codec() {
    return codec;
  }

  long resultLimit() {
    return resultLimit;
  }

  Echo echo() {
    return echo;
  }

  /** Returns the name of the life of this worker, which labels its containers. */
  String life() {
    return containers.life();
  }

  /** Returns the folder for the files of jobs. */
  synchronized Path folder() throws IOException {
    if (closed) {
      throw new IOException("the worker is ending");
    }
    if (folder == null) {
      folder = Files.createTempDirectory(FOLDER + life() + "-");
    }
    return folder;
  }

  /** Removes the files that workers have left in the folder for such that are gone. */
  public static void removeFilesOfOthers() {
    Path all = Path.of(System.getProperty("java.io.tmpdir"));
    try (var folders = Files.newDirectoryStream(all, FOLDER + "*")) {
      for (Path each : folders) {
        String name = each.getFileName().toString().substring(FOLDER.length());
        int end = name.lastIndexOf('-');
        if (end > 0 && Life.isOver(name.substring(0, end)) && isOwn(each)) {
          Folders.deleteQuietly(each);
        }
      }
    } catch (IOException | RuntimeException e) {
      // they belong to another user
    }
  }

  /** Returns whether it is a folder of this user; another one may give the same name to theirs. */
  private static boolean isOwn(Path folder) throws IOException {
    try {
      return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
          && Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS)
              .equals(Files.getOwner(Path.of("/proc/self")));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** Kills what still runs, and removes all containers and files. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    containers.close();
    synchronized (this) {
      if (folder != null) {
        Folders.deleteQuietly(folder);
      }
    }
  }
}
