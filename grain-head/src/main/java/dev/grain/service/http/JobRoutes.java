package dev.grain.service.http;

import static io.javalin.http.HandlerType.GET;
import static io.javalin.http.HandlerType.PATCH;
import static io.javalin.http.HandlerType.POST;

import dev.grain.client.JobSpecs;
import dev.grain.explain.Sentences;
import dev.grain.service.api.JobService;
import dev.grain.service.blob.BlobHash;
import dev.grain.service.http.Refusal.Kind;
import dev.grain.service.store.JobFilter;
import dev.grain.service.store.JobList;
import dev.grain.service.store.JobPage;
import dev.grain.service.store.JobState;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.Position;
import dev.grain.service.store.RequestKey;
import dev.grain.service.store.Role;
import dev.grain.service.store.Store;
import dev.grain.service.store.StoredAttempt;
import dev.grain.service.store.StoredJob;
import dev.grain.service.store.Submitted;
import dev.grain.service.store.Usage;
import dev.grain.spec.JobSpec;
import dev.grain.text.Spelling;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/** Submits jobs, lists and changes them. For any thread. */
final class JobRoutes {
  /** What paths of a job begin with. */
  static final String JOB = "/jobs/{id}";

  /** The label that tells of which job a job is another run. */
  private static final String RERUN_OF = "rerun-of";

  private static final int USUAL_LIMIT = 100;
  private static final int MOST = 1000;
  private static final int LONGEST_NAME = 200;
  private static final byte[] EMPTY = {'{', '}'};
  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");

  private final Store store;
  private final JobService jobs;

  /** Wants something of a job, by its number; the second is who. */
  private interface Wish {
    CompletableFuture<JobState> of(long number, String who);
  }

  JobRoutes(Store store, JobService jobs) {
    this.store = store;
    this.jobs = jobs;
  }

  List<Route> all() {
    return List.of(
        Route.of(POST, "/jobs", Role.SUBMIT, "Submit one or many jobs.", this::submit)
            .withHeader(
                "Idempotency-Key",
                "IdempotencyKey",
                "By which the request is recognized when it is sent again.")
            .takes("Jobs")
            .answers(201, "Submitted", "The jobs are stored.")
            .answers(200, "Submitted", "All of them had been submitted before."),
        Route.of(GET, "/jobs", Role.READ, "List jobs, the newest first.", this::list)
            .withMany("state", "JobState", "Any of these states.")
            .with("name", "Text", "The name, or how it begins and an asterisk.")
            .withMany("label", "Label", "All of these labels.")
            .with("owner", "Text", "Whose; an admin sees those of all.")
            .with("since", "Moment", "Not submitted before.")
            .with("until", "Moment", "Submitted before.")
            .with("limit", "Limit", "How many at most.")
            .with("after", "Text", "The value of \"next\" of the page before.")
            .answers(200, "JobPage", "A page, which may be short and yet not the last."),
        Route.of(GET, JOB, Role.READ, "Show a job.", this::get)
            .answers(200, "JobDetails", "The job."),
        Route.of(PATCH, JOB, Role.SUBMIT, "Change the priority of a job.", this::change)
            .takes("Priority")
            .answers(200, "Changed", "The state of the job."),
        wish("cancel", "Cancel a job.", jobs::cancel, ""),
        wish(
            "pause",
            "Keep a job from starting.",
            jobs::hold,
            "The job has left the queue, so this attempt goes on. If there is another one, it waits until the job is resumed."),
        wish("resume", "Let a job start that was paused.", jobs::resume, ""),
        Route.of(GET, JOB + "/explain", Role.READ, "Tell why a job is where it is.", this::explain)
            .answers(200, "Explanation", "Why."),
        Route.of(GET, JOB + "/attempts", Role.READ, "List the attempts of a job.", this::attempts)
            .answers(200, "Attempts", "The attempts, the first one first."),
        Route.of(POST, JOB + "/rerun", Role.SUBMIT, "Submit the job once more.", this::rerun)
            .withHeader(
                "Idempotency-Key",
                "IdempotencyKey",
                "By which the request is recognized when it is sent again.")
            .takes("Rerun")
            .answers(201, "Submitted", "The new job is stored.")
            .answers(200, "Submitted", "It had been submitted before."));
  }

  private Route wish(String action, String summary, Wish wish, String ifItRuns) {
    String path = JOB + "/" + action;
    return Route.of(POST, path, Role.SUBMIT, summary, call -> wish(call, wish, ifItRuns))
        .answers(200, "Changed", "The state of the job now.");
  }

  // ---------------------------------------------------------------- submitting

  private void submit(Call call) throws IOException {
    byte[] json = call.json();
    submit(call, json, JobSpecs.readJson(Call.text(json)));
  }

  private void submit(Call call, byte[] body, List<JobSpec> specs) {
    Optional<RequestKey> key =
        call.header("Idempotency-Key").map(text -> new RequestKey(key(text), digest(body)));
    List<Submitted> all;
    try {
      all = Waiting.forValue(jobs.submit(call.caller().name(), key, specs));
    } catch (IllegalArgumentException e) {
      throw new Refusal(Kind.INVALID, String.valueOf(e.getMessage()), e);
    }
    call.context().header("Location", Route.API + "/jobs/" + all.getFirst().id());
    call.answer(
        all.stream().anyMatch(Submitted::made) ? 201 : 200,
        new JsonObject().put("jobs", all.stream().map(JobRoutes::json).toList()));
  }

