package dev.grain.node.isolated;

import dev.grain.Allocation;
import dev.grain.message.Isolation;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Ready;
import java.io.IOException;
import java.nio.file.Path;

/** Starts JVMs for isolated calls: as processes of this machine, or elsewhere. For all threads. */
@FunctionalInterface
public interface JvmLauncher {
  /**
   * Finds out how a JVM is to be started; blocks.
   *
   * @throws PreparationException if it cannot be; the sentence says why
   * @throws IOException if that could not be found out
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  JvmLaunch prepare(Request request) throws PreparationException, IOException, InterruptedException;

  /**
   * What a JVM is to be.
   *
   * @param run the id of the run whose jobs it gets
   * @param isolation what it is isolated in
   * @param ready what was made ready for its jobs
   * @param allocation what its first job holds
   * @param memory how many bytes it may have together with what it starts; 0 for any amount
   * @param folder what it shares with the worker: a folder of its own
   */
  record Request(
      String run,
      Isolation isolation,
      Ready ready,
      Allocation allocation,
      long memory,
      Path folder) {}
}
