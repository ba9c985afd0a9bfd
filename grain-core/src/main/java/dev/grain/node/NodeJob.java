package dev.grain.node;

import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Lease;
import dev.grain.wire.Loop;
import dev.grain.wire.Message;
import org.jspecify.annotations.Nullable;

/** An attempt of a job on its node. All but its immutable parts belongs to the node's loop. */
public final class NodeJob {
  /** Why a job was told to stop. */
  enum Stop {
    /** Somebody asked for it. */
    ASKED,
    /** It ran into its time limit. */
    TIMED_OUT
  }

  private final Message.Run order;
  private final Demand demand;
  final JobSource source;

  @Nullable Lease lease;
  JobRunner.@Nullable Running running;
  Loop.@Nullable Timer timer;
  @Nullable Stop stop;
  long startedAt;
  int overtaken;
  long outputLeftOut;

  /**
   * Makes a job that waits for slots.
   *
   * @param order what is to be run
   * @param demand the request of the order, decoded
   * @param source who is to be told about it
   */
  public NodeJob(Message.Run order, Demand demand, JobSource source) {
    this.order = order;
    this.demand = demand;
    this.source = source;
  }

  /** Returns what is to be run. */
  public Message.Run order() {
    return order;
  }

  /** Returns what it needs. */
  public Demand demand() {
    return demand;
  }

  @Override
  public String toString() {
    return "job " + order.job() + ", attempt " + order.attempt();
  }
}
