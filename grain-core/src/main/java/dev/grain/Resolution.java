package dev.grain;

import dev.grain.bytes.Bytes;
import dev.grain.message.Needs;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.PreparerFactories;
import java.util.IdentityHashMap;
import java.util.concurrent.CompletableFuture;

/**
 * Turns what jobs need into what nodes make ready: a name that moves, such as that of a branch, is
 * looked up once for each object that has it, so that all jobs of a map get the same. Safe for all
 * threads.
 */
final class Resolution {
  private final Logins logins;
  // guarded by this; those that were looked up, or are about to be
  private final IdentityHashMap<Code.Git, CompletableFuture<Needs.Origin>> known =
      new IdentityHashMap<>();

  /**
   * Makes one that has looked up nothing.
   *
   * @param logins finds the secrets of the program
   */
  Resolution(Logins logins) {
    this.logins = logins;
  }

  /** Returns what jobs need, encoded; may block while a server is asked. */
  Bytes needs(JobOptions job) {
    Environment environment = job.environment();
    Bytes encoded =
        environment == null ? Bytes.empty() : ((DefinedEnvironment) environment).setting().encode();
    return new Needs(origin(job.code()), encoded).encode();
  }

  private Needs.Origin origin(Code code) {
    return switch (code) {
      case Code.Shipped() -> new Needs.Nowhere();
      case Code.Folders folders -> new Needs.Folders(folders.paths());
      case Code.Git git when !git.commit().isEmpty() ->
          new Needs.Checkout(git.url(), git.commit(), git.pathInRepo());
      case Code.Git git -> latest(git);
    };
  }

  private Needs.Origin latest(Code.Git git) {
    CompletableFuture<Needs.Origin> mine = new CompletableFuture<>();
    CompletableFuture<Needs.Origin> others;
    synchronized (this) {
      others = known.putIfAbsent(git, mine);
    }
    if (others != null) {
      return others.join();
    }
    Needs.Origin found = new Needs.Unknown("The branch could not be looked up.");
    try {
      found = lookUp(git);
    } finally {
      mine.complete(found);
      if (found instanceof Needs.Unknown) {
        // the next job may have more luck
        synchronized (this) {
          known.remove(git, mine);
        }
      }
    }
    return found;
  }

  private Needs.Origin lookUp(Code.Git git) {
    try {
      String commit = PreparerFactories.find().commitOf(git.url(), git.branch(), logins);
      return new Needs.Checkout(git.url(), commit, git.pathInRepo());
    } catch (PreparationException e) {
      return new Needs.Unknown(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Needs.Unknown(
          "The branch " + git.branch() + " was not looked up, as the thread was interrupted.");
    }
  }
}
