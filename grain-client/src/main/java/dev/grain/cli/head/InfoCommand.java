package dev.grain.cli.head;

import dev.grain.cli.Table;
import dev.grain.client.GrainClient;
import dev.grain.client.JobAttempt;
import dev.grain.client.JobDetails;
import dev.grain.client.JobInfo;
import dev.grain.client.JobSpecException;
import dev.grain.client.JobSpecs;
import dev.grain.text.MemoryUnit;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code grain info}. */
@Command(
    name = "grain info",
    description = {
      "Prints what a head knows of jobs: their states, specs and attempts.",
      "",
      "  grain info 26-11-30-3-abc",
      "  grain info abc xyz",
      "  grain info --json abc | jq -r .spec.command"
    })
final class InfoCommand extends ClientCommand implements Callable<Integer> {
  @Mixin private final Ids ids = new Ids();
  @Mixin private final JsonFlag format = new JsonFlag();

  // of the one job after another
  private boolean first = true;

  InfoCommand(Surroundings around) {
    super(around);
  }

  @Override
  public Integer call() {
    return call(client -> eachJob(client, ids.all, id -> show(client, id)));
  }

  private void show(GrainClient client, String id) {
    JobDetails job = client.get(id);
    List<JobAttempt> attempts = client.attempts(job.info().id());
    if (format.json) {
      print(Json.of(job, attempts));
      return;
    }
    if (!first) {
      print("");
    }
    first = false;
    Times times = new Times(around.zone(), around.clock().instant());
    JobInfo info = job.info();
    line("id", info.id());
    line("name", info.name());
    line("owner", info.owner());
    String end = JobTable.end(info);
    line("state", info.state() + (end.isEmpty() ? "" : " (" + end + ")"));
    line("message", info.message());
    line("submitted", times.moment(info.submitted()));
    line("started", times.moment(info.started()));
    line("ended", times.moment(info.ended()));
    line("run time", times.runTime(info));
    line(
        "peak memory",
        info.peakMemory().isPresent() ? MemoryUnit.readable(info.peakMemory().getAsLong()) : "");
    line(
        "priority", new java.math.BigDecimal(info.priority()).stripTrailingZeros().toPlainString());
    job.labels().forEach((key, value) -> line("label", key + "=" + value));
    print("spec:");
    yaml(job).lines().forEach(each -> print("  " + each));
    if (!attempts.isEmpty()) {
      print("");
      new JobTable(times).ofAttempts(attempts).lines(around.columns().get()).forEach(this::print);
    }
  }

  private void line(String what, String value) {
    if (!value.isEmpty()) {
      print(what + ":" + " ".repeat(Math.max(1, 13 - what.length())) + Table.oneLine(value));
    }
  }

  private static String yaml(JobDetails job) {
    try {
      return JobSpecs.toYaml(job.spec());
    } catch (JobSpecException e) {
      // that of a newer head
      return job.json();
    }
  }
}
