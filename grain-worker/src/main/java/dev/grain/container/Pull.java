package dev.grain.container;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.PullImageCmd;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.PullResponseItem;
import com.github.dockerjava.api.model.ResponseItem;
import dev.grain.image.ImageName;
import dev.grain.node.prepare.Login;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Progress;
import dev.grain.node.prepare.Scrub;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One pull of an image, which goes on for as long as somebody waits for it. */
final class Pull {
  /** A property for tests: after how many milliseconds without news a registry is given up. */
  private static final String STALL = "dev.grain.pull.stall";

  private static final Duration USUAL_STALL = Duration.ofMinutes(2);

  private static final String HUB_ACCOUNT = "https://index.docker.io/v1/";

  private final DockerEngine engine;
  private final ImageName name;
  private final Logins logins;
  private final Exclusive exclusive;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final long stall =
      TimeUnit.MILLISECONDS.toNanos(Long.getLong(STALL, USUAL_STALL.toMillis()));

  // all guarded by this
  private final List<Progress> waiting = new ArrayList<>();
  private @Nullable Thread thread;
  private boolean cancelled;

  // written by its thread before it counts down
  private volatile @Nullable PreparationException failure;

  /** Does something that no other process does for the same image at the same time. */
  @FunctionalInterface
  interface Exclusive {
    void run(ImageName name, Step step) throws PreparationException, InterruptedException;
  }

  /** What is done then. */
  @FunctionalInterface
  interface Step {
    void run() throws PreparationException, InterruptedException;
  }

  Pull(DockerEngine engine, ImageName name, Logins logins, Exclusive exclusive) {
    this.engine = engine;
    this.name = name;
    this.logins = logins;
    this.exclusive = exclusive;
  }

  /** Somebody waits for it; returns false if it was cancelled before. */
  synchronized boolean join(Progress progress) {
    return !cancelled && waiting.add(progress);
  }

  synchronized boolean isCancelled() {
    return cancelled;
  }

  /**
   * Starts it.
   *
   * @param after is run when it has ended, before those who wait know
   */
  void start(Runnable after) {
    Thread made =
        Thread.ofPlatform()
            .daemon()
            .name("grain-pull")
            .unstarted(() -> {
              try {
                pull();
              } finally {
                after.run();
                ended.countDown();
              }
            });
    synchronized (this) {
      thread = made;
    }
    made.start();
  }

  /** Waits for it; if that is interrupted and nobody else waits, it is cancelled. */
  void await(Progress progress) throws PreparationException, InterruptedException {
    try {
      ended.await();
    } finally {
      leave(progress);
    }
    PreparationException why = failure;
    if (why != null) {
      String message = String.valueOf(why.getMessage());
      throw why.isOfThisNode()
          ? PreparationException.here(message)
          : PreparationException.everywhere(message);
    }
  }

  private void leave(Progress progress) {
    synchronized (this) {
      waiting.remove(progress);
      if (waiting.isEmpty()) {
        cancel();
      }
    }
  }

  synchronized void cancel() {
    cancelled = true;
    if (thread != null) {
      thread.interrupt();
    }
  }

  /** Returns why it has failed; null if it has not. */
  @Nullable PreparationException failure() {
    return failure;
  }

  // ---------------------------------------------------------------- its thread

  private void pull() {
    try {
      report(0, 0);
      exclusive.run(name, this::pullNow);
    } catch (PreparationException e) {
      failure = e;
    } catch (InterruptedException e) {
      failure = PreparationException.here("The pull of %s was cancelled.".formatted(name.words()));
    } catch (RuntimeException e) {
      failure = engine.broken("pull " + name.words(), e);
    }
  }

  private void pullNow() throws PreparationException, InterruptedException {
    Scrub scrub = new Scrub(logins);
    Optional<Login.Password> login = login(scrub);
    PullImageCmd command = engine.streamClient().pullImageCmd(name.place()).withTag(name.digest());
    login.ifPresent(mine -> command.withAuthConfig(toAuth(mine)));
    try (News news = command.exec(new News())) {
      news.awaitEnd();
      String error = news.error;
      if (error != null) {
        throw explained(scrub.clean(error).strip(), login);
      }
    } catch (IOException e) {
      throw engine.broken("pull " + name.words(), new IllegalStateException(e));
    }
  }

  private AuthConfig toAuth(Login.Password login) {
    AuthConfig auth =
        new AuthConfig()
            .withRegistryAddress(
                name.registry().equals(ImageName.DOCKER_HUB) ? HUB_ACCOUNT : name.registry());
    return login.isIdentityToken()
        ? auth.withIdentityToken(login.password())
        : auth.withUsername(login.user()).withPassword(login.password());
  }

