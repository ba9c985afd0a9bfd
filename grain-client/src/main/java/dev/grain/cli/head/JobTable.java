package dev.grain.cli.head;

import dev.grain.cli.Table;
import dev.grain.client.JobAttempt;
import dev.grain.client.JobInfo;
import dev.grain.client.JobState;
import dev.grain.text.MemoryUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Jobs and attempts as rows for people. */
final class JobTable {
  private final Times times;

  JobTable(Times times) {
    this.times = times;
  }

  /** Returns a table of jobs; whose they are, if they are not all of one user. */
  Table of(List<JobInfo> jobs) {
    boolean owners = jobs.stream().map(JobInfo::owner).distinct().count() > 1;
    List<String> headings = new ArrayList<>(List.of("ID", "NAME"));
    if (owners) {
      headings.add("OWNER");
    }
    headings.addAll(List.of("STATE", "SUBMITTED", "RUN TIME", "END"));
    Table table = new Table(headings);
    for (JobInfo each : jobs) {
      List<String> row = new ArrayList<>(List.of(each.id(), each.name()));
      if (owners) {
        row.add(each.owner());
      }
      row.addAll(
          List.of(
              each.state().name(), times.moment(each.submitted()), times.runTime(each), end(each)));
      table.add(row);
    }
    return table;
  }

  /** Returns how a job ended, as far as the state does not tell. */
  static String end(JobInfo job) {
    return job.state() == JobState.SUCCEEDED ? "" : end(job.cause(), job.exitCode(), job.signal());
  }

  private static String end(Optional<String> cause, OptionalInt exitCode, OptionalInt signal) {
    boolean telling = cause.isPresent() && !List.of("FAILED", "CANCELLED").contains(cause.get());
    if (telling) {
      return cause.get();
    }
    if (signal.isPresent()) {
      return "signal " + signal.getAsInt();
    }
    return exitCode.isPresent() && exitCode.getAsInt() != 0
        ? "exit code " + exitCode.getAsInt()
        : "";
  }

  /** Returns a table of attempts. */
  Table ofAttempts(List<JobAttempt> attempts) {
    Table table = new Table(List.of("ATTEMPT", "NODE", "SENT", "RUN TIME", "MEMORY", "END"));
    for (JobAttempt each : attempts) {
      String memory =
          each.peakMemory().isPresent() ? MemoryUnit.readable(each.peakMemory().getAsLong()) : "";
      table.add(
          List.of(
              Integer.toString(each.number()),
              each.node(),
              times.moment(each.sent()),
              times.between(each.started(), each.ended()),
              memory,
              end(each)));
    }
    return table;
  }

  private static String end(JobAttempt attempt) {
    if (attempt.ended().isEmpty()) {
      return "";
    }
    String end = end(attempt.cause(), attempt.exitCode(), attempt.signal());
    return end.isEmpty() ? attempt.cause().orElse("succeeded") : end;
  }
}
