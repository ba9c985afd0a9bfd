package dev.grain.git;

/**
 * A folder of a commit.
 *
 * @param url the repository, as git names it: {@code https://host/path}, {@code
 *     ssh://user@host:port/path}, {@code user@host:path}, {@code git://host/path}, {@code
 *     file:///path} or {@code /path}; a user and a password in it are used, and not shown
 * @param commit all 40 digits of its name; see {@link GitRefs#resolve}
 * @param pathInRepo the folder, relative to the root of the repository; empty for the root
 */
public record GitSource(String url, String commit, String pathInRepo) {
  @Override
  public String toString() {
    String path = pathInRepo.isEmpty() ? "" : " in " + pathInRepo;
    return GitUrl.withoutSecrets(url) + " at " + commit + path;
  }
}
