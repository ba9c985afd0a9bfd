package dev.grain;

import java.io.Serializable;

/**
 * The number of a job, unique within a run.
 *
 * @param number counted from 1 in the order of submission
 */
public record JobId(long number) implements Comparable<JobId>, Serializable {
  @Override
  public int compareTo(JobId other) {
    return Long.compare(number, other.number);
  }

  @Override
  public String toString() {
    return "job " + number;
  }
}
