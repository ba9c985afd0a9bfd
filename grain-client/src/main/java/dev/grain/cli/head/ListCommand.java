package dev.grain.cli.head;

import dev.grain.cli.Converters;
import dev.grain.cli.Mistake;
import dev.grain.cli.Table;
import dev.grain.client.GrainClient;
import dev.grain.client.GrainClientException;
import dev.grain.client.JobFilter;
import dev.grain.client.JobInfo;
import dev.grain.client.JobState;
import dev.grain.text.Spelling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code grain list}. */
@Command(
    name = "grain list",
    description = {
      "Lists the jobs of a head, the newest first, or its workers, users or tokens.",
      "",
      "  grain list",
      "  grain list --running --watch",
      "  grain list --state FAILED --name 'train*' --label model=gpt --since 2h",
      "  grain list --queued --json | jq -r .id | xargs grain cancel",
      "  grain list nodes",
      "",
      "Users see their own jobs, and admins those of all."
    })
final class ListCommand extends ClientCommand implements Callable<Integer> {
  private static final int USUAL_LIMIT = 50;
  private static final int MOST = 1_000_000;

  /** Clears the terminal. */
  private static final String CLEAR = "\u001b[H\u001b[2J";

  private static final Set<JobState> QUEUED = EnumSet.of(JobState.HELD, JobState.QUEUED);
  private static final Set<JobState> RUNNING =
      EnumSet.of(JobState.SENT, JobState.RUNNING, JobState.PAUSED, JobState.STOPPING);
  private static final Set<JobState> FINISHED =
      EnumSet.of(JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED);

  /** What can be listed. */
  enum What {
    JOBS,
    NODES,
    USERS,
    TOKENS
  }

  /** Reads states of jobs. */
  static final class StateConverter extends Converters.Choice<JobState> {
    StateConverter() {
      super(
          Arrays.stream(JobState.values())
              .filter(each -> each != JobState.OTHER)
              .toArray(JobState[]::new),
          "is no state of a job; use HELD, QUEUED, SENT, RUNNING, PAUSED, STOPPING, SUCCEEDED, FAILED or CANCELLED");
    }
  }

  @Parameters(
      arity = "0..1",
      paramLabel = "jobs|nodes|users|tokens",
      description = "What to list. Default: jobs.")
  private String listed = "jobs";

  @Option(names = "--running", description = "Jobs that a worker has.")
  private boolean running;

  @Option(names = "--queued", description = "Jobs that wait, or are held.")
  private boolean queued;

