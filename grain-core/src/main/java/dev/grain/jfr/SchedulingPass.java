package dev.grain.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** The head has placed what could be placed, as long as that took. */
@Name("dev.grain.SchedulingPass")
@Label("Scheduling Pass")
@Description("The head has placed what could be placed, after something has changed")
@Category("Grain")
@StackTrace(false)
public final class SchedulingPass extends Event {
  @Label("Run")
  @Description("The id of the run")
  String run;

  @Label("Decisions")
  @Description("How many jobs were sent to a worker")
  long decisions;

  @Label("Steps")
  @Description("How many entries of the scheduler's indexes and queues were looked at")
  long steps;

  @Label("Queued Jobs")
  @Description("How many jobs wait on the head afterwards")
  int queued;

  SchedulingPass(String run, long decisions, long steps) {
    this.run = run;
    this.decisions = decisions;
    this.steps = steps;
  }

  /**
   * The pass has ended.
   *
   * @param decisionsAfter how many decisions have been taken now
   * @param stepsAfter how many steps have been made now
   * @param queuedAfter how many jobs wait on the head
   */
  public void end(long decisionsAfter, long stepsAfter, int queuedAfter) {
    end();
    decisions = decisionsAfter - decisions;
    steps = stepsAfter - steps;
    queued = queuedAfter;
    commit();
  }
}
