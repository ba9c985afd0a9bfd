package dev.grain.git;

import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import dev.grain.text.Spelling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.jspecify.annotations.Nullable;

/** Asks servers which commits their branches and tags are. */
public final class GitRefs {
  /** The branch of those who name none. */
  public static final String DEFAULT_BRANCH = "main";

  private static final Pattern COMMIT = Pattern.compile("[0-9a-fA-F]{40}");
  private static final Pattern ABBREVIATED = Pattern.compile("[0-9a-fA-F]{4,39}");
  private static final int SHOWN = 8;

  private GitRefs() {}

  /**
   * Returns the commit that a branch or tag is now, as 40 lower-case digits. Blocks; an interrupt
   * ends it promptly. A server of which nothing comes for a minute has failed, and so has a server
   * by ssh that the user's known_hosts does not have.
   *
   * @param url the repository, as {@link GitSource} has it
   * @param name a branch, else a tag of that name; or {@code refs/heads/x}, {@code refs/tags/x} or
   *     {@code HEAD}; a commit's full name is returned as it is, without asking; empty for {@value
   *     #DEFAULT_BRANCH}
   * @throws PreparationException if there is no such branch or tag, or the server cannot be asked
   */
  public static String resolve(String url, String name, Logins logins)
      throws PreparationException, InterruptedException {
    return resolve(url, name, logins, GitSettings.of(null));
  }

  /** Does the same, with other settings. */
  static String resolve(String url, String name, Logins logins, GitSettings settings)
      throws PreparationException, InterruptedException {
    GitUrl repository = GitUrl.of(url);
    String wanted = name.isBlank() ? DEFAULT_BRANCH : name.strip();
    if (COMMIT.matcher(wanted).matches()) {
      return wanted.toLowerCase(Locale.ROOT);
    }
    try {
      Map<String, Ref> refs =
          QuietSystem.call(() ->
              new GitServer(repository, logins, settings, new RefusedLogins(InstantSource.system()))
                  .refs());
      return find(repository, wanted, refs);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // the server's failures are sentences
    }
  }

  private static String find(GitUrl url, String wanted, Map<String, Ref> refs)
      throws PreparationException {
    for (String prefix : List.of(Constants.R_HEADS, Constants.R_TAGS)) {
      String found = commitOf(refs.get(wanted.startsWith(prefix) ? wanted : prefix + wanted));
      if (found != null) {
        return found;
      }
    }
    String head = commitOf(refs.get(Constants.HEAD));
    if (wanted.equals(Constants.HEAD) && head != null) {
      return head;
    }
    throw PreparationException.everywhere(missing(url, wanted, refs));
  }

  /** Returns what a ref is, or what the tag is of that it is; null if it is nothing yet. */
  private static @Nullable String commitOf(@Nullable Ref ref) {
    if (ref == null) {
      return null;
    }
    ObjectId peeled = ref.getPeeledObjectId();
    ObjectId id = peeled == null ? ref.getObjectId() : peeled;
    return id == null ? null : id.name();
  }

  private static String missing(GitUrl url, String wanted, Map<String, Ref> refs) {
    List<String> branches = named(refs, Constants.R_HEADS);
    List<String> tags = named(refs, Constants.R_TAGS);
    if (branches.isEmpty() && tags.isEmpty()) {
      return "The repository %s is empty, so it has no branch %s. Push a commit to it first."
          .formatted(url, wanted);
    }
    if (ABBREVIATED.matcher(wanted).matches()) {
      return "%s has no branch or tag %s. If it is a commit, write all 40 digits: git rev-parse %s"
          .formatted(url, wanted, wanted);
    }
    List<String> all = new ArrayList<>(branches);
    all.addAll(tags);
    String near = Spelling.nearest(wanted, all);
    return "%s has no branch or tag %s%s It has %s."
        .formatted(
            url,
            wanted,
            near == null ? "." : ", did you mean %s?".formatted(near),
            tags.isEmpty()
                ? list("the branch", "the branches", branches)
                : list("the branch", "the branches", branches)
                    + " and "
                    + list("the tag", "the tags", tags));
  }

  private static List<String> named(Map<String, Ref> refs, String prefix) {
    return refs.keySet().stream()
        .filter(each -> each.startsWith(prefix))
        .map(each -> each.substring(prefix.length()))
        .sorted()
        .toList();
  }

  private static String list(String one, String many, List<String> names) {
    if (names.isEmpty()) {
      return "no branch";
    }
    String shown = String.join(", ", names.subList(0, Math.min(SHOWN, names.size())));
    int others = names.size() - SHOWN;
    return (names.size() == 1 ? one : many)
        + " "
        + shown
        + (others > 0 ? ", and %s others".formatted(others) : "");
  }
}
