package dev.grain.client;

import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which jobs a list has. Immutable; {@link #ALL} is where to start.
 *
 * <pre>{@code
 * JobFilter.ALL.states(Set.of(JobState.FAILED)).named("train*").labelled("model", "gpt")
 * }</pre>
 *
 * @param states any of these; empty for all
 * @param name the name, or how it begins and an asterisk; empty for any
 * @param labels all of these
 * @param owner whose; empty for all that the caller sees
 * @param since submitted then or later
 * @param until submitted before
 */
public record JobFilter(
    Set<JobState> states,
    Optional<String> name,
    Map<String, String> labels,
    Optional<String> owner,
    Optional<Instant> since,
    Optional<Instant> until) {
  /** All jobs that the caller sees. */
  public static final JobFilter ALL =
      new JobFilter(
          Set.of(),
          Optional.empty(),
          Map.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  /** Makes a filter. */
  public JobFilter {
    states = Set.copyOf(states);
    labels = Map.copyOf(labels);
    if (states.contains(JobState.OTHER)) {
      throw new IllegalArgumentException("JobState.OTHER is no state that a head knows.");
    }
  }

  /** Returns it for jobs in one of these states. */
  public JobFilter states(Collection<JobState> these) {
    return new JobFilter(new TreeSet<>(these), name, labels, owner, since, until);
  }

  /** Returns it for jobs with a name, which may end with an asterisk for any further letters. */
  public JobFilter named(String pattern) {
    return new JobFilter(states, Optional.of(pattern), labels, owner, since, until);
  }

  /** Returns it for jobs that have this label as well. */
  public JobFilter labelled(String key, String value) {
    Map<String, String> more = new LinkedHashMap<>(labels);
    more.put(key, value);
    return new JobFilter(states, name, more, owner, since, until);
  }

  /** Returns it for jobs of a user. */
  public JobFilter ownedBy(String user) {
    return new JobFilter(states, name, labels, Optional.of(user), since, until);
  }

  /** Returns it for jobs that were submitted then or later. */
  public JobFilter since(Instant moment) {
    return new JobFilter(states, name, labels, owner, Optional.of(moment), until);
  }

  /** Returns it for jobs that were submitted before. */
  public JobFilter until(Instant moment) {
    return new JobFilter(states, name, labels, owner, since, Optional.of(moment));
  }
}
