package dev.grain.jfr;

import jdk.jfr.Category;
import jdk.jfr.Contextual;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.StackTrace;

/** Something that happened to a job. */
@Category("Grain")
@StackTrace(false)
abstract class JobEvent extends Event {
  @Label("Run")
  @Description("The id of the run that the job belongs to")
  String run;

  @Contextual
  @Label("Job")
  @Description("The number of the job in its run")
  long job;

  @Label("Name")
  @Description("The name of the job; empty if it has none")
  String name;

  JobEvent(String run, long job, String name) {
    this.run = run;
    this.job = job;
    this.name = name;
  }
}
