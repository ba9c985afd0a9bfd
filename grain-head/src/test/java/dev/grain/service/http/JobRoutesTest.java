package dev.grain.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.service.store.Audit;
import dev.grain.service.store.JobState;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.Result;
import dev.grain.service.store.StoredAttempt;
import dev.grain.service.store.Usage;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Jobs by HTTP. */
final class JobRoutesTest extends Served {
  private static final String JOB =
      "{\"name\": \"train\", \"command\": [\"hostname\"], \"labels\": {\"model\": \"gpt\"}}";

  private Answer keyed(String user, String key, String json) {
    return send(
        json(user, "/jobs").header("Idempotency-Key", key).POST(BodyPublishers.ofString(json)));
  }

  private static List<String> ids(Answer page) {
    List<String> ids = new ArrayList<>();
    page.ensure(200).json().at("/jobs").forEach(job -> ids.add(job.at("/id").asString()));
    return ids;
  }

  @Test
  void submit_ofOne_isStored_whenItIsAnswered() {
    Answer answer = post("ada", "/jobs", JOB).ensure(201);
    String id = answer.text("/jobs/0/id");
    assertThat(answer.text("/jobs/0/state")).isEqualTo("QUEUED");
    assertThat(answer.json().at("/jobs/0/made").asBoolean()).isTrue();
    assertThat(answer.header("Location")).isEqualTo("/api/v1/jobs/" + id);
    assertThat(stored(id).owner()).isEqualTo("ada");
    Audit.Line line = store.read(h -> new Audit(h).list(Long.MAX_VALUE, 1)).getFirst();
    assertThat(line.who()).isEqualTo("ada");
    assertThat(line.action()).isEqualTo("job.submit");
    assertThat(line.object()).isEqualTo(id);
  }

  @Test
  void submit_ofMany_isAnsweredInTheirOrder() {
    Answer answer =
        post(
                "ada",
                "/jobs",
                "{\"defaults\": {\"name\": \"many\"}, \"jobs\": [{\"id\": \"a\", \"command\": [\"a\"]}, {\"command\": [\"b\"], \"hold\": true}]}")
            .ensure(201);
    assertThat(answer.text("/jobs/0/id")).isEqualTo("a");
    assertThat(answer.text("/jobs/1/state")).isEqualTo("HELD");
    assertThat(ids(get("ada", "/jobs?name=many"))).hasSize(2);
  }

  @Test
  void submit_withAnOwnIdThatIsThere_leavesTheFirst() {
    submit("ada", "{\"id\": \"mine\", \"command\": [\"a\"]}");
    Answer again = post("ada", "/jobs", "{\"id\": \"mine\", \"command\": [\"b\"]}").ensure(200);
    assertThat(again.json().at("/jobs/0/made").asBoolean()).isFalse();
    assertThat(get("ada", "/jobs/mine").json().at("/spec/command").toString()).contains("a");
    assertThat(
            post("bob", "/jobs", "{\"id\": \"mine\", \"command\": [\"b\"]}").problem(409, "taken"))
        .contains("\"mine\"");
    assertThat(
            post("bob", "/jobs", "{\"id\": \"26-11-28-3-abc\", \"command\": [\"b\"]}")
                .problem(422, "invalid"))
        .contains("begins with a date");
  }

  @Test
  void submit_withAKeyAgain_makesNothing_andWithAnotherBodyIsAConflict() {
    Answer first = keyed("ada", "key-1", JOB).ensure(201);
    Answer again = keyed("ada", "key-1", JOB).ensure(200);
    assertThat(again.text("/jobs/0/id")).isEqualTo(first.text("/jobs/0/id"));
    assertThat(keyed("ada", "key-1", "[" + JOB + "]").problem(409, "key-reused"))
        .contains("\"key-1\"");
    keyed("bob", "key-1", JOB).ensure(201);
    keyed("ada", "a b", JOB).problem(400, "bad-request");
    keyed("ada", "x".repeat(256), JOB).problem(400, "bad-request");
  }

  @Test
  void submit_ofWhatIsNoJob_namesEachMistake() {
    Answer answer = post("ada", "/jobs", "{\"comand\": [\"a\"], \"priority\": -1}");
    assertThat(answer.problem(422, "invalid")).contains("mistakes");
    List<JsonNode> problems = new ArrayList<>();
    answer.json().at("/problems").forEach(problems::add);
    assertThat(problems)
        .extracting(each -> each.at("/pointer").asString())
        .contains("/comand", "/priority");
    assertThat(answer.json().toString()).contains("did you mean \\\"command\\\"?");
    for (String wrong : List.of("", "[]", "{", "7", "null", "\"a\"", "{\"command\": 7}", "[[]]")) {
      post("ada", "/jobs", wrong).problem(422, "invalid");
    }
    assertThat(ids(get("ada", "/jobs"))).isEmpty();
  }

