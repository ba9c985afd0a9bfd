package dev.grain.git;

import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.attributes.Attribute;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheCheckout;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.lib.BlobBasedConfig;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.jspecify.annotations.Nullable;

/** Writes a commit to a folder, as git does. Only for a thread of {@link QuietSystem}. */
final class Checkout {
  private static final byte[] POINTER =
      "version https://git-lfs.github.com/spec/".getBytes(StandardCharsets.US_ASCII);

  private static final int MOST_POINTER_BYTES = 1024;

  private final GitUrl url;
  private final Repository repository;
  private final RevCommit commit;
  private final List<Submodule> submodules = new ArrayList<>();

  private Checkout(GitUrl url, Repository repository, RevCommit commit) {
    this.url = url;
    this.repository = repository;
    this.commit = commit;
  }

  /** A commit of another repository that belongs into a folder of this one. */
  record Submodule(String path, GitUrl url, String commit) {}

  /**
   * Writes the files of a commit to the work tree of a repository, which is empty. Returns which
   * submodules it has: they have empty folders.
   */
  static List<Submodule> write(
      GitUrl url, Repository repository, RevCommit commit, Progress progress)
      throws IOException, PreparationException {
    Checkout checkout = new Checkout(url, repository, commit);
    checkout.examine();
    checkout.write(progress);
    return checkout.submodules;
  }

  private void write(Progress progress) throws IOException, PreparationException {
    DirCache index = repository.lockDirCache();
    try {
      DirCacheCheckout files = new DirCacheCheckout(repository, index, commit.getTree());
      files.setFailOnConflict(true);
      files.setProgressMonitor(
          new Reports(progress, "checking out %s of %s".formatted(brief(), url)));
      files.checkout();
    } catch (InvalidPathException | org.eclipse.jgit.dircache.InvalidPathException e) {
      throw PreparationException.everywhere(
          "Commit %s of %s has a path that cannot be a file on this node (%s)."
              .formatted(commit.name(), url, e.getMessage()));
    }
  }

  private String brief() {
    return commit.abbreviate(10).name();
  }

  /** Finds the submodules, and refuses what cannot be checked out as it is meant. */
  private void examine() throws IOException, PreparationException {
    Map<String, String> urls = null;
    try (ObjectReader reader = repository.newObjectReader();
        TreeWalk walk = new TreeWalk(repository, reader)) {
      walk.setRecursive(true);
      walk.setOperationType(TreeWalk.OperationType.CHECKOUT_OP);
      walk.setAttributesNodeProvider(repository.createAttributesNodeProvider());
      walk.addTree(commit.getTree());
      while (walk.next()) {
        FileMode mode = walk.getFileMode(0);
        if (mode == FileMode.GITLINK) {
          if (urls == null) {
            urls = submoduleUrls();
          }
          submodules.add(submodule(walk.getPathString(), walk.getObjectId(0).name(), urls));
        } else if (mode != FileMode.SYMLINK && isByLfs(walk) && isPointer(reader, walk)) {
          throw PreparationException.everywhere(
              "%s at commit %s of %s is kept by Git LFS, which is not supported: the file would only name its content. Commit the file itself, or have the job fetch it."
                  .formatted(walk.getPathString(), commit.name(), url));
        }
      }
    }
  }

  private static boolean isByLfs(TreeWalk walk) {
    Attribute filter = walk.getAttributes().get("filter");
    return filter != null && "lfs".equals(filter.getValue());
  }

  private static boolean isPointer(ObjectReader reader, TreeWalk walk) throws IOException {
    ObjectLoader file = reader.open(walk.getObjectId(0));
    if (file.getSize() > MOST_POINTER_BYTES) {
      return false;
    }
    byte[] bytes = file.getBytes();
    return bytes.length > POINTER.length
        && Arrays.equals(bytes, 0, POINTER.length, POINTER, 0, POINTER.length);
  }

  private Submodule submodule(String path, String linked, Map<String, String> urls)
      throws PreparationException {
    String named = urls.get(path);
    if (named == null) {
      throw PreparationException.everywhere(
          "Commit %s of %s has the submodule %s, but its .gitmodules has no URL for it. Add it by git submodule add, or remove it."
              .formatted(commit.name(), url, path));
    }
    GitUrl from = url.ofSubmodule(named);
    if (from.isFile() && !url.isFile()) {
      throw PreparationException.everywhere(
          "The submodule %s at commit %s of %s is a folder of this machine (%s), which a repository of another machine must not name. Give it a URL."
              .formatted(path, commit.name(), url, from));
    }
    return new Submodule(path, from, linked);
  }

  /** Reads which URL belongs to which path. */
  private Map<String, String> submoduleUrls() throws IOException, PreparationException {
    Map<String, String> urls = new LinkedHashMap<>();
    ObjectId file = gitmodules();
    if (file == null) {
      return urls;
    }
    Config modules;
    try {
      modules = new BlobBasedConfig(null, repository, file);
    } catch (ConfigInvalidException e) {
      throw PreparationException.everywhere(
          "The file .gitmodules at commit %s of %s cannot be read (%s)."
              .formatted(commit.name(), url, e.getMessage()));
    }
    for (String name : modules.getSubsections("submodule")) {
      String path = modules.getString("submodule", name, "path");
      String from = modules.getString("submodule", name, "url");
      if (path != null && from != null) {
        urls.put(path, from);
      }
    }
    return urls;
  }

  private @Nullable ObjectId gitmodules() throws IOException {
    try (TreeWalk walk = TreeWalk.forPath(repository, ".gitmodules", commit.getTree())) {
      return walk == null ? null : walk.getObjectId(0);
    }
  }
}
