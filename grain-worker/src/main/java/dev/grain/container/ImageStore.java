package dev.grain.container;

import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.exception.DockerException;
import dev.grain.image.ImageName;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Progress;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The images of an engine that Grain has pulled: each once, though many want it, and together not
 * too many bytes.
 *
 * <p>In its folder, each image has a file with its reference, named by its digest and written
 * before the pull, as that may be killed. A process that pulls or removes an image locks the file
 * alone; one that uses it shares the lock. So what a killed process has used is free.
 */
final class ImageStore implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ImageStore.class.getName());
  private static final String SUFFIX = ".image";
  private static final long REMEMBERED = TimeUnit.MINUTES.toNanos(1);
  private static final long LOCK_PAUSE_MILLIS = 100;

  private final DockerEngine engine;
  private final Path folder;
  private final long mostBytes;

  // all guarded by this
  private final Map<Wanted, Pull> pulls = new HashMap<>();
  private final Map<Wanted, Failure> failures = new HashMap<>();
  private boolean closed;

  /** An image, and whose login is used: what fails with that of one may not with another's. */
  private record Wanted(String reference, Logins logins) {}

  private record Failure(PreparationException why, long since) {
    boolean isOld() {
      return System.nanoTime() - since >= REMEMBERED;
    }
  }

  // guarded by itself; by the file, as the locks of a file belong to the whole process
  private static final Map<Path, Use> USES = new HashMap<>();

  // guarded by itself; the files that this process has locked
  private static final Set<Path> LOCKED = new HashSet<>();

  /** An image that this process uses, with the lock for other processes. */
  private static final class Use {
    private final FileChannel channel;
    private int count;

    Use(FileChannel channel) {
      this.channel = channel;
    }
  }

  /**
   * Makes one.
   *
   * @param folder is made when it is needed
   */
  ImageStore(DockerEngine engine, Path folder, long mostBytes) {
    this.engine = engine;
    this.folder = folder;
    this.mostBytes = mostBytes;
  }

  // ---------------------------------------------------------------- getting one

  Image local(String name) throws PreparationException, InterruptedException {
    InspectImageResponse found = inspect(name);
    if (found == null) {
      throw PreparationException.here(
          "%s has no image %s, and a local image is never pulled. Build or load it there, or name it"
                  .formatted(engine.description(), name)
              + " with its registry.");
    }
    return new Image(checked(found, name), name, () -> {});
  }

  Image pull(ImageName name, Logins logins, Progress progress)
      throws PreparationException, InterruptedException {
    if (!name.isFixed()) {
      throw new IllegalArgumentException("The image %s has no digest".formatted(name));
    }
    String reference = name.reference();
    use(reference);
    boolean kept = false;
    try {
      InspectImageResponse found = inspect(reference);
      if (found == null) {
        await(new Wanted(reference, logins), name, progress);
        found = inspect(reference);
      } else {
        touch(reference);
      }
      if (found == null) {
        throw PreparationException.here(
            "%s has pulled %s, but does not have it. Its disk may be full, or somebody has removed"
                    .formatted(engine.description(), reference)
                + " the image.");
      }
      Image image = new Image(checked(found, name.words()), reference, () -> release(reference));
      kept = true;
      return image;
    } finally {
      if (!kept) {
        release(reference);
      }
    }
  }

  private @Nullable InspectImageResponse inspect(String reference)
      throws PreparationException, InterruptedException {
    try {
      return engine.inspect(reference);
    } catch (RuntimeException e) {
      if (Thread.interrupted()) {
        // which has closed the connection
        throw new InterruptedException();
      }
      throw engine.broken("be asked for the image " + reference, e);
    }
  }

  /** Returns the id of an image that this machine can run. */
  private String checked(InspectImageResponse image, String words) throws PreparationException {
    String needed = DockerEngine.architecture(String.valueOf(image.getArch()));
    if (image.getArch() != null && !needed.isEmpty() && !needed.equals(engine.architecture())) {
      throw PreparationException.here(
          "The image %s is for %s, but this worker is %s."
              .formatted(words, needed, engine.architecture()));
    }
    return String.valueOf(image.getId());
  }

  /** Waits for the pull of an image that many may want. */
  private void await(Wanted wanted, ImageName name, Progress progress)
      throws PreparationException, InterruptedException {
    Pull pull;
    synchronized (this) {
      if (closed) {
        throw PreparationException.here("The worker is ending.");
      }
      Failure failure = failures.get(wanted);
      if (failure != null) {
        if (!failure.isOld()) {
          throw again(failure.why());
        }
        failures.remove(wanted);
      }
      Pull going = pulls.get(wanted);
      pull = going != null && going.join(progress) ? going : start(wanted, name, progress);
    }
    pull.await(progress);
  }

  // guarded by this
  private Pull start(Wanted wanted, ImageName name, Progress progress) {
    Pull pull = new Pull(engine, name, wanted.logins(), this::locked);
    pull.join(progress);
    pulls.put(wanted, pull);
    pull.start(() -> ended(wanted, pull));
    return pull;
  }

  /** Returns a new exception, as each thread has a trace of its own. */
  private static PreparationException again(PreparationException why) {
    String message = String.valueOf(why.getMessage());
    return why.isOfThisNode()
        ? PreparationException.here(message)
        : PreparationException.everywhere(message);
  }

  private void ended(Wanted wanted, Pull pull) {
    synchronized (this) {
      pulls.remove(wanted, pull);
      PreparationException why = pull.failure();
      if (why != null && !pull.isCancelled()) {
        failures.values().removeIf(Failure::isOld);
        failures.put(wanted, new Failure(why, System.nanoTime()));
      }
    }
    if (pull.failure() == null) {
      purge(mostBytes);
    }
  }

  // ---------------------------------------------------------------- files

  private Path file(String reference) {
    return folder.resolve(
        reference.substring(reference.indexOf('@') + 1).replace(':', '-')
            + "-"
            + Integer.toHexString(reference.hashCode())
            + SUFFIX);
  }

  /** A pull, which no other process does at the same time. */
  private void locked(ImageName name, Pull.Step step)
      throws PreparationException, InterruptedException {
    String reference = name.reference();
    try {
      Files.createDirectories(folder);
      Path lock = folder.resolve(file(reference).getFileName() + ".lock");
      while (!markLocked(lock)) {
        Thread.sleep(LOCK_PAUSE_MILLIS);
      }
      try (FileChannel channel =
              FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock _ = acquire(channel)) {
        // another process may have pulled it meanwhile
        if (inspect(reference) == null) {
          Files.writeString(file(reference), reference, StandardCharsets.UTF_8);
          step.run();
        }
      } finally {
        unmarkLocked(lock);
      }
    } catch (IOException e) {
      throw PreparationException.here(
          "What images were pulled could not be noted in %s: %s. Check that there is room (another"
                  .formatted(folder, e.getMessage())
              + " folder is set with --cache-dir).");
    }
  }

  private static boolean markLocked(Path lock) {
    synchronized (LOCKED) {
      return LOCKED.add(lock);
    }
  }

  private static void unmarkLocked(Path lock) {
    synchronized (LOCKED) {
      LOCKED.remove(lock);
    }
  }

  private static FileLock acquire(FileChannel channel) throws IOException, InterruptedException {
    FileLock lock = channel.tryLock();
    while (lock == null) {
      Thread.sleep(LOCK_PAUSE_MILLIS);
      lock = channel.tryLock();
    }
    return lock;
  }

  private void use(String reference) throws PreparationException {
    Path file = used(file(reference));
    try {
      synchronized (USES) {
        Use use = USES.get(file);
        if (use == null) {
          Files.createDirectories(folder);
          FileChannel channel =
              FileChannel.open(
                  file,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE);
          // whoever removes it holds the lock for a moment only
          channel.lock(0, Long.MAX_VALUE, true);
          use = new Use(channel);
          USES.put(file, use);
        }
        use.count++;
      }
    } catch (IOException e) {
      throw PreparationException.here(
          "The use of the image %s could not be noted in %s: %s. Check that there is room (another"
                  .formatted(reference, folder, e.getMessage())
              + " folder is set with --cache-dir).");
    }
  }

  private void release(String reference) {
    Path file = used(file(reference));
    synchronized (USES) {
      Use use = USES.get(file);
      if (use != null && --use.count == 0) {
        USES.remove(file);
        try {
          use.channel.close();
        } catch (IOException e) {
          // the lock goes with the process
        }
      }
    }
  }

  private static Path used(Path file) {
    return file.resolveSibling(file.getFileName() + ".used");
  }

  private void touch(String reference) {
    try {
      if (Files.exists(file(reference))) {
        Files.setLastModifiedTime(file(reference), FileTime.from(Instant.now()));
      }
    } catch (IOException e) {
      // it is only removed earlier
    }
  }

  // ---------------------------------------------------------------- removing

  private record Pulled(Path file, String reference, FileTime used, long bytes) {}

  /**
   * Removes images that Grain has pulled and nobody uses, those first that were not used for the
   * longest time.
   *
   * @param most how many bytes may stay
   * @return how many bytes were removed
   */
  long purge(long most) {
    List<Pulled> all = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      for (Path each : files) {
        String reference = Files.readString(each, StandardCharsets.UTF_8);
        InspectImageResponse found = engine.inspect(reference);
        if (found == null) {
          forgetUnlessPulled(each);
        } else {
          Long size = found.getSize();
          all.add(
              new Pulled(
                  each, reference, Files.getLastModifiedTime(each), size == null ? 0 : size));
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return 0;
    } catch (RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING, "Images could not be removed: {0}.", DockerEngine.reason(e));
      return 0;
    }
    long left = all.stream().mapToLong(Pulled::bytes).sum();
    long removed = 0;
    all.sort(Comparator.comparing(Pulled::used));
    for (Pulled each : all) {
      if (left <= most) {
        break;
      }
      if (remove(each)) {
        left -= each.bytes();
        removed += each.bytes();
      }
    }
    return removed;
  }

  /** A pull that was killed has left a note; one that goes on has the lock. */
  private void forgetUnlessPulled(Path file) throws IOException {
    Path lock = folder.resolve(file.getFileName() + ".lock");
    if (!markLocked(lock)) {
      return;
    }
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = channel.tryLock()) {
      if (held != null) {
        Files.deleteIfExists(file);
      }
    } finally {
      unmarkLocked(lock);
    }
  }

  private boolean remove(Pulled image) {
    synchronized (USES) {
      Path used = used(image.file());
      return !USES.containsKey(used) && remove(image, used);
    }
  }

  private boolean remove(Pulled image, Path used) {
    try (FileChannel channel =
            FileChannel.open(used, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = channel.tryLock()) {
      if (held == null) {
        return false;
      }
      // without force, the engine keeps what a container has
      engine.client().removeImageCmd(image.reference()).exec();
      Files.deleteIfExists(image.file());
      return true;
    } catch (IOException | DockerException e) {
      return false;
    } catch (RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "The image {0} could not be removed: {1}.",
          image.reference(),
          DockerEngine.reason(e));
      return false;
    }
  }

  /** Stops what is being pulled. */
  @Override
  public void close() {
    List<Pull> going;
    synchronized (this) {
      closed = true;
      going = List.copyOf(pulls.values());
    }
    going.forEach(Pull::cancel);
  }
}