  private Optional<Login.Password> login(Logins those)
      throws PreparationException, InterruptedException {
    try {
      Optional<Login> found = those.find(Logins.Service.DOCKER, name.loginTarget());
      return found.filter(Login.Password.class::isInstance).map(Login.Password.class::cast);
    } catch (IOException e) {
      throw PreparationException.everywhere(
          "The login for the registry %s could not be read: %s"
              .formatted(name.registry(), e.getMessage()));
    }
  }

  /**
   * Returns what the words of an engine mean.
   *
   * @param safe the words, without secrets
   */
  private PreparationException explained(String safe, Optional<Login.Password> login) {
    String words = safe.toLowerCase(Locale.ROOT);
    if (words.contains("no basic auth")
        || words.contains("unauthorized")
        || words.contains("authentication required")
        || words.contains("access to the resource is denied")
        || words.contains("access denied")
        || words.contains("denied:")) {
      return PreparationException.everywhere(
          login.isEmpty()
              ? ("The registry %s wants a login for %s, or has no such image, and there is none for"
                      + " %s. Give one with Credentials.docker, or run docker login for Secret.dockerConfig. (%s)")
                  .formatted(name.registry(), name.words(), name.loginTarget(), safe)
              : ("The registry %s refused the login of %s for %s: the password is wrong, or that user"
                      + " may not read the image. (%s)")
                  .formatted(name.registry(), login.get().owner(), name.words(), safe));
    }
    if (words.contains("no matching manifest") || words.contains("no image found in image index")) {
      return PreparationException.here(
          "The image %s is not for %s, which this worker is. (%s)"
              .formatted(name.words(), engine.architecture(), safe));
    }
    if (words.contains("manifest unknown")
        || words.contains("not found")
        || words.contains("name unknown")) {
      return PreparationException.everywhere(
          "There is no image %s in the registry %s. Check the repository and the digest. (%s)"
              .formatted(name.reference(), name.registry(), safe));
    }
    if (words.contains("no space left")) {
      return PreparationException.here(
          "The disk of the engine is full, so %s could not be pulled. Free some space there, for"
                  .formatted(name.words())
              + " example with docker system prune. (%s)".formatted(safe));
    }
    return PreparationException.here(
        "%s could not pull %s: %s".formatted(engine.description(), name.words(), safe));
  }

  private void report(long done, long total) {
    List<Progress> all;
    synchronized (this) {
      all = List.copyOf(waiting);
    }
    all.forEach(each -> each.report("pulling " + name.words(), done, total));
  }

  /** What the engine tells of it. */
  private final class News extends ResultCallback.Adapter<PullResponseItem> {
    private final CountDownLatch over = new CountDownLatch(1);
    // all written by the thread that hears of it
    private final Map<String, long[]> layers = new HashMap<>();
    private volatile long heard = System.nanoTime();
    private volatile @Nullable String error;

    @Override
    public void onNext(PullResponseItem item) {
      heard = System.nanoTime();
      if (item.getErrorDetail() != null) {
        error = String.valueOf(item.getErrorDetail().getMessage());
      }
      ResponseItem.ProgressDetail detail = item.getProgressDetail();
      if (detail != null
          && detail.getTotal() != null
          && detail.getCurrent() != null
          && "Downloading".equals(item.getStatus())) {
        layers.put(
            String.valueOf(item.getId()), new long[] {detail.getCurrent(), detail.getTotal()});
        report(
            layers.values().stream().mapToLong(each -> each[0]).sum(),
            layers.values().stream().mapToLong(each -> each[1]).sum());
      }
    }

    @Override
    public void onError(Throwable problem) {
      if (error == null) {
        error = DockerEngine.reason(problem);
      }
      // without the report that its superclass logs
      over.countDown();
    }

    @Override
    public void onComplete() {
      super.onComplete();
      over.countDown();
    }

    void awaitEnd() throws PreparationException, InterruptedException {
      while (!over.await(Math.max(1, heard + stall - System.nanoTime()), TimeUnit.NANOSECONDS)) {
        if (System.nanoTime() - heard >= stall) {
          throw PreparationException.here(
              "The registry %s sent nothing of %s for %s seconds. Check that it works, and that this"
                      .formatted(
                          name.registry(), name.words(), TimeUnit.NANOSECONDS.toSeconds(stall))
                  + " machine reaches it.");
        }
      }
    }
  }
}
