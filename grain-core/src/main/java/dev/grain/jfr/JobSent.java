package dev.grain.jfr;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** The scheduler has chosen a worker for a job, which is sent there. */
@Name("dev.grain.JobSent")
@Label("Job Sent")
@Description("The scheduler has chosen a worker for a job, which is sent there")
final class JobSent extends JobEvent {
  @Label("Attempt")
  @Description("The number of the attempt, from 1")
  int attempt;

  @Label("Worker")
  @Description("The worker that gets the job")
  String worker;

  @Label("Request")
  @Description("What the job asks for")
  String request;

  @Label("Arguments")
  @Description("How many bytes the captured values and arguments take")
  @DataAmount
  long size;

  JobSent(
      String run, long job, int attempt, String name, String worker, String request, long size) {
    super(run, job, name);
    this.attempt = attempt;
    this.worker = worker;
    this.request = request;
    this.size = size;
  }
}
