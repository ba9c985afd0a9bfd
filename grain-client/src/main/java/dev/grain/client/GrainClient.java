package dev.grain.client;

import dev.grain.GrainInterruptedException;
import dev.grain.client.HeadCalls.Pauses;
import dev.grain.client.HeadCalls.Request;
import dev.grain.spec.JobSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.UUID;

/**
 * Submits jobs to a head that many programs share, lists and changes them, by HTTPS.
 *
 * <pre>{@code
 * try (GrainClient client = GrainClient.of(HeadLocation.find(System.getenv()).orElseThrow())) {
 *   var made = client.submit(List.of(JobSpec.of(WorkSpec.command("./simulate", "--seed", "42"))));
 *   System.out.println(client.get(made.getFirst().id()).info().state());
 * }
 * }</pre>
 *
 * <p>Jobs do not need the client after {@link #submit} has returned: they are on the disk of the
 * head. Wherever a method takes the id of a job, the last three or more characters of it do as
 * well; the latest job whose id ends so is meant.
 *
 * <p>For any thread. The methods block until the head has answered. They send a request again if
 * the head is away, asks to wait, or the connection was lost, as long as the patience lasts, unless
 * that could do something twice. Then, or if the head refuses, they throw a {@link
 * GrainClientException}; if the thread is interrupted, a {@link GrainInterruptedException}, and the
 * head may have served the request.
 */
public final class GrainClient implements AutoCloseable {
  /** For how long a request is sent again by default. */
  public static final Duration USUAL_PATIENCE = Duration.ofSeconds(30);

  /** The most jobs of a page. */
  public static final int MOST_PER_PAGE = 1000;

  /** A request may have 1 MiB; the rest is for what is around the jobs. */
  private static final int MOST_BYTES = 900_000;

  private static final String API = "/api/v1";

  private final HeadCalls calls;

  /**
   * A job that was submitted.
   *
   * @param made false if it was submitted before, with the same id or the same idempotency key
   */
  public record Submitted(String id, JobState state, boolean made) {}

  /**
   * A job after a request to change it.
   *
   * @param state that of the job after the change; it may be as it was, if the job had ended
   * @param message what the state does not tell, for people; may be empty
   */
  public record Changed(String id, JobState state, String message) {}

  /** Why a job is where it is, as one or more sentences. */
  public record Explanation(String id, JobState state, String text) {}

  /** Whose token the client has; the roles are those of {@link HeadUser}. */
  public record Me(String name, String role) {}

  /** A token that was made. */
  public static final class NewToken {
    private final HeadToken token;
    private final String secret;

    NewToken(HeadToken token, String secret) {
      this.token = token;
      this.secret = secret;
    }

    /** Returns what is known of it from now on. */
    public HeadToken token() {
      return token;
    }

    /** Returns the text that proves who has it; the head does not tell it again. */
    public String secret() {
      return secret;
    }

    /** Hides the secret. */
    @Override
    public String toString() {
      return token.toString();
    }
  }

  private GrainClient(HeadCalls calls) {
    this.calls = calls;
  }

  /** Returns a client of a head. It connects when it is used. */
  public static GrainClient of(HeadLocation head) {
    return of(head, USUAL_PATIENCE);
  }

  /**
   * Returns a client of a head. It connects when it is used.
   *
   * @param patience for how long a request is sent again if the head is away; zero for never
   */
  public static GrainClient of(HeadLocation head, Duration patience) {
    return of(head, patience, Pauses.OF_SYSTEM);
  }

  static GrainClient of(HeadLocation head, Duration patience, Pauses pauses) {
    return new GrainClient(new HeadCalls(head, patience, pauses));
  }

  /** Returns the head. */
  public HeadLocation head() {
    return calls.head();
  }

  // ---------------------------------------------------------------- submitting

  /**
   * Submits jobs, and returns when they are on the disk of the head. None of them is submitted
   * twice if the answer is lost, as the client sends the same key again.
   *
   * @param jobs at least one
   * @return the jobs, in the order of the specs
   * @throws GrainClientException if the head refuses them; {@link GrainClientException#problems}
   *     tells why. With {@link GrainClientException#UNREACHABLE}, they may have been stored
   */
  public List<Submitted> submit(List<JobSpec> jobs) {
    return submit(UUID.randomUUID().toString(), jobs);
  }

  /**
   * Submits jobs as {@link #submit(List)} does, once for each key: who submits the same jobs with
   * the same key again, at any time, gets those that were submitted first.
   *
   * <p>The jobs of a request are stored or refused together. More than about 900 KB of JSON take
   * several requests; those before the one that fails stay, and are not submitted again by the same
   * key.
   *
   * @param key 1 to 200 printable ASCII characters without blanks
   */
  public List<Submitted> submit(String key, List<JobSpec> jobs) {
    List<Submitted> all = new ArrayList<>();
    List<String> bodies = bodies(jobs);
    for (int i = 0; i < bodies.size(); i++) {
      // the key of the first is that of the whole, so that a short list may get longer
      String keyOfPart = i == 0 ? key : key + "." + i;
      Request request =
          Request.change("POST", API + "/jobs", bodies.get(i))
              .withHeader("Idempotency-Key", keyOfPart);
      all.addAll(calls.call(request, answer -> answer.list("jobs", Readings::submitted)));
    }
    return List.copyOf(all);
  }

