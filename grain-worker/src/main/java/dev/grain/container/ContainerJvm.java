package dev.grain.container;

import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import dev.grain.Allocation;
import dev.grain.message.AttemptEnd;
import dev.grain.node.isolated.JvmLauncher.Request;
import dev.grain.node.isolated.RunningJvm;
import dev.grain.text.MemoryUnit;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A JVM that runs in a container. */
final class ContainerJvm implements RunningJvm {

  private final DockerEngine engine;
  private final ContainerRun run;
  private final long memory;

  // set by the thread that gives it a job, one at a time
  private volatile String pinned;

  ContainerJvm(DockerEngine engine, ContainerRun run, Request request) {
    this.engine = engine;
    this.run = run;
    this.memory = request.memory();
    this.pinned = ContainerPlan.pinned(request.allocation(), engine.cores());
  }

  @Override
  public void whenEnded(Runnable task) {
    run.whenEnded(task);
  }

  @Override
  public boolean isElsewhere(Allocation allocation) {
    String wanted = ContainerPlan.pinned(allocation, engine.cores());
    return !wanted.isEmpty() && !wanted.equals(pinned);
  }

  @Override
  public void moveTo(Allocation allocation) throws IOException {
    String id = run.container().id();
    String wanted = ContainerPlan.pinned(allocation, engine.cores());
    if (id != null) {
      try {
        engine.client().updateContainerCmd(id).withCpusetCpus(wanted).exec();
        pinned = wanted;
      } catch (NotFoundException | ConflictException e) {
        // it has ended
      } catch (DockerException e) {
        throw new IOException(DockerEngine.reason(e), e);
      }
    }
  }

  @Override
  public void kill() {
    run.container().kill();
  }

  @Override
  public boolean awaitEnd(long nanos) throws InterruptedException {
    return run.awaitEnd(nanos);
  }

  @Override
  public Exit close() {
    run.container().remove();
    try {
      int code = run.code();
      return new Exit(code, outOfMemory(code), null);
    } catch (IOException e) {
      return new Exit(0, null, String.valueOf(e.getMessage()));
    }
  }

  private AttemptEnd.@Nullable OutOfMemory outOfMemory(int code) {
    Container container = run.container();
    // Podman does not say why something was killed
    boolean probably = engine.isPodman() && code == Container.KILLED && !container.wasKilled();
    if (memory == 0 || (!container.isOutOfMemory() && !probably)) {
      return null;
    }
    // one that was killed for it has had all of it
    long peak = Math.max(memory, container.use().peakMemory());
    String reason =
        "its JVM used more than the %s that it may use%s (enforced by its container); request more, for example memory(\"%s\")"
            .formatted(
                MemoryUnit.readable(memory),
                probably ? ", as far as can be known" : "",
                MemoryUnit.readable(2 * memory).replace(" ", ""));
    return new AttemptEnd.OutOfMemory(reason, memory, peak);
  }
}
