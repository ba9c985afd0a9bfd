package dev.grain.jfr;

import dev.grain.jfr.FlightRecording.Side;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;

/**
 * A job has ended: on its worker each attempt, as long as it took, on the thread of the job; on the
 * head the job as a whole, when the program gets to know it.
 */
@Name("dev.grain.JobEnded")
@Label("Job Ended")
@Description("An attempt of a job has ended on its worker, or the program gets the end of a job")
public final class JobEnded extends JobEvent {
  @Label("Attempt")
  @Description("The number of the attempt, from 1")
  int attempt;

  @Label("Worker")
  @Description("The worker that ran the job; empty if none did")
  String worker;

  @Label("Side")
  @Description("Who saw it: HEAD or WORKER")
  String side;

  @Label("End")
  @Description(
      "SUCCEEDED, FAILED, TIMED_OUT, OUT_OF_MEMORY, CANCELLED, LOST or NOT_STARTED; for a worker one of the first two")
  String end = "";

  @Label("Ran")
  @Description("How long the last attempt ran by the clock of its worker; 0 if it is not known")
  @Timespan(Timespan.NANOSECONDS)
  long ran;

  @Label("Result")
  @Description("How many bytes the value or the failure takes")
  @DataAmount
  long size;

  JobEnded(String run, long job, int attempt, String name, String worker, Side side) {
    super(run, job, name);
    this.attempt = attempt;
    this.worker = worker;
    this.side = side.name();
  }

  /**
   * The attempt has ended; to be called on the thread of the job.
   *
   * @param succeeded whether its function returned a value
   * @param size how many bytes the value or the failure takes
   */
  public void end(boolean succeeded, long size) {
    ran = System.nanoTime() - ran;
    commitAs(succeeded ? "SUCCEEDED" : "FAILED", size);
  }

  void commitAs(String how, long bytes) {
    end = how;
    size = bytes;
    commit();
  }
}