  /** Returns lists of jobs in JSON, each of which fits into a request. */
  private static List<String> bodies(List<JobSpec> jobs) {
    if (jobs.isEmpty()) {
      throw new IllegalArgumentException("There is no job to submit.");
    }
    List<String> bodies = new ArrayList<>();
    StringJoiner body = body();
    long length = 0;
    for (JobSpec each : jobs) {
      String json = JobSpecs.toJson(each);
      long bytes = json.getBytes(StandardCharsets.UTF_8).length;
      if (length > 0 && length + bytes > MOST_BYTES) {
        bodies.add(body.toString());
        body = body();
        length = 0;
      }
      body.add(json);
      length += bytes + 1;
    }
    bodies.add(body.toString());
    return bodies;
  }

  private static StringJoiner body() {
    return new StringJoiner(",", "[", "]");
  }

  // ---------------------------------------------------------------- looking

  /**
   * Returns the first page of a list.
   *
   * @param limit how many jobs at most, 1 to 1000
   */
  public JobPage page(JobFilter filter, int limit) {
    return page(filter, limit, Optional.empty());
  }

  /**
   * Returns a page of a list.
   *
   * @param limit how many jobs at most, 1 to 1000
   * @param after the {@link JobPage#next} of the page before; empty for the first page
   */
  public JobPage page(JobFilter filter, int limit, Optional<String> after) {
    return calls.call(Request.get(API + "/jobs" + query(filter, limit, after)), Readings::page);
  }

  /**
   * Returns the newest jobs, by as many requests as that takes.
   *
   * @param most how many at most
   */
  public List<JobInfo> list(JobFilter filter, int most) {
    List<JobInfo> jobs = new ArrayList<>();
    Optional<String> after = Optional.empty();
    while (jobs.size() < most) {
      JobPage page = page(filter, Math.min(MOST_PER_PAGE, most - jobs.size()), after);
      jobs.addAll(page.jobs());
      after = page.next();
      if (after.isEmpty()) {
        break;
      }
    }
    return List.copyOf(jobs);
  }

