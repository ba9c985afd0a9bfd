package dev.grain.client;

import static dev.grain.client.Keys.DEFAULTS;
import static dev.grain.client.Keys.JOBS;

import dev.grain.spec.JobSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The forms that a text with jobs may have: one job, a list, or {@code jobs} with the {@code
 * defaults} that they share. For one thread.
 */
final class JobFile {
  /** Keys whose groups are joined, key by key; of all others, the job's replaces the default. */
  private static final Set<String> JOINED =
      Set.of(Keys.RESOURCES.name(), Keys.ENV.name(), Keys.LABELS.name());

  /** Keys of which the job's replaces the other one as well. */
  private static final List<Set<String>> ALTERNATIVES =
      List.of(
          Set.of(Keys.IMAGE.name(), Keys.ISOLATION.name()),
          Set.of(Keys.GPU.name(), Keys.GPU_IDS.name()));

  /** So many characters may the defaults of all jobs take together. */
  private static final long LARGEST = 64L * TreeBuilding.MOST_BYTES;

  private final Problems problems;
  private final SpecReader reader;

  JobFile(Problems problems) {
    this.problems = problems;
    this.reader = new SpecReader(problems);
  }

  /** Returns the jobs of a text; fewer if there are mistakes, which are noted. */
  List<JobSpec> jobs(Node root) {
    if (root instanceof Node.Sequence sequence) {
      return jobs(sequence, new Node.Mapping(sequence.place(), List.of(), 1));
    }
    if (root instanceof Node.Mapping mapping && hasJobs(mapping)) {
      return withDefaults(mapping);
    }
    JobSpec job = reader.job(root);
    return job == null ? List.of() : List.of(job);
  }

  private static boolean hasJobs(Node.Mapping mapping) {
    return mapping.entries().stream()
        .anyMatch(each -> each.key().equals(JOBS.name()) || each.key().equals(DEFAULTS.name()));
  }

  private List<JobSpec> withDefaults(Node.Mapping mapping) {
    Fields file = new Fields(mapping, "a file with several jobs", problems, DEFAULTS, JOBS);
    Node.Mapping defaults = file.value(DEFAULTS, Values::mapping);
    if (defaults != null) {
      reader.defaults(defaults);
    }
    if (file.one("The file has no jobs.", JOBS) == null) {
      return List.of();
    }
    List<Node> items = file.value(JOBS, List.of(), Values::list);
    return file.node(JOBS) instanceof Node.Sequence sequence
        ? jobs(
            new Node.Sequence(sequence.place(), items, sequence.size()),
            defaults == null ? new Node.Mapping(mapping.place(), List.of(), 1) : defaults)
        : List.of();
  }

  private List<JobSpec> jobs(Node.Sequence sequence, Node.Mapping defaults) {
    if (sequence.items().isEmpty()) {
      problems.add(sequence.place(), JOBS, "The list of jobs is empty.");
    }
    if (defaults.size() * sequence.items().size() > LARGEST) {
      problems.add(
          defaults.place(),
          "The defaults of %s jobs take more than %s characters together."
              .formatted(sequence.items().size(), LARGEST),
          "",
          "");
      return List.of();
    }
    List<JobSpec> jobs = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (Node each : sequence.items()) {
      JobSpec job =
          reader.job(each instanceof Node.Mapping mapping ? joined(defaults, mapping) : each);
      if (job != null) {
        jobs.add(job);
        if (job.id() != null && !ids.add(job.id())) {
          problems.add(
              each.place(),
              Keys.ID,
              "The id \"%s\" is that of an earlier job as well.".formatted(job.id()));
        }
      }
    }
    return jobs;
  }

  /** Returns the keys of a job, and the defaults that it does not replace. */
  private static Node.Mapping joined(Node.Mapping defaults, Node.Mapping job) {
    Map<String, Node.Entry> entries = new LinkedHashMap<>();
    defaults.entries().forEach(each -> entries.put(each.key(), each));
    for (Node.Entry each : job.entries()) {
      for (Set<String> alternatives : ALTERNATIVES) {
        if (alternatives.contains(each.key())) {
          entries.keySet().removeAll(alternatives);
        }
      }
      Node.Entry before = entries.get(each.key());
      entries.put(
          each.key(),
          before != null
                  && JOINED.contains(each.key())
                  && before.value() instanceof Node.Mapping from
                  && each.value() instanceof Node.Mapping to
              ? new Node.Entry(each.place(), each.key(), joined(from, to))
              : each);
    }
    return new Node.Mapping(job.place(), List.copyOf(entries.values()), job.size());
  }
}
