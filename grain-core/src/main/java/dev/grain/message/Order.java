package dev.grain.message;

import dev.grain.bytes.Bytes;
import dev.grain.resource.internal.Demand;

/**
 * Run this attempt of a job, in the order of arrival among those that fit.
 *
 * @param run the id of the run that the job belongs to
 * @param job the number of the job within its run, as people see it
 * @param number the number of the job in messages between this head and its nodes, unique in the
 *     head
 * @param attempt the number of the attempt, counted from 1
 * @param alone whether nothing else may run beside it
 * @param spec what it has in common with other jobs
 * @param input what its work is given, encoded
 */
public record Order(
    String run, long job, long number, int attempt, boolean alone, Spec spec, Bytes input)
    implements Message.ToNode {
  /**
   * What jobs that are made alike have in common; they share one.
   *
   * @param name the name of the jobs, for people; empty if they have none
   * @param demand what each of them needs; of a function that runs in the node's own JVM, its
   *     memory is in the heap there, and a job in a container needs an engine for it
   * @param limits how long they may take
   * @param work what they do
   * @param setting what their work is done with
   */
  public record Spec(String name, Demand demand, Limits limits, Work work, Setting setting) {
    /** Makes the demand that of the work, so that head and node take the same for it. */
    public Spec {
      demand = demand(demand, work.kind(), setting.isolation());
    }

    /** Returns what a job with that work needs, if it requests that. */
    public static Demand demand(Demand request, Work.Kind work, Isolation isolation) {
      return switch (isolation.kind()) {
        case NONE -> work == Work.Kind.CALL ? request.inHeap() : request;
        case JVM, APPTAINER -> request;
        case CONTAINER -> request.inContainer();
      };
    }
  }

  /**
   * How long an attempt may take.
   *
   * @param time how long it may run, in nanoseconds; 0 for no limit
   * @param cancelGrace after how many nanoseconds an attempt that was asked to stop is killed, or
   *     reported
   */
  public record Limits(long time, long cancelGrace) {
    /** The cancel grace where nobody sets another one: 10 seconds. */
    public static final long USUAL_GRACE = 10_000_000_000L;

    /** No limit, and the usual grace. */
    public static final Limits NONE = new Limits(0, USUAL_GRACE);

    /** Returns a limit with the usual grace. */
    public static Limits ofTime(long time) {
      return time == 0 ? NONE : new Limits(time, USUAL_GRACE);
    }
  }

  /**
   * What a node prepares before work can start.
   *
   * @param code the classes that it runs with
   * @param isolation how far it is kept apart from the node
   * @param needs {@link Needs}, encoded; empty for none
   */
  public record Setting(CodeRef code, Isolation isolation, Bytes needs) {
    /** The classes of the node's own process, which need no preparation. */
    public static final Setting OWN = new Setting(CodeRef.OWN);

    /** Makes a setting without isolation. */
    public Setting(CodeRef code) {
      this(code, Isolation.NONE);
    }

    /** Makes a setting that needs nothing besides the code. */
    public Setting(CodeRef code, Isolation isolation) {
      this(code, isolation, Bytes.empty());
    }

    /** Returns whether a node has to make something ready for it besides the code. */
    public boolean isPrepared() {
      return !needs.isEmpty() || isolation.kind() == Isolation.Kind.CONTAINER;
    }

    /**
     * Returns whether a node may lack what it needs besides the code, so that jobs with it are kept
     * from this node for a while.
     */
    public boolean isPicky() {
      return isPrepared() || isolation.kind() != Isolation.Kind.NONE;
    }
  }
}