  private static String query(JobFilter filter, int limit, Optional<String> after) {
    StringJoiner query = new StringJoiner("&", "?", "");
    query.add("limit=" + limit);
    filter.states().stream().sorted().forEach(state -> query.add("state=" + state));
    filter.labels().forEach((key, value) -> query.add("label=" + encode(key + "=" + value)));
    filter.name().ifPresent(name -> query.add("name=" + encode(name)));
    filter.owner().ifPresent(owner -> query.add("owner=" + encode(owner)));
    filter.since().ifPresent(moment -> query.add("since=" + encode(moment.toString())));
    filter.until().ifPresent(moment -> query.add("until=" + encode(moment.toString())));
    after.ifPresent(position -> query.add("after=" + encode(position)));
    return query.toString();
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  static String path(String id) {
    if (id.isEmpty()) {
      throw new IllegalArgumentException("The id of a job is empty.");
    }
    return API + "/jobs/" + encode(id);
  }

  /** Returns all that is known of a job, but its attempts. */
  public JobDetails get(String id) {
    return calls.call(Request.get(path(id)), Readings::details);
  }

  /** Returns the attempts of a job, the first one first. */
  public List<JobAttempt> attempts(String id) {
    return calls.call(
        Request.get(path(id) + "/attempts"), answer -> answer.list("attempts", Readings::attempt));
  }

  /** Tells why a job is where it is: what it waits for, or why it failed. */
  public Explanation explain(String id) {
    return calls.call(Request.get(path(id) + "/explain"), Readings::explanation);
  }

  // ---------------------------------------------------------------- logs and results

  /**
   * Copies what a job has printed so far.
   *
   * @throws IOException if the stream cannot be written
   */
  public void logs(String id, LogQuery query, OutputStream out) throws IOException {
    following(id, query, out).copy();
  }

  /**
   * Copies what a job prints, as it prints it, until it has ended; if the query names an attempt,
   * until that has ended. It goes on after the head was away for less than the patience. If an
   * attempt has begun meanwhile, all that this one has printed is copied, which may be something
   * twice.
   *
   * @throws IOException if the stream cannot be written
   */
  public void follow(String id, LogQuery query, OutputStream out) throws IOException {
    following(id, query, out).follow();
  }

  private LogFollowing following(String id, LogQuery query, OutputStream out) {
    // the latest job whose id ends so may be another one later
    String whole = get(id).info().id();
    return new LogFollowing(this, calls, whole, query, out);
  }

  /**
   * Returns what a job has returned that has ended.
   *
   * @throws GrainClientException of the type {@code conflict} if it has not ended
   */
  public JobResult result(String id) {
    return calls.call(Request.get(path(id) + "/result"), Readings::result);
  }

  /**
   * Submits a job once more, as a new job with the same spec and the label {@code rerun-of}.
   *
   * @param name that of the new job; empty for the same
   */
  public Submitted rerun(String id, Optional<String> name) {
    String json = name.map(text -> object("name", text)).orElse("{}");
    Request request =
        Request.change("POST", path(id) + "/rerun", json)
            .withHeader("Idempotency-Key", UUID.randomUUID().toString());
    return calls.call(request, answer -> answer.list("jobs", Readings::submitted)).getFirst();
  }

  // ---------------------------------------------------------------- changing

  /** Cancels a job. One that runs is stopped, and has ended some time later. */
  public Changed cancel(String id) {
    return change(id, "cancel");
  }

  /**
   * Keeps a job that waits from starting. One that runs goes on; if it is to run again, that waits.
   */
  public Changed pause(String id) {
    return change(id, "pause");
  }

  /** Lets a job start that was paused, or submitted with a hold. */
  public Changed resume(String id) {
    return change(id, "resume");
  }

  private Changed change(String id, String action) {
    return calls.call(Request.change("POST", path(id) + "/" + action, null), Readings::changed);
  }

  /**
   * Changes the priority of a job.
   *
   * @param priority more than 0; usual is 100
   */
  public Changed prioritize(String id, double priority) {
    return calls.call(
        Request.change("PATCH", path(id), JsonText.write(Map.of("priority", priority))),
        Readings::changed);
  }

  // ---------------------------------------------------------------- workers

  /** Returns the workers that have joined the head, in the order in which they did. */
  public List<HeadNode> nodes() {
    return calls.call(Request.get(API + "/nodes"), answer -> answer.list("nodes", Readings::node));
  }

  /**
   * Has a worker end without losing work: it takes no more jobs, and ends when those that it has
   * started have ended. For admins.
   *
   * @param node its name or its id
   * @return its state
   */
  public String drain(String node) {
    return end(node, "drain");
  }

  /**
   * Has a worker end at once; its jobs are stopped and run again elsewhere. For admins.
   *
   * @param node its name or its id
   * @return its state
   */
  public String kill(String node) {
    return end(node, "kill");
  }

  private String end(String node, String action) {
    return calls.call(
        Request.change("POST", API + "/nodes/" + encode(node) + "/" + action, null),
        answer -> answer.text("state"));
  }

  // ---------------------------------------------------------------- users

  /** Tells whose token the client has. */
  public Me me() {
    return calls.call(Request.get(API + "/me"), Readings::me);
  }

  /** Returns the users, by name. For admins. */
  public List<HeadUser> users() {
    return calls.call(Request.get(API + "/users"), answer -> answer.list("users", Readings::user));
  }

  /** Adds a user; see {@link HeadUser} for the roles. For admins. */
  public HeadUser addUser(String name, String role) {
    return calls.call(
        Request.once("POST", API + "/users", object("name", name, "role", role)), Readings::user);
  }

  /** Gives a user another role. For admins. */
  public HeadUser changeRole(String name, String role) {
    return calls.call(
        Request.change("PATCH", API + "/users/" + encode(name), object("role", role)),
        Readings::user);
  }

  /** Removes a user and its tokens; its jobs stay. For admins. */
  public void removeUser(String name) {
    calls.run(Request.once("DELETE", API + "/users/" + encode(name), null));
  }

  /**
   * Returns tokens.
   *
   * @param owner whose; empty for all that the caller sees
   */
  public List<HeadToken> tokens(Optional<String> owner) {
    String query = owner.map(name -> "?owner=" + encode(name)).orElse("");
    return calls.call(
        Request.get(API + "/tokens" + query), answer -> answer.list("tokens", Readings::token));
  }

  /**
   * Makes a token.
   *
   * @param label what it is for
   * @param owner for whom it acts; empty for the caller. Admins make those of others
   * @param expires when it stops working; empty for never
   */
  public NewToken createToken(String label, Optional<String> owner, Optional<Instant> expires) {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("label", label);
    owner.ifPresent(name -> members.put("owner", name));
    expires.ifPresent(moment -> members.put("expires", moment.toString()));
    return calls.call(
        Request.once("POST", API + "/tokens", JsonText.write(members)), Readings::newToken);
  }

  /** Revokes a token, by its number. */
  public void revokeToken(long number) {
    calls.run(Request.once("DELETE", API + "/tokens/" + number, null));
  }

  private static String object(String... namesAndValues) {
    Map<String, String> members = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      members.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return JsonText.write(members);
  }

  /**
   * Returns when the head works.
   *
   * @throws GrainClientException if it does not
   */
  public void ensureHealthy() {
    var _ = calls.call(Request.get("/health"), answer -> answer.text("status"));
  }

  /** Ends the client; requests that are being served fail. */
  @Override
  public void close() {
    calls.close();
  }
}