  private void rerun(Call call) throws IOException {
    StoredJob job = find(store, call);
    byte[] json = call.json();
    ObjectBody body =
        ObjectBody.read(json.length == 0 ? EMPTY : json, "name", "labels", "priority");
    JobSpec former = JobSpecs.readOne(store.read(handle -> new Jobs(handle).spec(job.number())));
    Map<String, String> labels = new HashMap<>(body.texts("labels").orElse(former.labels()));
    labels.put(RERUN_OF, job.id());
    JobSpec spec;
    try {
      spec =
          former
              .withId(null)
              .withHold(false)
              .withName(body.line("name", LONGEST_NAME).orElse(former.name()))
              .withPriority(body.positive("priority").orElse(job.priority()))
              .withLabels(labels);
    } catch (IllegalArgumentException e) {
      throw new Refusal(Kind.INVALID, String.valueOf(e.getMessage()), e);
    }
    submit(call, bytes(job, json), List.of(spec));
  }

  /** Returns what distinguishes the request from those with the same body about other jobs. */
  private static byte[] bytes(StoredJob job, byte[] body) {
    byte[] number = ("rerun " + job.number() + " ").getBytes(StandardCharsets.UTF_8);
    byte[] all = Arrays.copyOf(number, number.length + body.length);
    System.arraycopy(body, 0, all, number.length, body.length);
    return all;
  }

  private static String key(String text) {
    if (!KEY.matcher(text).matches()) {
      throw Call.bad(
          "The idempotency key \"%s\" is not 1 to 255 printable ASCII characters without blanks. A UUID is a good one."
              .formatted(Texts.shown(text)));
    }
    return text;
  }

  private static String digest(byte[] body) {
    return BlobHash.of(body).hex();
  }

  private static JsonObject json(Submitted job) {
    return new JsonObject().put("id", job.id()).put("state", job.state()).put("made", job.made());
  }

  // ---------------------------------------------------------------- listing

  private void list(Call call) {
    JobFilter filter = filter(call);
    Position after = call.parameter("after").map(JobRoutes::position).orElse(Position.START);
    int limit = (int) call.number("limit", USUAL_LIMIT, 1, MOST);
    JobPage page = store.read(handle -> new JobList(handle).page(filter, after, limit));
    call.answer(
        200,
        new JsonObject()
            .put("jobs", page.jobs().stream().map(JobRoutes::json).toList())
            .put("next", page.next().map(Position::toString)));
  }

  private static Position position(String text) {
    try {
      return Position.parse(text);
    } catch (IllegalArgumentException e) {
      throw new Refusal(Kind.BAD_REQUEST, String.valueOf(e.getMessage()), e);
    }
  }

  /** Returns what the parameters of a list ask for. */
  static JobFilter filter(Call call) {
    JobFilter filter =
        JobFilter.ALL
            .in(new JobFilter.Scope.Alone())
            .states(states(call.parameters("state")))
            .labels(labels(call.parameters("label")));
    Optional<String> owner = call.parameter("owner").or(() -> call.caller().sees());
    ensureSees(call.caller(), owner);
    if (owner.isPresent()) {
      filter = filter.owner(owner.get());
    }
    Optional<String> name = call.parameter("name");
    if (name.isPresent()) {
      filter =
          name.get().endsWith("*")
              ? filter.namedLike(name.get().substring(0, name.get().length() - 1))
              : filter.named(name.get());
    }
    return new JobFilter(
        filter.scope(),
        filter.states(),
        filter.owner(),
        filter.name(),
        filter.labels(),
        call.moment("since"),
        call.moment("until"));
  }

  private static void ensureSees(Caller caller, Optional<String> owner) {
    if (!caller.isAdmin() && !owner.equals(caller.sees())) {
      throw new Refusal(
          Kind.FORBIDDEN,
          "%s sees only jobs of its own. Leave \"owner\" out.".formatted(caller.name()));
    }
  }

  private static Set<JobState> states(List<String> values) {
    Set<JobState> states = EnumSet.noneOf(JobState.class);
    for (String value : values) {
      for (String name : value.split(",", -1)) {
        states.add(state(name.strip()));
      }
    }
    return states;
  }

  private static JobState state(String name) {
    List<String> names = List.of(JobState.values()).stream().map(JobState::name).toList();
    for (JobState each : JobState.values()) {
      if (each.name().equalsIgnoreCase(name)) {
        return each;
      }
    }
    String near = Spelling.nearest(name.toUpperCase(Locale.ROOT), names);
    throw Call.bad(
        "\"%s\" is no state of a job.%s Possible are: %s."
            .formatted(
                Texts.shown(name),
                near == null ? "" : " Did you mean %s?".formatted(near),
                String.join(", ", names)));
  }

