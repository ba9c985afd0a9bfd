package dev.grain;

import dev.grain.bytes.Bytes;
import dev.grain.image.ImageDigests;
import dev.grain.image.ImageName;
import dev.grain.message.Isolation;
import dev.grain.message.Needs;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.support.NodeSupports;
import dev.grain.spec.IsolationSpec;
import dev.grain.spec.JobSpec;
import dev.grain.spec.SettingSpec;
import java.util.IdentityHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Turns what jobs need into what nodes make ready: a name that moves, such as that of a branch or
 * the tag of an image, is looked up once for each object that has it, so that all jobs of a map get
 * the same. Safe for all threads.
 */
final class Resolution implements AutoCloseable {
  /** So long, many jobs of a map have the same reason instead of asking a slow server each. */
  private static final long REMEMBERED_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final Logins logins;
  // guarded by this; made when it is needed
  private @Nullable ImageDigests digests;
  // guarded by this; those that were looked up, or are about to be
  private final IdentityHashMap<Object, CompletableFuture<Answer>> known = new IdentityHashMap<>();

  /**
   * What jobs need, as it is sent to nodes.
   *
   * @param needs encoded
   * @param lasting whether later jobs need the same; otherwise something could not be looked up
   */
  record Resolved(Isolation isolation, Bytes needs, boolean lasting) {
    private static Resolved of(Isolation isolation, Needs.Origin origin, Bytes environment) {
      return new Resolved(
          isolation, new Needs(origin, environment).encode(), !(origin instanceof Needs.Unknown));
    }
  }

  /** What a name stands for. */
  private sealed interface Answer {
    /** It was found: a commit, or a digest. */
    record Found(String content) implements Answer {}

    /**
     * It was not found.
     *
     * @param reason a sentence
     * @param since when that was, by {@link System#nanoTime}
     * @param own whether it is only for the thread that asked, which was interrupted
     */
    record Unknown(String reason, long since, boolean own) implements Answer {
      static Unknown now(String reason) {
        return new Unknown(reason, System.nanoTime(), false);
      }

      boolean isOver() {
        return own || System.nanoTime() - since > REMEMBERED_NANOS;
      }
    }
  }

  /** Asks a server; blocks. */
  @FunctionalInterface
  private interface Question {
    String ask() throws PreparationException, InterruptedException;
  }

  /**
   * Makes one that has looked up nothing.
   *
   * @param logins finds the secrets of the program
   */
  Resolution(Logins logins) {
    this.logins = logins;
  }

  /**
   * Returns what jobs need; may block while servers are asked.
   *
   * <p>Jobs with a name that cannot be looked up are sent to a node all the same, and fail there
   * with the reason, each for itself. They need no isolation for that, so any node will do.
   */
  Resolved of(JobOptions job) {
    Environment environment = job.environment();
    Bytes encoded =
        environment == null ? Bytes.empty() : ((DefinedEnvironment) environment).setting().encode();
    Needs.Origin origin = origin(job.code());
    return switch (job.isolation()) {
      case null -> Resolved.of(Isolation.NONE, origin, encoded);
      case dev.grain.Isolation.Apptainer apptainer ->
          Resolved.of(Isolation.Apptainer.of(apptainer.setting()), origin, encoded);
      case dev.grain.Isolation.Jvm jvm -> Resolved.of(jvm.message(), origin, encoded);
      case dev.grain.Isolation.Container container ->
          switch (image(container)) {
            case Answer.Found(String image) ->
                Resolved.of(Isolation.Container.of(container.at(image)), origin, encoded);
            case Answer.Unknown(String reason, _, _) ->
                Resolved.of(Isolation.NONE, new Needs.Unknown(reason), Bytes.empty());
          };
    };
  }

  private Needs.Origin origin(Code code) {
    return switch (code) {
      case Code.Shipped(), Code.None() -> new Needs.Nowhere();
      case Code.Folders folders -> new Needs.Folders(folders.paths());
      case Code.Git git when !git.commit().isEmpty() ->
          new Needs.Checkout(git.url(), git.commit(), git.pathInRepo());
      case Code.Git git ->
          switch (latest(git, "The branch " + git.branch(), () -> commit(git))) {
            case Answer.Found(String commit) ->
                new Needs.Checkout(git.url(), commit, git.pathInRepo());
            case Answer.Unknown(String reason, _, _) -> new Needs.Unknown(reason);
          };
    };
  }

