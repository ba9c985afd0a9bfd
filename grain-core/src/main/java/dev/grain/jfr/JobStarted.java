package dev.grain.jfr;

import dev.grain.jfr.FlightRecording.Side;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/**
 * An attempt of a job has started: its worker runs it, on the thread of the job, or the head is
 * notified of it.
 */
@Name("dev.grain.JobStarted")
@Label("Job Started")
@Description("An attempt of a job has started: its worker runs it, or the head learns of it")
final class JobStarted extends JobEvent {
  @Label("Attempt")
  @Description("The number of the attempt, from 1")
  int attempt;

  @Label("Worker")
  @Description("The worker that runs the job")
  String worker;

  @Label("Side")
  @Description("Who saw it: HEAD or WORKER")
  String side;

  JobStarted(String run, long job, int attempt, String name, String worker, Side side) {
    super(run, job, name);
    this.attempt = attempt;
    this.worker = worker;
    this.side = side.name();
  }
}