  @Test
  void submit_ofABodyThatIsTooLarge_orNoJson_isRefused() {
    String large = "[" + " ".repeat(1 << 20) + "]";
    assertThat(post("ada", "/jobs", large).problem(413, "too-large")).contains("1048576");
    // a body whose length is not known before
    assertThat(
            send(json("ada", "/jobs")
                    .POST(
                        BodyPublishers.ofInputStream(
                            () -> new ByteArrayInputStream(large.getBytes(UTF_8)))))
                .problem(413, "too-large"))
        .contains("1048576");
    send(request("ada", "/jobs")
            .header("Content-Type", "text/plain")
            .POST(BodyPublishers.ofString(JOB)))
        .problem(415, "unsupported-media-type");
    send(json("ada", "/jobs").header("Content-Encoding", "gzip").POST(BodyPublishers.ofString(JOB)))
        .problem(415, "unsupported-media-type");
    send(json("ada", "/jobs").POST(BodyPublishers.ofByteArray(new byte[] {(byte) 0xff})))
        .problem(400, "bad-request");
  }

  @Test
  void list_isPaged_theNewestFirst() {
    List<String> ids = IntStream.range(0, 7).mapToObj(i -> submit("ada", JOB)).toList().reversed();
    List<String> found = new ArrayList<>();
    String next = "";
    do {
      Answer page = get("ada", "/jobs?limit=3" + (next.isEmpty() ? "" : "&after=" + next));
      assertThat(ids(page)).hasSizeLessThanOrEqualTo(3);
      found.addAll(ids(page));
      next = page.text("/next");
    } while (!next.isEmpty());
    assertThat(found).isEqualTo(ids);
  }

  @Test
  void list_isFiltered() {
    String queued = submit("ada", JOB);
    String held = submit("ada", "{\"name\": \"other\", \"command\": [\"a\"], \"hold\": true}");
    assertThat(ids(get("ada", "/jobs?state=HELD"))).containsExactly(held);
    assertThat(ids(get("ada", "/jobs?state=held,QUEUED"))).containsExactly(held, queued);
    assertThat(ids(get("ada", "/jobs?state=HELD&state=RUNNING"))).containsExactly(held);
    assertThat(ids(get("ada", "/jobs?name=train"))).containsExactly(queued);
    assertThat(ids(get("ada", "/jobs?name=tr*"))).containsExactly(queued);
    assertThat(ids(get("ada", "/jobs?label=model%3Dgpt"))).containsExactly(queued);
    assertThat(ids(get("ada", "/jobs?label=model%3Dother"))).isEmpty();
    assertThat(ids(get("ada", "/jobs?since=2100-01-01T00:00:00Z"))).isEmpty();
    assertThat(ids(get("ada", "/jobs?until=2100-01-01T00:00:00Z"))).hasSize(2);
  }

  @Test
  void list_withAWrongParameter_saysWhichAreRight() {
    assertThat(get("ada", "/jobs?state=QUEUD").problem(400, "bad-request"))
        .contains("Did you mean QUEUED?");
    assertThat(get("ada", "/jobs?limit=1001").problem(400, "bad-request"))
        .contains("from 1 to 1000");
    get("ada", "/jobs?limit=0").problem(400, "bad-request");
    get("ada", "/jobs?limit=x").problem(400, "bad-request");
    assertThat(get("ada", "/jobs?after=x").problem(400, "bad-request")).contains("\"next\"");
    get("ada", "/jobs?label=model").problem(400, "bad-request");
    get("ada", "/jobs?label=a%3D1&label=a%3D2").problem(400, "bad-request");
    get("ada", "/jobs?since=yesterday").problem(400, "bad-request");
  }

