package dev.grain.service.store;

import dev.grain.service.store.JobFilter.Name;
import dev.grain.service.store.JobFilter.Scope;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The ways through the jobs that meet a filter, and what is left to be checked on each.
 *
 * @param all those that can be taken, in the order of preference where they are equally long
 * @param rest what a job on any of them has to meet
 */
record Walks(List<Walk> all, Condition rest) {
  static Walks of(JobFilter filter) {
    List<Walk> all = new ArrayList<>();
    filter
        .labels()
        .forEach((name, value) ->
            all.add(Walk.of("labels", Condition.of("name = ? AND value = ?", name, value))));
    filter
        .name()
        .ifPresent(name -> all.add(new Walk("jobs", List.of(named("name", name)), !name.prefix())));
    if (filter.scope() instanceof Scope.OfMap(long number)) {
      all.add(byState(Condition.of("map = ?", number), filter.states(), true));
    }
    filter
        .owner()
        .ifPresent(
            owner -> all.add(byState(Condition.of("owner = ?", owner), filter.states(), false)));
    if (filter.owner().isEmpty() && !filter.states().isEmpty()) {
      all.add(byState(Condition.NONE, filter.states(), false));
    }
    if (filter.scope() instanceof Scope.Alone) {
      all.add(Walk.of("jobs", Condition.of("map IS NULL")));
    } else if (all.stream().noneMatch(Walk::sorted)) {
      all.add(Walk.of("jobs", Condition.NONE));
    }
    return new Walks(List.copyOf(all), rest(filter));
  }

  /** Takes the states into an index that begins with something else. */
  private static Walk byState(Condition first, Set<JobState> states, boolean always) {
    Set<JobState> some =
        states.isEmpty() && always ? EnumSet.allOf(JobState.class) : sorted(states);
    if (some.isEmpty()) {
      return Walk.of("jobs", first);
    }
    return new Walk(
        "jobs",
        some.stream().map(state -> first.and(Condition.of("state = ?", state.name()))).toList(),
        true);
  }

  private static Set<JobState> sorted(Set<JobState> states) {
    Set<JobState> sorted = EnumSet.noneOf(JobState.class);
    sorted.addAll(states);
    return sorted;
  }

  private static Condition named(String column, Name name) {
    if (!name.prefix()) {
      return Condition.of(column + " = ?", name.text());
    }
    Condition from = Condition.of(column + " >= ?", name.text());
    Optional<String> after = Prefix.after(name.text());
    return after.isEmpty() ? from : from.and(Condition.of(column + " < ?", after.get()));
  }

  /** Returns all conditions, of the columns of a job {@code j}. */
  private static Condition rest(JobFilter filter) {
    Condition all =
        switch (filter.scope()) {
          case Scope.All() -> Condition.NONE;
          case Scope.Alone() -> Condition.of("j.map IS NULL");
          case Scope.OfMap(long number) -> Condition.of("j.map = ?", number);
        };
    if (!filter.states().isEmpty()) {
      // names that need no quoting
      String names =
          sorted(filter.states()).stream()
              .map(state -> "'" + state + "'")
              .collect(Collectors.joining(", "));
      all = all.and(Condition.of("j.state IN (" + names + ")"));
    }
    if (filter.owner().isPresent()) {
      all = all.and(Condition.of("j.owner = ?", filter.owner().get()));
    }
    if (filter.name().isPresent()) {
      all = all.and(named("j.name", filter.name().get()));
    }
    for (var label : filter.labels().entrySet()) {
      all =
          all.and(
              Condition.of(
                  "EXISTS (SELECT 1 FROM labels AS l WHERE l.number = j.number AND l.name = ? AND l.value = ?)",
                  label.getKey(),
                  label.getValue()));
    }
    return all;
  }

  /** Returns whether the way meets all conditions by itself. */
  boolean complete() {
    return all.size() == 1 && !all.getFirst().table().equals("labels");
  }
}
