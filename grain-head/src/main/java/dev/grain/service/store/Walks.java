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
record Walks(List<Walk> all, Sql rest) {
  static Walks of(JobFilter filter) {
    List<Walk> all = new ArrayList<>();
    filter
        .labels()
        .forEach((name, value) ->
            all.add(Walk.of("labels", Sql.of("name = ? AND value = ?", name, value))));
    filter
        .name()
        .ifPresent(name ->
            all.add(
                new Walk("jobs", inScope(filter, List.of(named("name", name))), !name.prefix())));
    if (filter.scope() instanceof Scope.OfMap(long number)) {
      Set<JobState> states =
          filter.states().isEmpty() ? EnumSet.allOf(JobState.class) : filter.states();
      all.add(new Walk("jobs", byState(Sql.of("map = ?", number), states), true));
    }
    boolean byOwnerOrState = filter.owner().isPresent() || !filter.states().isEmpty();
    if (byOwnerOrState || all.stream().noneMatch(Walk::sorted)) {
      Sql owner = filter.owner().map(name -> Sql.of("owner = ?", name)).orElse(Sql.NONE);
      all.add(new Walk("jobs", inScope(filter, byState(owner, filter.states())), true));
    }
    return new Walks(List.copyOf(all), rest(filter));
  }

  /** Takes the states into an index that begins with something else. */
  private static List<Sql> byState(Sql first, Set<JobState> states) {
    if (states.isEmpty()) {
      return List.of(first);
    }
    return sorted(states).stream()
        .map(state -> first.and(Sql.of("state = ?", state.name())))
        .toList();
  }

  /** Follows the indexes of jobs alone, of tasks, or of both. */
  private static List<Sql> inScope(JobFilter filter, List<Sql> parts) {
    List<Sql> scopes =
        switch (filter.scope()) {
          case Scope.All() -> List.of(Sql.of("map IS NULL"), Sql.of("map IS NOT NULL"));
          case Scope.Alone() -> List.of(Sql.of("map IS NULL"));
          case Scope.OfMap(long _) -> List.of(Sql.of("map IS NOT NULL"));
        };
    return scopes.stream().flatMap(scope -> parts.stream().map(scope::and)).toList();
  }

  private static Set<JobState> sorted(Set<JobState> states) {
    Set<JobState> sorted = EnumSet.noneOf(JobState.class);
    sorted.addAll(states);
    return sorted;
  }

  private static Sql named(String column, Name name) {
    if (!name.prefix()) {
      return Sql.of(column + " = ?", name.text());
    }
    Sql from = Sql.of(column + " >= ?", name.text());
    Optional<String> after = Prefix.after(name.text());
    return after.isEmpty() ? from : from.and(Sql.of(column + " < ?", after.get()));
  }

  /** Returns all conditions, of the columns of a job {@code j}. */
  private static Sql rest(JobFilter filter) {
    Sql all =
        switch (filter.scope()) {
          case Scope.All() -> Sql.NONE;
          case Scope.Alone() -> Sql.of("j.map IS NULL");
          case Scope.OfMap(long number) -> Sql.of("j.map = ?", number);
        };
    if (!filter.states().isEmpty()) {
      // names that need no quoting
      String names =
          sorted(filter.states()).stream()
              .map(state -> "'" + state + "'")
              .collect(Collectors.joining(", "));
      all = all.and(Sql.of("j.state IN (" + names + ")"));
    }
    if (filter.owner().isPresent()) {
      all = all.and(Sql.of("j.owner = ?", filter.owner().get()));
    }
    if (filter.name().isPresent()) {
      all = all.and(named("j.name", filter.name().get()));
    }
    for (var label : filter.labels().entrySet()) {
      all =
          all.and(
              Sql.of(
                  "EXISTS (SELECT 1 FROM labels AS l WHERE l.number = j.number AND l.name = ? AND l.value = ?)",
                  label.getKey(),
                  label.getValue()));
    }
    return all;
  }

  /** Returns whether the way meets all conditions by itself. */
  boolean complete() {
    return all.size() == 1 && all.getFirst().table().equals("jobs");
  }
}