  @Option(names = "--finished", description = "Jobs that have ended in whatever way.")
  private boolean finished;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      split = ",",
      converter = StateConverter.class,
      description = "Jobs in this state, or in one of several: FAILED,CANCELLED.")
  private List<JobState> states = List.of();

  @Option(
      names = {"-n", "--name"},
      paramLabel = "NAME",
      description = "Jobs with this name; 'train*' for names that begin so.")
  private @Nullable String name;

  @Option(
      names = {"-l", "--label"},
      paramLabel = "KEY=VALUE",
      description = "Jobs with this label. May be given several times: all of them.")
  private Map<String, String> labels = new LinkedHashMap<>();

  @Option(names = "--owner", paramLabel = "USER", description = "Jobs or tokens of this user.")
  private @Nullable String owner;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      converter = Converters.Time.class,
      description = "Jobs that were submitted in the last 30m, 2h, 7d ...")
  private @Nullable Duration since;

  @Option(
      names = "--limit",
      paramLabel = "N",
      converter = Converters.WholeNumber.class,
      description = "How many jobs at most. Default: 50.")
  private int limit = USUAL_LIMIT;

  @Option(
      names = {"-w", "--watch"},
      description =
          "Print again every 2 seconds, until Ctrl-C. With --json, each job that is new or has changed.")
  private boolean watch;

  @Mixin private final JsonFlag format = new JsonFlag();

  ListCommand(Surroundings around) {
    super(around);
  }

  @Override
  public Integer call() {
    if (limit < 1 || limit > MOST) {
      throw new Mistake("--limit is %s, but has to be from 1 to %s.".formatted(limit, MOST));
    }
    What what = what();
    boolean chosen = watch || !filter().equals(JobFilter.ALL);
    if (chosen && what != What.JOBS && !(what == What.TOKENS && isOnlyOwner())) {
      throw new Mistake(
          "Only jobs can be watched, and chosen by their properties. Leave these options out for %s."
              .formatted(listed));
    }
    return call(client ->
        switch (what) {
          case JOBS -> watch ? watch(client) : once(client);
          case NODES -> Tables.nodes(this, client, format.json);
          case USERS -> Tables.users(this, client, format.json);
          case TOKENS -> Tables.tokens(this, client, Optional.ofNullable(owner), format.json);
        });
  }

  private What what() {
    List<String> known =
        Arrays.stream(What.values()).map(each -> each.name().toLowerCase(Locale.ROOT)).toList();
    int place = known.indexOf(listed.toLowerCase(Locale.ROOT));
    if (place < 0) {
      String near = Spelling.nearest(listed, known);
      throw new Mistake(
          "'%s' cannot be listed; %s"
              .formatted(
                  Table.oneLine(listed),
                  near == null
                      ? "use one of " + String.join(", ", known)
                      : "did you mean " + near + "?"));
    }
    return What.values()[place];
  }

  private boolean isOnlyOwner() {
    return owner != null && !watch && filter().equals(JobFilter.ALL.ownedBy(owner));
  }

  private JobFilter filter() {
    Set<JobState> wanted = EnumSet.noneOf(JobState.class);
    wanted.addAll(states);
    wanted.addAll(queued ? QUEUED : Set.of());
    wanted.addAll(running ? RUNNING : Set.of());
    wanted.addAll(finished ? FINISHED : Set.of());
    JobFilter filter = JobFilter.ALL.states(wanted);
    filter = name == null ? filter : filter.named(name);
    filter = owner == null ? filter : filter.ownedBy(owner);
    filter = since == null ? filter : filter.since(around.clock().instant().minus(since));
    for (Map.Entry<String, String> each : labels.entrySet()) {
      filter = filter.labelled(each.getKey(), each.getValue());
    }
    return filter;
  }

  // ---------------------------------------------------------------- jobs

  private int once(GrainClient client) {
    // one more tells whether there are more
    List<JobInfo> jobs = client.list(filter(), limit + 1);
    List<JobInfo> shown = jobs.subList(0, Math.min(limit, jobs.size()));
    if (format.json) {
      shown.forEach(each -> print(Json.of(each)));
    } else if (shown.isEmpty()) {
      tell("There are no such jobs.");
    } else {
      lines(shown).forEach(this::print);
    }
    if (jobs.size() > limit) {
      tell("These are the newest %s. --limit %s shows more.".formatted(limit, 10L * limit));
    }
    return 0;
  }

  private List<String> lines(List<JobInfo> jobs) {
    return table(jobs).lines(around.columns().get());
  }

  private Table table(List<JobInfo> jobs) {
    return new JobTable(new Times(around.zone(), around.clock().instant())).of(jobs);
  }

  private int watch(GrainClient client) {
    Map<String, JobInfo> seen = new HashMap<>();
    String complaint = "";
    try {
      do {
        try {
          List<JobInfo> jobs = client.list(filter(), limit);
          complaint = "";
          if (format.json) {
            jobs.reversed().stream()
                .filter(each -> !each.equals(seen.put(each.id(), each)))
                .forEach(each -> print(Json.of(each)));
          } else {
            redraw(jobs);
          }
        } catch (GrainClientException e) {
          if (!e.is(GrainClientException.UNREACHABLE)) {
            throw e;
          }
          // the head may come back; told once
          if (!complaint.equals(e.getMessage())) {
            complaint = String.valueOf(e.getMessage());
            complain(complaint);
          }
        }
        out().flush();
      } while (around.rounds().next());
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private void redraw(List<JobInfo> jobs) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s jobs, %s"
            .formatted(
                jobs.size(),
                new Times(around.zone(), around.clock().instant())
                    .moment(around.clock().instant())));
    if (!jobs.isEmpty()) {
      lines.addAll(lines(jobs));
    }
    if (around.columns().get().isPresent()) {
      out().print(CLEAR);
    }
    lines.forEach(this::print);
  }
}
