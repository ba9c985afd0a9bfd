package dev.grain.git;

import dev.grain.folder.Folders;
import dev.grain.folder.ProcessFolder;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Prepared;
import dev.grain.node.prepare.Progress;
import dev.grain.worker.cache.ContentCache;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;

/**
 * Checkouts of commits on this machine, shared by all workers that name the same folder. For all
 * threads.
 *
 * <p>A clone for each repository has what was fetched of it, so that another commit of it takes
 * little; a checkout for each commit has the files, of which commands get copies. What nobody uses
 * goes when there is too much. Files have the content, the modes and the links that git gives them
 * with no configuration, and submodules are in their folders; there is no {@code .git}. Files of
 * Git LFS are refused.
 *
 * <p>Servers by ssh are known by the user's known_hosts. A new one is remembered in the cache, as
 * {@code StrictHostKeyChecking=accept-new} of OpenSSH does: what comes from it is checked, as the
 * name of a commit is the hash of its content.
 */
public final class GitCheckouts {
  private static final Pattern COMMIT = Pattern.compile("[0-9a-fA-F]{40}");
  private static final int MOST_NESTED = 20;
  private static final String COPIES = "copies";
  private static final String COPIES_OF_PROCESS = "process-";

  private final Path folder;
  private final GitSettings settings;
  private final RefusedLogins refused = new RefusedLogins(InstantSource.system());
  private final ContentCache clones;
  private final ContentCache checkouts;
  private final ProcessFolder copies;

  /**
   * Makes one; nothing is written before it is needed.
   *
   * @param folder where everything is kept
   * @param mostBytes how much may stay there that nobody uses, half of it clones
   */
  public GitCheckouts(Path folder, long mostBytes) {
    this(folder, mostBytes, GitSettings.of(folder.resolve("known_hosts")));
  }

  /** Makes one with other settings. */
  GitCheckouts(Path folder, long mostBytes, GitSettings settings) {
    this.folder = folder;
    this.settings = settings;
    this.clones = new ContentCache(folder.resolve("clones"), mostBytes / 2);
    this.checkouts = new ContentCache(folder.resolve("checkouts"), mostBytes / 2);
    this.copies = ProcessFolder.within(folder.resolve(COPIES), COPIES_OF_PROCESS);
  }

  /**
   * Returns the folder of a source; fetches what is not here. Blocks; an interrupt ends it
   * promptly. A server of which nothing comes for a minute has failed.
   *
   * @param logins is asked for the repository and each submodule whenever something is fetched
   * @throws PreparationException if it cannot be had; the reason is remembered for a minute
   */
  public GitCheckout prepare(GitSource source, Logins logins, Progress progress)
      throws PreparationException, InterruptedException {
    PathInRepo path = PathInRepo.of(source.pathInRepo());
    GitUrl url = GitUrl.of(source.url());
    String commit = commitOf(url, source.commit());
    Prepared checkout =
        checkouts.get(
            "git checkout of %s at %s".formatted(url.key(), commit),
            new Making(url, commit, logins, progress));
    boolean found = false;
    try {
      Path within = path.find(checkout.path(), source);
      found = true;
      return new GitCheckout(checkout, within, new WorkingCopies(checkout.path(), within, copies));
    } finally {
      if (!found) {
        checkout.close();
      }
    }
  }

  /** Removes what is not in use; returns how many bytes that were. */
  public long purge() throws IOException {
    ProcessFolder.sweep(folder.resolve(COPIES), COPIES_OF_PROCESS);
    return checkouts.purge() + clones.purge();
  }

  private static String commitOf(GitUrl url, String written) throws PreparationException {
    if (!COMMIT.matcher(written).matches()) {
      throw PreparationException.everywhere(
          "%s is not a commit of %s: write all 40 digits, or name a branch."
              .formatted(written, url));
    }
    return written.toLowerCase(Locale.ROOT);
  }

  /** Makes one checkout. Only for one thread. */
  private final class Making implements ContentCache.Maker {
    private final GitUrl url;
    private final String commit;
    private final Logins logins;
    private final Progress progress;
    private boolean forEverybody = true;

    Making(GitUrl url, String commit, Logins logins, Progress progress) {
      this.url = url;
      this.commit = commit;
      this.logins = logins;
      this.progress = progress;
    }

    @Override
    public void make(Path folder) throws PreparationException, IOException, InterruptedException {
      checkOut(url, commit, folder, 0);
    }

    @Override
    public boolean isForEverybody() {
      return forEverybody;
    }

    private void checkOut(GitUrl url, String commit, Path into, int nested)
        throws PreparationException, IOException, InterruptedException {
      if (nested > MOST_NESTED) {
        throw PreparationException.everywhere(
            "%s at %s is a submodule of a submodule, and so on, more than %s times."
                .formatted(url, commit, MOST_NESTED));
      }
      makeKnownHosts();
      progress.report("waiting for the clone of " + url, 0, 0);
      List<Checkout.Submodule> submodules = new ArrayList<>();
      clones.update(
          "git clone of " + url.key(),
          clone -> submodules.addAll(QuietSystem.call(() -> write(url, commit, clone, into))));
      // not within the clone: repositories may be submodules of one another
      for (Checkout.Submodule each : submodules) {
        Path inner = Files.createDirectories(into.resolve(each.path()));
        if (!inner.toRealPath().equals(into.toRealPath().resolve(each.path()))) {
          throw PreparationException.everywhere(
              "The submodule %s at commit %s of %s is behind a link. Remove the link or the submodule."
                  .formatted(each.path(), commit, url));
        }
        checkOut(each.url(), each.commit(), inner, nested + 1);
      }
    }

    private List<Checkout.Submodule> write(GitUrl url, String commit, Path folder, Path into)
        throws PreparationException, IOException, InterruptedException {
      GitServer server = new GitServer(url, logins, settings, refused);
      Clone clone = Clone.open(url, folder);
      boolean mayBeDamaged = !clone.isEmpty();
      try {
        return write(url, commit, clone, into, server);
      } catch (PreparationException e) {
        forEverybody = !server.hasRefusedUser();
        throw e;
      } catch (IOException | RuntimeException e) {
        ensureNotCancelled();
        if (!mayBeDamaged) {
          throw e;
        }
        clone.startAnew();
        Folders.clear(into);
        return write(url, commit, clone, into, server);
      }
    }

    private List<Checkout.Submodule> write(
        GitUrl url, String commit, Clone clone, Path into, GitServer server)
        throws PreparationException, IOException, InterruptedException {
      RevCommit fetched = clone.commit(into, commit, server, progress);
      try (Repository repository = clone.repository(into)) {
        List<Checkout.Submodule> submodules = Checkout.write(url, repository, fetched, progress);
        ensureNotCancelled();
        return submodules;
      } catch (IOException | RuntimeException e) {
        ensureNotCancelled();
        throw e;
      }
    }
  }

  private static void ensureNotCancelled() throws InterruptedException {
    if (QuietSystem.isCancelled()) {
      throw new InterruptedException();
    }
  }

  private void makeKnownHosts() throws IOException {
    Path file = settings.newHosts();
    if (file != null && !Files.exists(file)) {
      try {
        Files.createDirectories(folder);
        Files.createFile(file);
      } catch (FileAlreadyExistsException e) {
        // another has made it
      }
    }
  }
}
