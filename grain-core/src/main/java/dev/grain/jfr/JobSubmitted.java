package dev.grain.jfr;

import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A program has submitted a job; on the thread that did. */
@Name("dev.grain.JobSubmitted")
@Label("Job Submitted")
@Description("A program has submitted a job")
final class JobSubmitted extends JobEvent {
  @Label("Group")
  @Description("What the job belongs to: a wait group, a map, or the run itself")
  String group;

  @Label("Request")
  @Description("What the job asks for")
  String request;

  @Label("Arguments")
  @Description("How many bytes the captured values and arguments take")
  @DataAmount
  long size;

  JobSubmitted(String run, long job, String name, String group, String request, long size) {
    super(run, job, name);
    this.group = group;
    this.request = request;
    this.size = size;
  }
}
