package dev.grain;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Where the code of a job comes from. Immutable.
 *
 * <pre>{@code
 * JobOptions.of(cpu(1)).code(Code.git("https://github.com/acme/jobs").pathInRepo("python"))
 * }</pre>
 *
 * <p>A command runs in the folder with its code. A function of the program runs with the code of
 * the program and, after it on its class path, with the jars and class folders of this code. A
 * {@linkplain FunctionRef function by name} runs without the code of the program.
 *
 * <p>Each folder of code adds to the class path of a function, in this order:
 *
 * <ol>
 *   <li>itself, as a folder with classes and resources
 *   <li>{@code classes}, {@code target/classes}, {@code build/classes/LANGUAGE/main} and {@code
 *       build/resources/main}
 *   <li>the jars in it, in {@code lib}, in {@code libs} and in {@code target/dependency}, those of
 *       each by name
 * </ol>
 *
 * <p>Nothing is compiled; for that, see {@link Environment#maven}.
 */
public sealed interface Code permits Code.Shipped, Code.None, Code.Folders, Code.Git {

  /**
   * Returns the code of the program itself: functions travel with their classes, and a command runs
   * what is installed on the worker. This is the default.
   */
  static Code shipped() {
    return new Shipped();
  }

  /**
   * Returns no code: a {@linkplain FunctionRef function by name} is found on the class path of the
   * worker, in the {@linkplain JobOptions#environment environment} of the job, or in the image that
   * it runs in.
   */
  static Code none() {
    return new None();
  }

  /**
   * Returns folders and jars that are on the workers already.
   *
   * @param first an absolute path on the worker; the working directory of a command
   * @param more further ones
   * @throws IllegalArgumentException if a path is not absolute, or contains a NUL character
   */
  static Code folder(String first, String... more) {
    return new Folders(Stream.concat(Stream.of(first), Arrays.stream(more)).toList());
  }

  /**
   * Returns the code in a git repository: that of its branch {@code main}, unless {@link
   * Git#branch} or {@link Git#commit} selects another one. A worker keeps a clone of the repository
   * and a checkout of each commit in use, which nobody may change.
   *
   * @param url as git takes it: {@code https://}, {@code ssh://}, {@code user@host:path}, {@code
   *     git://} or {@code file://}
   * @throws IllegalArgumentException if it is blank or contains a control character
   */
  static Git git(String url) {
    return new Git(url, Git.MAIN, "", "");
  }

  /** The code of the program itself. */
  record Shipped() implements Code {}

  /** No code. */
  record None() implements Code {}

  /**
   * Folders and jars that are on the workers.
   *
   * @param paths their absolute paths; at least one
   */
  record Folders(List<String> paths) implements Code {
    /** Checks the paths; see {@link Code#folder}. */
    public Folders {
      paths = List.copyOf(paths);
      for (String path : paths) {
        if (path.indexOf('\0') >= 0 || !Path.of(path).isAbsolute()) {
          throw new IllegalArgumentException(
              "\"%s\" is not an absolute path on the worker.".formatted(path.replace('\0', ' ')));
        }
      }
    }
  }

  /**
   * A commit of a git repository.
   *
   * @param url where it is
   * @param branch the branch whose latest commit is meant; empty if a commit is named
   * @param commit the SHA of a commit, in full; empty if a branch is named
   * @param pathInRepo the folder in the repository; empty for all of it
   */
  record Git(String url, String branch, String commit, String pathInRepo) implements Code {
    static final String MAIN = "main";

    private static final Pattern SHA = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

    /** Checks the parts; see {@link Code#git}, {@link #branch}, {@link #commit} and so on. */
    public Git {
      if (url.isBlank() || url.chars().anyMatch(Character::isISOControl)) {
        throw new IllegalArgumentException(
            "The URL of a git repository is blank or contains a control character.");
      }
      if (branch.isEmpty() == commit.isEmpty()) {
        throw new IllegalArgumentException("A branch or a commit is needed, and not both.");
      }
      if (!commit.isEmpty() && !SHA.matcher(commit).matches()) {
        throw new IllegalArgumentException(
            "\"%s\" is not the SHA of a commit: 40 or 64 digits of 0-9 and a-f. Shortened ones are ambiguous."
                .formatted(commit));
      }
      Path path = Path.of(pathInRepo);
      if (path.isAbsolute() || path.normalize().startsWith("..")) {
        throw new IllegalArgumentException(
            "\"%s\" is outside of the repository: give a path relative to its top."
                .formatted(pathInRepo));
      }
    }

    /**
     * Returns the code of a branch. Its latest commit is looked up once for these options, when the
     * first job with them is submitted in a run, so that all jobs of a map run the same.
     *
     * @param branch its name, or {@code refs/tags/NAME} for a tag
     * @throws IllegalArgumentException if it is empty
     */
    public Git branch(String branch) {
      return new Git(url, Objects.requireNonNull(branch, "branch is null"), "", pathInRepo);
    }

    /**
     * Returns the code of a commit.
     *
     * @param commit its SHA, in full
     * @throws IllegalArgumentException if it is none
     */
    public Git commit(String commit) {
      return new Git(url, "", Objects.requireNonNull(commit, "commit is null"), pathInRepo);
    }

    /**
     * Returns the code in one folder of the repository.
     *
     * @param pathInRepo relative to its top
     * @throws IllegalArgumentException if it is absolute or leads out of the repository
     */
    public Git pathInRepo(String pathInRepo) {
      return new Git(url, branch, commit, pathInRepo);
    }
  }
}