  @Test
  void user_seesAndCancels_onlyItsOwn_andAnAdminAll() {
    String id = submit("ada", JOB);
    submit("bob", JOB);
    assertThat(ids(get("ada", "/jobs"))).containsExactly(id);
    assertThat(ids(get("root", "/jobs"))).hasSize(2);
    assertThat(ids(get("root", "/jobs?owner=ada"))).containsExactly(id);
    assertThat(ids(get("ada", "/jobs?owner=ada"))).containsExactly(id);
    get("bob", "/jobs?owner=ada").problem(403, "forbidden");
    assertThat(get("bob", "/jobs/" + id).problem(404, "not-found")).contains("bob");
    for (String action : List.of("cancel", "pause", "resume")) {
      post("bob", "/jobs/" + id + "/" + action, "").problem(404, "not-found");
    }
    get("bob", "/jobs/" + id + "/explain").problem(404, "not-found");
    get("bob", "/jobs/" + id + "/attempts").problem(404, "not-found");
    patch("bob", "/jobs/" + id, "{\"priority\": 7}").problem(404, "not-found");
    assertThat(stored(id).state()).isEqualTo(JobState.QUEUED);
    post("root", "/jobs/" + id + "/cancel", "").ensure(200);
    assertThat(stored(id).state()).isEqualTo(JobState.STOPPING);
  }

  @Test
  void get_byTheEndOfTheId_hasSpecAndLabels() {
    String id = submit("ada", JOB);
    JsonNode job = get("ada", "/jobs/" + id.substring(id.length() - 3)).ensure(200).json();
    assertThat(job.at("/id").asString()).isEqualTo(id);
    assertThat(job.at("/owner").asString()).isEqualTo("ada");
    assertThat(job.at("/labels/model").asString()).isEqualTo("gpt");
    assertThat(job.at("/spec/command/0").asString()).isEqualTo("hostname");
    assertThat(job.at("/attempt").asInt()).isZero();
    assertThat(job.has("ended")).isFalse();
    assertThat(get("ada", "/jobs/bc").problem(404, "not-found")).contains("last 3 characters");
  }

  @Test
  void pauseAndResume_ofAQueuedJob_holdIt() {
    String id = submit("ada", JOB);
    assertThat(post("ada", "/jobs/" + id + "/pause", "").ensure(200).text("/state"))
        .isEqualTo("HELD");
    assertThat(post("ada", "/jobs/" + id + "/resume", "").ensure(200).text("/state"))
        .isEqualTo("QUEUED");
    patch("ada", "/jobs/" + id, "{\"priority\": 7.5}").ensure(200);
    assertThat(stored(id).priority()).isEqualTo(7.5);
    patch("ada", "/jobs/" + id, "{\"priority\": 0}").problem(422, "invalid");
    patch("ada", "/jobs/" + id, "{\"priority\": 1e999}").problem(422, "invalid");
    assertThat(patch("ada", "/jobs/" + id, "{\"priorty\": 7}").json().toString())
        .contains("did you mean \\\"priority\\\"?");
  }

  @Test
  void cancel_ofAJobThatHasEnded_tellsItsEnd_asDoTheOthers() {
    String id = submit("ada", JOB);
    Instant sent = Instant.parse("2026-11-28T12:00:00Z");
    StoredAttempt attempt =
        new StoredAttempt(
            1,
            "node-a",
            sent,
            Optional.of(sent.plusSeconds(1)),
            Optional.of(
                StoredAttempt.End.succeeded(
                    sent.plusSeconds(2),
                    new Usage(OptionalInt.of(0), OptionalInt.empty(), OptionalLong.of(4096)))));
    long number = stored(id).number();
    assertThat(
            store.write(handle -> new Jobs(handle).end(number, attempt, new Result.None())).join())
        .isEqualTo(true);
    Answer cancelled = post("ada", "/jobs/" + id + "/cancel", "").ensure(200);
    assertThat(cancelled.text("/state")).isEqualTo("SUCCEEDED");
    assertThat(cancelled.text("/message")).isEqualTo("The job had ended before.");
    assertThat(get("ada", "/jobs/" + id + "/explain").ensure(200).text("/text"))
        .isEqualTo("It has ended as SUCCEEDED.");
    JsonNode first = get("ada", "/jobs/" + id + "/attempts").ensure(200).json().at("/attempts/0");
    assertThat(first.at("/node").asString()).isEqualTo("node-a");
    assertThat(first.at("/started").asString()).isEqualTo("2026-11-28T12:00:01Z");
    assertThat(first.at("/ended").asString()).isEqualTo("2026-11-28T12:00:02Z");
    assertThat(first.at("/exitCode").asInt(-1)).isZero();
    assertThat(first.at("/peakMemory").asInt()).isEqualTo(4096);
    assertThat(first.has("cause")).isFalse();
  }
}
