package dev.grain.client;

import dev.grain.spec.JobSpec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All that a head tells of a job.
 *
 * @param json its spec as JSON, as it was submitted
 */
public record JobDetails(JobInfo info, Map<String, String> labels, String json) {
  /** Keeps the order of the labels. */
  public JobDetails {
    labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
  }

  /**
   * Returns the spec.
   *
   * @throws JobSpecException if a newer head has stored what this version does not know
   */
  public JobSpec spec() {
    return JobSpecs.readOne(json);
  }
}
