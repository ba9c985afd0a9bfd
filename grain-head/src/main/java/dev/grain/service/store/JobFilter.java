package dev.grain.service.store;

import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Which jobs a list has: those that meet all that is set.
 *
 * @param states any of these; all if it is empty
 * @param labels all of these, by name
 * @param since not submitted before
 * @param until submitted before
 */
public record JobFilter(
    Scope scope,
    Set<JobState> states,
    Optional<String> owner,
    Optional<Name> name,
    Map<String, String> labels,
    Optional<Instant> since,
    Optional<Instant> until) {
  /** All jobs, and all tasks. */
  public static final JobFilter ALL =
      new JobFilter(
          new Scope.All(),
          Set.of(),
          Optional.empty(),
          Optional.empty(),
          Map.of(),
          Optional.empty(),
          Optional.empty());

  /** Where tasks belong. */
  public sealed interface Scope {
    /** Jobs and tasks. */
    record All() implements Scope {}

    /** Jobs that are no tasks. */
    record Alone() implements Scope {}

    /** The tasks of a map. */
    record OfMap(long number) implements Scope {}
  }

  /**
   * What a name is.
   *
   * @param prefix whether that is only how it begins
   */
  public record Name(String text, boolean prefix) {
    boolean matches(String name) {
      return prefix ? name.startsWith(text) : name.equals(text);
    }
  }

  public JobFilter {
    states = states.isEmpty() ? Set.of() : Set.copyOf(EnumSet.copyOf(states));
    labels = Map.copyOf(labels);
  }

  public JobFilter in(Scope other) {
    return new JobFilter(other, states, owner, name, labels, since, until);
  }

  public JobFilter states(Set<JobState> some) {
    return new JobFilter(scope, some, owner, name, labels, since, until);
  }

  public JobFilter owner(String user) {
    return new JobFilter(scope, states, Optional.of(user), name, labels, since, until);
  }

  public JobFilter named(String exact) {
    return new JobFilter(
        scope, states, owner, Optional.of(new Name(exact, false)), labels, since, until);
  }

  public JobFilter namedLike(String prefix) {
    return new JobFilter(
        scope, states, owner, Optional.of(new Name(prefix, true)), labels, since, until);
  }

  public JobFilter labels(Map<String, String> some) {
    return new JobFilter(scope, states, owner, name, some, since, until);
  }

  public JobFilter since(Instant moment) {
    return new JobFilter(scope, states, owner, name, labels, Optional.of(moment), until);
  }

  public JobFilter until(Instant moment) {
    return new JobFilter(scope, states, owner, name, labels, since, Optional.of(moment));
  }

  /** Returns whether a list with this filter has a job. */
  public boolean matches(Jobs.Labelled labelled) {
    StoredJob job = labelled.job();
    boolean inScope =
        switch (scope) {
          case Scope.All() -> true;
          case Scope.Alone() -> job.map().isEmpty();
          case Scope.OfMap(long number) -> job.map().equals(OptionalLong.of(number));
        };
    return inScope
        && (states.isEmpty() || states.contains(job.state()))
        && owner.filter(user -> !user.equals(job.owner())).isEmpty()
        && name.filter(each -> !each.matches(job.name())).isEmpty()
        && labelled.labels().entrySet().containsAll(labels.entrySet())
        && since.filter(job.submitted()::isBefore).isEmpty()
        && until.filter(moment -> !job.submitted().isBefore(moment)).isEmpty();
  }
}
