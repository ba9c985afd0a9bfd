package dev.grain.dispatch;

import dev.grain.bytes.Bytes;
import dev.grain.spec.JobSpec;
import org.jspecify.annotations.Nullable;

/**
 * A job of a spec, as a head sends it to nodes.
 *
 * @param template what it has in common with other jobs
 * @param input what its work is given, encoded
 */
public record SpecifiedJob(JobTemplate template, Bytes input) {
  /** The class on top of this package that makes them, which registers what does so. */
  private static final String MAKER = "dev.grain.DetachedJobs";

  // set once, by the thread that initializes the class on top
  private static volatile @Nullable Maker maker;

  /**
   * What the API of programs has for heads that many programs share. It is registered, and not
   * called by its name, as the API stands on top of this package, and has nothing public but what
   * programs use. Safe for all threads.
   */
  public interface Maker {
    /**
     * Returns the spec with what its names stand for by now in their places: the commit of a
     * branch, the digest of a tag. May block while servers are asked.
     *
     * @throws IllegalArgumentException if a name cannot be looked up; the message is a sentence
     */
    JobSpec fix(JobSpec spec);

    /**
     * Returns the job of a spec.
     *
     * @param spec one without names that have to be looked up
     * @throws IllegalArgumentException if a head cannot run it; the message is a sentence
     */
    SpecifiedJob make(JobSpec spec);
  }

  /** Registers what makes them. */
  public static void register(Maker made) {
    maker = made;
  }

  /** Returns what makes them. */
  public static Maker maker() {
    if (maker == null) {
      try {
        var _ = Class.forName(MAKER);
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(e);
      }
    }
    Maker made = maker;
    if (made == null) {
      throw new IllegalStateException(MAKER + " has registered nothing");
    }
    return made;
  }
}
