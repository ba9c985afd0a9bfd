package dev.grain.node.isolated;

import dev.grain.Allocation;
import dev.grain.bytes.Bytes;
import dev.grain.code.HandedOver;
import dev.grain.code.bundle.FilePlaces;
import dev.grain.message.CodeRef;
import dev.grain.message.Isolation;
import dev.grain.message.Order;
import dev.grain.node.JobRunner;
import dev.grain.node.prepare.Ready;
import java.io.IOException;

/** Runs the isolated calls of one run, in JVMs and containers that no other run uses. */
public final class IsolatedRunner implements JobRunner, AutoCloseable {
  private final IsolatedJvms jvms;
  private final HandOver code;

  /** Gives a JVM what it needs to load code. */
  @FunctionalInterface
  public interface HandOver {
    /**
     * Returns what another process on this machine needs to load the code of a job, which is ready
     * here; for any thread.
     *
     * @param code what the job needs of the program
     * @param ready what else was made ready for it
     * @param places where the other process has the files
     * @throws IOException if it cannot be handed over, in a sentence
     */
    HandedOver handOver(CodeRef code, Ready ready, FilePlaces places) throws IOException;
  }

  IsolatedRunner(IsolatedJvms jvms, HandOver code) {
    this.jvms = jvms;
    this.code = code;
  }

  @Override
  public Running start(Order order, Allocation allocation, Ready ready, Events events) {
    IsolatedJob job = new IsolatedJob(order, allocation, events);
    Isolation isolation = order.spec().setting().isolation();
    CodeRef needed = order.spec().setting().code();
    jvms.start(job, JvmKind.of(this, needed, ready, isolation, allocation));
    return job;
  }

  /** Returns what a JVM needs to load its code, which an image may add to. */
  Bytes handOver(JvmKind kind, FilePlaces places) throws IOException {
    HandedOver given = code.handOver(kind.code(), kind.ready(), places);
    return (kind.isApart() ? given.withVariable() : given).encode();
  }

  /** Ends its JVMs, soon; to be called when none of its jobs runs, or as all are to be killed. */
  @Override
  public void close() {
    jvms.end(this);
  }
}