  /**
   * Returns a spec with what its names stand for now in their places; may block while servers are
   * asked.
   *
   * @throws IllegalArgumentException if a name could not be looked up
   */
  JobSpec fix(JobSpec spec) {
    SettingSpec setting = spec.setting();
    if (setting.code() instanceof Code.Git git && git.commit().isEmpty()) {
      setting = setting.withCode(fixed(git, origin(git)));
    }
    if (setting.isolation() instanceof IsolationSpec.Container container && !container.local()) {
      setting = setting.withIsolation(fixed(container));
    }
    return spec.withSetting(setting);
  }

  private static Code fixed(Code.Git git, Needs.Origin origin) {
    return switch (origin) {
      case Needs.Checkout checkout ->
          Code.git(git.url()).commit(checkout.commit()).pathInRepo(git.pathInRepo());
      case Needs.Unknown(String reason) -> throw new IllegalArgumentException(reason);
      case Needs.Nowhere _, Needs.Folders _ -> throw new AssertionError(origin);
    };
  }

  private IsolationSpec fixed(IsolationSpec.Container spec) {
    return switch (image(dev.grain.Isolation.container(spec.image()))) {
      case Answer.Found(String image) ->
          new IsolationSpec.Container(
              image,
              false,
              spec.network(),
              spec.user(),
              spec.capabilities(),
              spec.readOnlyRoot(),
              spec.sharedMemory());
      case Answer.Unknown(String reason, _, _) -> throw new IllegalArgumentException(reason);
    };
  }

  private String commit(Code.Git git) throws PreparationException, InterruptedException {
    return NodeSupports.find().commitOf(git.url(), git.branch(), logins);
  }

  /** Returns the image that the container is to have, by its digest unless it is local. */
  private Answer image(dev.grain.Isolation.Container container) {
    ImageName name = container.name();
    return name == null || name.isFixed()
        ? new Answer.Found(container.setting().image())
        : latest(container, "The image " + name.words(), () -> digest(name));
  }

  private String digest(ImageName name) throws PreparationException, InterruptedException {
    try {
      return name.at(digests().resolve(name, logins)).full();
    } catch (PreparationException e) {
      if (!e.isOfThisNode()) {
        throw e;
      }
      throw PreparationException.everywhere(
          "%s The program asks for the digest of a tag, so that all jobs run the same image. If only"
                  .formatted(e.getMessage())
              + " the workers reach the registry, use Isolation.containerAt with the digest.");
    }
  }

  private synchronized ImageDigests digests() {
    if (digests == null) {
      digests = new ImageDigests();
    }
    return digests;
  }

  /**
   * Returns what the question was answered first for the object; it is asked again only if the
   * answer was none, after a while, or if whoever asked was interrupted.
   *
   * @param what the name, for messages
   */
  private Answer latest(Object object, String what, Question question) {
    CompletableFuture<Answer> mine = new CompletableFuture<>();
    while (true) {
      CompletableFuture<Answer> others;
      synchronized (this) {
        others = known.get(object);
        if (others == null
            || (others.getNow(null) instanceof Answer.Unknown unknown && unknown.isOver())) {
          known.put(object, mine);
          break;
        }
      }
      if (!(others.join() instanceof Answer.Unknown unknown && unknown.own())) {
        return others.join();
      }
    }
    Answer found = Answer.Unknown.now(what + " could not be looked up.");
    try {
      found = ask(what, question);
    } finally {
      mine.complete(found);
    }
    return found;
  }

  private static Answer ask(String what, Question question) {
    try {
      return new Answer.Found(question.ask());
    } catch (PreparationException e) {
      return Answer.Unknown.now(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Answer.Unknown(
          what + " was not looked up, as the thread was interrupted.", System.nanoTime(), true);
    }
  }

  /** Ends its connections. */
  @Override
  public synchronized void close() {
    if (digests != null) {
      digests.close();
    }
  }
}