  private static Map<String, String> labels(List<String> values) {
    Map<String, String> labels = new HashMap<>();
    for (String each : values) {
      int equal = each.indexOf('=');
      if (equal < 1) {
        throw Call.bad(
            "The label \"%s\" is not of the form name=value, such as label=model=gpt."
                .formatted(Texts.shown(each)));
      }
      String name = each.substring(0, equal);
      String value = each.substring(equal + 1);
      String other = labels.putIfAbsent(name, value);
      if (other != null && !other.equals(value)) {
        throw Call.bad(
            "The label \"%s\" cannot be both \"%s\" and \"%s\". Name it once."
                .formatted(Texts.shown(name), Texts.shown(other), Texts.shown(value)));
      }
    }
    return labels;
  }

  static JsonObject json(StoredJob job) {
    return new JsonObject()
        .put("id", job.id())
        .putText("name", job.name())
        .put("owner", job.owner())
        .put("state", job.state())
        .put("cause", job.cause())
        .putText("message", job.message())
        .put("priority", job.priority())
        .put("attempt", job.attempt())
        .put("submitted", job.submitted())
        .put("started", job.started())
        .put("ended", job.ended())
        .put("exitCode", job.exitCode())
        .put("signal", job.signal())
        .put("peakMemory", job.peakMemory());
  }

  // ---------------------------------------------------------------- one job

  /** Returns the job that a path names. */
  static StoredJob find(Store store, Call call) {
    return find(store, call.caller(), call.path("id"));
  }

  /** Returns the job that a caller means. */
  static StoredJob find(Store store, Caller caller, String id) {
    return store
        .read(handle -> new JobList(handle).find(id, caller.sees()))
        .orElseThrow(() ->
            new Refusal(
                Kind.NOT_FOUND,
                "There is no job \"%s\" that %s may see. Name its id, or at least the last 3 characters of it; GET %s/jobs lists the jobs."
                    .formatted(Texts.shown(id), caller.name(), Route.API)));
  }

  private void get(Call call) {
    StoredJob job = find(store, call);
    JsonObject json =
        store.read(handle -> {
          Jobs stored = new Jobs(handle);
          JsonObject labels = new JsonObject();
          stored.labels(job.number()).forEach(labels::put);
          return json(job).put("labels", labels).putJson("spec", stored.spec(job.number()));
        });
    call.answer(200, json);
  }

  private void change(Call call) throws IOException {
    StoredJob job = find(store, call);
    ObjectBody body = ObjectBody.read(call.json(), "priority");
    double priority = body.required("priority", "a number", body.positive("priority"));
    JobState state =
        Waiting.forValue(jobs.prioritize(job.number(), priority, call.caller().name()));
    call.answer(200, changed(job, state, ""));
  }

  private void wish(Call call, Wish wish, String ifItRuns) {
    StoredJob job = find(store, call);
    JobState state = Waiting.forValue(wish.of(job.number(), call.caller().name()));
    call.answer(200, changed(job, state, ifItRuns));
  }

  private static JsonObject changed(StoredJob job, JobState state, String ifItRuns) {
    boolean runs = state == JobState.SENT || state == JobState.RUNNING;
    String message = job.state().ended() ? "The job had ended before." : runs ? ifItRuns : "";
    return new JsonObject().put("id", job.id()).put("state", state).putText("message", message);
  }

  private void explain(Call call) {
    StoredJob job = find(store, call);
    String text =
        jobs.explain(job.number())
            .map(explanation -> Sentences.of(explanation.situation()))
            .orElseGet(() -> ended(find(store, call)));
    call.answer(
        200, new JsonObject().put("id", job.id()).put("state", job.state()).put("text", text));
  }

  private static String ended(StoredJob job) {
    if (!job.state().ended()) {
      return "The head is just taking it over. Ask again in a moment.";
    }
    String cause =
        job.cause()
            .filter(each -> !each.name().equals(job.state().name()))
            .map(each -> " (%s)".formatted(each))
            .orElse("");
    String message = job.message().isEmpty() ? "." : ": " + job.message();
    return "It has ended as " + job.state() + cause + message;
  }

  private void attempts(Call call) {
    StoredJob job = find(store, call);
    List<StoredAttempt> all = store.read(handle -> new Jobs(handle).attempts(job.number()));
    call.answer(200, new JsonObject().put("attempts", all.stream().map(JobRoutes::json).toList()));
  }

  private static JsonObject json(StoredAttempt attempt) {
    Optional<StoredAttempt.End> end = attempt.end();
    Usage usage = end.map(StoredAttempt.End::usage).orElse(Usage.UNKNOWN);
    return new JsonObject()
        .put("number", attempt.number())
        .put("node", attempt.node())
        .put("sent", attempt.sent())
        .put("started", attempt.started())
        .put("ended", end.map(StoredAttempt.End::moment))
        .put("cause", end.flatMap(StoredAttempt.End::cause))
        .putText("message", end.map(StoredAttempt.End::message).orElse(""))
        .put("exitCode", usage.exitCode())
        .put("signal", usage.signal())
        .put("peakMemory", usage.peakMemory());
  }
}
