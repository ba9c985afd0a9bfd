package dev.grain.node.support;

import dev.grain.node.JobRunner;
import dev.grain.node.isolated.JvmLauncher;
import dev.grain.node.prepare.Preparer;

/**
 * What a node can do only with further libraries: prepare jobs, and run them in containers. For all
 * threads.
 */
public interface NodeSupport extends Preparer {
  /**
   * Returns what runs commands in containers. Each of its jobs must have been prepared here, and so
   * it does not block when one is started.
   */
  JobRunner containerCommands();

  /**
   * Returns what starts JVMs for functions in containers. Their jobs must have been prepared here,
   * and the JVMs must have ended before this is closed.
   */
  JvmLauncher containerJvms();

  /**
   * Begins to remove what workers of this machine that are gone have left: their containers, which
   * may still run, and their files. To be called once; blocks for a moment.
   */
  void removeLeftovers();

  /** Ends what it has started, with the containers that run, and lets go of everything. */
  @Override
  void close();
}
