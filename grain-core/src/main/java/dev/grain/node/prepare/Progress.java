package dev.grain.node.prepare;

/** Is notified how far a preparation has come. For all threads; must not block. */
@FunctionalInterface
public interface Progress {
  /** Nobody is interested. */
  Progress NONE = (_, _, _) -> {};

  /**
   * A preparation goes on.
   *
   * @param phase what is being done, as in "pulling registry.example.org/team/train:2": a present
   *     participle and its object
   * @param done how much of it is done; 0 if that is unknown
   * @param total how much there is to do, in the same unit; 0 if that is unknown
   */
  void report(String phase, long done, long total);
}
