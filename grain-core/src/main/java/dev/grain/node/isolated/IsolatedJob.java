package dev.grain.node.isolated;

import dev.grain.Allocation;
import dev.grain.jfr.JobEnded;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.node.JobRunner;
import dev.grain.node.call.CallRecording;
import dev.grain.node.process.CommandRunner.Echo;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** One attempt of an isolated call, from the side of the worker. */
final class IsolatedJob implements JobRunner.Running {
  private final Order order;
  private final Allocation allocation;
  private final JobRunner.Events events;
  private final @Nullable JobEnded recorded;

  // all guarded by this
  private @Nullable ChildJvm jvm;
  private boolean sent;
  private boolean begun;
  private boolean startedAgain;
  private boolean toStop;
  private boolean killed;
  private boolean over;

  IsolatedJob(Order order, Allocation allocation, JobRunner.Events events) {
    this.order = order;
    this.allocation = allocation;
    this.events = events;
    this.recorded = CallRecording.started(order, allocation.node());
  }

  Order order() {
    return order;
  }

  /** Returns whether a message about that attempt is about this one. */
  boolean is(long number, int attempt) {
    return order.number() == number && order.attempt() == attempt;
  }

  Allocation allocation() {
    return allocation;
  }

  /** Returns what its JVM is to do. */
  Order toSend() {
    IsolatedCall call = new IsolatedCall(allocation, order.input());
    return new Order(
        order.run(),
        order.job(),
        order.number(),
        order.attempt(),
        order.alone(),
        order.spec(),
        call.encode());
  }

  // ---------------------------------------------------------------- events from its JVM, any
  // thread

  /** It gets a JVM, which may still have to start. */
  synchronized void assign(ChildJvm to) {
    jvm = to;
    if (killed) {
      to.kill();
    }
  }

  /** Returns whether it was asked to stop before it started. */
  synchronized boolean isStoppedBefore() {
    return toStop && !begun;
  }

  /** A JVM was sent its order; if that has died meanwhile, it may have another one. */
  synchronized void onSent(ChildJvm to) {
    if (jvm != to) {
      return;
    }
    sent = true;
    if (toStop) {
      tellToStop();
    }
  }

  /** Its JVM has died, and may have begun to run it. */
  synchronized void onBegun() {
    begun = true;
  }

  /**
   * Its JVM has died. Returns whether it is to be started in another one, as it certainly has not
   * begun; true only once, since the JVM may die of its order.
   */
  synchronized boolean startsAgain() {
    if (over || begun || startedAgain || toStop || killed) {
      return false;
    }
    startedAgain = true;
    sent = false;
    return true;
  }

  void printed(Message.Output output, Echo echo) {
    try {
      events.printed(output.text(), output.error());
    } catch (RejectedExecutionException e) {
      // the run is over, and nobody listens
    }
    for (byte[] text : output.text().chunks()) {
      echo.print(order, text, output.error());
    }
  }

  /** From here on nothing that is done to it reaches the JVM; returns whether it was killed. */
  synchronized boolean detach() {
    over = true;
    return killed;
  }

  /** Tells how it has ended, or why it could not run; to be called once, after {@link #detach}. */
  void end(AttemptEnd end) {
    CallRecording.ended(recorded, end);
    try {
      if (end instanceof AttemptEnd.NotStarted || end instanceof AttemptEnd.Unable) {
        events.notRun(end);
      } else {
        events.ended(end);
      }
    } catch (RejectedExecutionException e) {
      // the loop has ended, and nobody waits for it
    }
  }

  // ---------------------------------------------------------------- stopping

  /** Has it interrupted. */
  @Override
  public synchronized void stop() {
    if (!over && !toStop) {
      toStop = true;
      if (sent) {
        tellToStop();
      }
    }
  }

  private void tellToStop() {
    ChildJvm mine = jvm;
    if (mine != null && !over) {
      mine.request(new Message.Stop(order.number(), order.attempt()));
    }
  }

  /** Ends its JVM. */
  @Override
  public synchronized boolean kill() {
    ChildJvm mine = jvm;
    if (!over && !killed && mine != null) {
      killed = true;
      mine.kill();
    }
    return true;
  }
}
