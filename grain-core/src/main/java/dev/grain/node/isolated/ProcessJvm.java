package dev.grain.node.isolated;

import dev.grain.Allocation;
import dev.grain.message.AttemptEnd;
import dev.grain.node.confine.Confinement;
import dev.grain.node.confine.Enforcement;
import dev.grain.node.process.Mark;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * A JVM that is a process of this machine.
 *
 * @param confinement what the process was started in
 * @param mark is in the environment of all processes that end with it
 */
record ProcessJvm(Process process, Enforcement enforcement, Confinement confinement, Mark mark)
    implements RunningJvm {
  private static final System.Logger LOG = System.getLogger(ProcessJvm.class.getName());

  @Override
  public void whenEnded(Runnable task) {
    var _ = process.onExit().thenRun(task);
  }

  @Override
  public boolean isElsewhere(Allocation allocation) {
    return enforcement.isPinnedElsewhere(confinement, allocation);
  }

  @Override
  public void moveTo(Allocation allocation) throws IOException {
    if (process.isAlive()) {
      try {
        enforcement.pin(confinement, process.pid(), allocation);
      } catch (IOException e) {
        if (process.isAlive()) {
          throw e;
        }
      }
    }
  }

  @Override
  public void kill() {
    // not a virtual thread, as jobs may keep these from running
    Thread killer = Thread.ofPlatform().daemon().name("grain-jvm-kill").unstarted(this::killAll);
    try {
      killer.start();
    } catch (OutOfMemoryError e) {
      killAll();
    }
  }

  private void killAll() {
    try {
      confinement.kill();
      process.descendants().forEach(ProcessHandle::destroyForcibly);
    } finally {
      process.destroyForcibly();
    }
  }

  @Override
  public boolean awaitEnd(long nanos) throws InterruptedException {
    return process.waitFor(nanos, TimeUnit.NANOSECONDS);
  }

  /** What is left of it is what its function has started; it ends with it. */
  @Override
  public Exit close() {
    try {
      confinement.end();
      mark.killAll();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "Processes that a function has started may be left", e);
    }
    return new Exit(process.exitValue(), confinement.exceedsMemory() ? outOfMemory() : null, null);
  }

  private AttemptEnd.OutOfMemory outOfMemory() {
    return new AttemptEnd.OutOfMemory(
        "its JVM " + confinement.memoryExceeded("that it may use"),
        confinement.memoryLimit(),
        confinement.peakMemory());
  }
}
