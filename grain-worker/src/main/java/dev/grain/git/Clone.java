package dev.grain.git;

import dev.grain.folder.Folders;
import dev.grain.git.GitServer.RefusedException;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Progress;
import dev.grain.worker.cache.ContentCache;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.RepositoryCache;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.util.FS;
import org.jspecify.annotations.Nullable;

/**
 * A bare clone in a folder, which has what was fetched so far. Whoever had it before may have been
 * killed at any step. Only for a thread of {@link QuietSystem}, which has the folder for itself.
 */
final class Clone {
  /** Of more packs JGit would take too long to find anything. */
  private static final int MOST_PACKS = 50;

  private static final String INDEX = "index";

  private final GitUrl url;
  private final Path folder;
  private boolean empty;

  private Clone(GitUrl url, Path folder) {
    this.url = url;
    this.folder = folder;
  }

  /** Opens one; an empty folder is one without commits. */
  static Clone open(GitUrl url, Path folder) throws IOException {
    Clone clone = new Clone(url, folder);
    QuietSystem.expectTimeStamps(folder);
    clone.removeLocks();
    clone.empty = !Files.exists(folder.resolve("config"));
    if (clone.countPacks() > MOST_PACKS) {
      clone.startAnew();
    }
    return clone;
  }

  /** Returns whether nothing was fetched before, so that nothing can be damaged. */
  boolean isEmpty() {
    return empty;
  }

  /** Removes the files of JGit that whoever was killed has left. */
  private void removeLocks() throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            String name = file.getFileName().toString();
            if (name.endsWith(".lock")
                || name.endsWith(".keep")
                || name.startsWith("incoming_")
                || name.startsWith("noz")
                || name.equals(INDEX)) {
              Files.deleteIfExists(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private int countPacks() throws IOException {
    Path packs = folder.resolve("objects").resolve("pack");
    if (!Files.isDirectory(packs)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(packs)) {
      return (int) files.filter(each -> each.toString().endsWith(".pack")).count();
    }
  }

  /** Forgets all that was fetched. */
  void startAnew() throws IOException {
    Folders.clear(folder);
    empty = true;
  }

  /** Opens the repository, so that a work tree belongs to it. */
  Repository repository(Path workTree) throws IOException {
    if (!Files.exists(folder.resolve("config"))) {
      try (Repository made =
          new FileRepositoryBuilder().setGitDir(folder.toFile()).setBare().build()) {
        made.create(true);
      }
    }
    return new FileRepositoryBuilder()
        .setGitDir(folder.toFile())
        .setWorkTree(workTree.toFile())
        .setIndexFile(folder.resolve(INDEX).toFile())
        .setMustExist(true)
        .build();
  }

  /** Returns a commit; fetches it if it is not here, and only it if the server permits that. */
  RevCommit commit(Path workTree, String name, GitServer server, Progress progress)
      throws IOException, PreparationException, InterruptedException {
    ObjectId id = ObjectId.fromString(name);
    try (Repository repository = repository(workTree)) {
      RevCommit here = find(repository, id);
      if (here != null) {
        return here;
      }
      progress.report("fetching " + url, 0, 0);
      try {
        // JGit as a server prints what it does not find
        if (!url.isFile() || isIn(Path.of(url.path()), id)) {
          server.fetch(
              repository,
              List.of(new RefSpec(name + ":refs/grain/" + name)),
              1,
              new Reports(progress, "fetching " + url));
        }
        RevCommit fetched = find(repository, id);
        if (fetched != null) {
          return fetched;
        }
      } catch (RefusedException e) {
        // perhaps it permits only what its branches have
      }
    }
    return fetchAll(workTree, id, server, progress);
  }

  private static boolean isIn(Path folder, ObjectId commit) {
    File found = RepositoryCache.FileKey.resolve(folder.toFile(), FS.DETECTED);
    if (found == null) {
      return false;
    }
    QuietSystem.expectTimeStamps(found.toPath());
    try (Repository repository =
            new FileRepositoryBuilder().setGitDir(found).setMustExist(true).build();
        RevWalk walk = new RevWalk(repository)) {
      walk.parseCommit(commit);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private RevCommit fetchAll(Path workTree, ObjectId id, GitServer server, Progress progress)
      throws IOException, PreparationException, InterruptedException {
    if (Files.exists(folder.resolve("shallow"))) {
      startAnew();
    }
    try (Repository repository = repository(workTree)) {
      server.fetch(
          repository,
          List.of(
              new RefSpec("+refs/heads/*:refs/heads/*"), new RefSpec("+refs/tags/*:refs/tags/*")),
          0,
          new Reports(progress, "fetching " + url));
      RevCommit fetched = find(repository, id);
      if (fetched == null) {
        throw PreparationException.everywhere(
            "%s has no commit %s on any branch or tag. Check the commit, and that it was pushed."
                .formatted(url, id.name()));
      }
      return fetched;
    } catch (RefusedException e) {
      if (ContentCache.saysFull(e)) {
        // the cache makes room, and it is not the server's fault
        throw new IOException("No space left on device", e);
      }
      throw e.failure();
    }
  }

  private @Nullable RevCommit find(Repository repository, ObjectId id)
      throws IOException, PreparationException {
    try (RevWalk walk = new RevWalk(repository)) {
      RevCommit commit = walk.parseCommit(id);
      walk.parseBody(commit);
      return commit;
    } catch (MissingObjectException e) {
      return null;
    } catch (IncorrectObjectTypeException e) {
      throw PreparationException.everywhere(
          "%s in %s is not a commit, but a file or folder. Name a commit."
              .formatted(id.name(), url));
    }
  }
}
