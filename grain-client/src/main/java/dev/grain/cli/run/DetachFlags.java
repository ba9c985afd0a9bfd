package dev.grain.cli.run;

import dev.grain.spec.JobSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of jobs that are left to a head. Picocli sets them once, before anybody reads them. */
final class DetachFlags {
  private static final String DETACH = "--detach";

  @Option(
      names = DETACH,
      description = {
        "Leave the jobs to a head, print their ids, and return. They go on after that, and 'grain list' shows them. The head is the one of 'grain login' or of GRAIN_HEAD. If there is none, one is started for this user on this machine; it ends when it is idle."
      })
  boolean detach;

  @Option(
      names = "--head",
      paramLabel = "URL",
      description = "With --detach: the head, such as https://head:15320.")
  @Nullable String head;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "With --detach: the name of the jobs. Default: their command.")
  @Nullable String name;

  @Option(
      names = "--label",
      paramLabel = "KEY=VALUE",
      description = "With --detach: a label by which the jobs are found. May be repeated.")
  private Map<String, String> labels = new LinkedHashMap<>();

  @Option(
      names = "--priority",
      paramLabel = "N",
      description = "With --detach: the priority of the jobs, more than 0. Default: 100.")
  private @Nullable Double priority;

  @Option(
      names = "--hold",
      description = "With --detach: let the jobs wait until 'grain resume' lets them start.")
  private boolean hold;

  @Option(
      names = "--job-file",
      paramLabel = "FILE",
      description =
          "With --detach: submit the jobs of this file, in YAML or JSON, instead of a command.")
  @Nullable Path jobFile;

  @SuppressWarnings("NullAway.Init") // picocli sets them
  DetachFlags() {}

  /** Returns the flags that are given although they mean nothing without a head. */
  List<String> given() {
    Map<String, Boolean> all = new LinkedHashMap<>();
    all.put("--head", head != null);
    all.put("--name", name != null);
    all.put("--label", !labels.isEmpty());
    all.put("--priority", priority != null);
    all.put("--hold", hold);
    all.put("--job-file", jobFile != null);
    return namesOf(all);
  }

  /** Returns the keys with the value true. */
  static List<String> namesOf(Map<String, Boolean> flags) {
    List<String> names = new ArrayList<>();
    flags.forEach((name, isGiven) -> {
      if (isGiven) {
        names.add(name);
      }
    });
    return names;
  }

  /**
   * Returns the job with what the flags say.
   *
   * @param usualName its name if they have none
   * @throws IllegalArgumentException if a value is not allowed
   */
  JobSpec addTo(JobSpec job, String usualName) {
    Map<String, String> all = new LinkedHashMap<>(job.labels());
    all.putAll(labels);
    String named = name != null ? name : job.name().isEmpty() ? usualName : job.name();
    JobSpec changed = job.withName(named).withLabels(all).withHold(hold || job.hold());
    return priority == null ? changed : changed.withPriority(priority);
  }
}
