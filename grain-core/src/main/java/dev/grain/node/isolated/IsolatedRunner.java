package dev.grain.node.isolated;

import dev.grain.Allocation;
import dev.grain.bytes.Bytes;
import dev.grain.code.bundle.FilePlaces;
import dev.grain.message.CodeRef;
import dev.grain.message.Isolation;
import dev.grain.message.Order;
import dev.grain.node.JobRunner;
import dev.grain.node.prepare.Ready;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Runs the isolated calls of one run, in JVMs and containers that no other run uses. */
public final class IsolatedRunner implements JobRunner, AutoCloseable {
  private final IsolatedJvms jvms;
  private final @Nullable HandOver code;

  /** Gives a JVM what it needs to load a bundle. */
  @FunctionalInterface
  public interface HandOver {
    /**
     * Returns what another process on this machine needs to load a bundle that is ready here; for
     * any thread.
     *
     * @param places where that has the files
     * @throws IOException if it cannot be handed over, in a sentence
     */
    Bytes handOver(CodeRef.Bundle bundle, FilePlaces places) throws IOException;
  }

  IsolatedRunner(IsolatedJvms jvms, @Nullable HandOver code) {
    this.jvms = jvms;
    this.code = code;
  }

  @Override
  public Running start(Order order, Allocation allocation, Ready ready, Events events) {
    IsolatedJob job = new IsolatedJob(order, allocation, events);
    Isolation isolation = order.spec().setting().isolation();
    CodeRef needed = code == null ? CodeRef.OWN : order.spec().setting().code();
    jvms.start(job, JvmKind.of(this, needed, ready, isolation, allocation));
    return job;
  }

  /** Returns what a JVM needs to load the code; nothing for the class path of this process. */
  Bytes handOver(CodeRef needed, FilePlaces places) throws IOException {
    return code != null && needed instanceof CodeRef.Bundle bundle
        ? code.handOver(bundle, places)
        : Bytes.empty();
  }

  /** Ends its JVMs, soon; to be called when none of its jobs runs, or as all are to be killed. */
  @Override
  public void close() {
    jvms.end(this);
  }
}
