package dev.grain.sim;

/**
 * How large a simulation is.
 *
 * @param nodes how many nodes there are; 0 for a few, by the seed
 * @param jobs how many jobs there are; 0 for some, by the seed
 */
record Size(int nodes, int jobs) {
  private static final int MOST_NODES = 5;
  private static final int LEAST_JOBS = 15;
  private static final int MORE_JOBS = 60;

  /** By the seed. */
  static final Size ANY = new Size(0, 0);

  int nodes(World world) {
    return nodes > 0 ? nodes : 1 + world.below(MOST_NODES);
  }

  int jobs(World world) {
    return jobs > 0 ? jobs : LEAST_JOBS + world.below(MORE_JOBS);
  }

  /** Returns the command line for it. */
  String asFlags() {
    return (nodes > 0 ? " --nodes " + nodes : "") + (jobs > 0 ? " --jobs " + jobs : "");
  }
}
