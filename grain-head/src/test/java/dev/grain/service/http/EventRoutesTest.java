package dev.grain.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.service.store.By;
import dev.grain.service.store.NewJob;
import dev.grain.service.store.Submission;
import dev.grain.service.store.Submissions;
import java.io.IOException;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who is told which jobs change, by real connections. */
final class EventRoutesTest extends Served {
  @Override
  Duration pulse() {
    return Duration.ofMillis(50);
  }

  private EventStream listen(String user, String query, String... headers) throws IOException {
    EventStream stream =
        new EventStream(server.port(), tokenOf(user), "/events" + query, List.of(headers), 0);
    assertThat(stream.status()).isEqualTo("HTTP/1.1 200 OK");
    return stream.begin();
  }

  private void submitOwn(String user, String id, String more) {
    submit(user, "{\"id\": \"%s\", \"command\": [\"true\"]%s}".formatted(id, more));
  }

  @Test
  void change_isTold_toThoseWhoSeeTheJob() throws Exception {
    try (EventStream ada = listen("ada", "");
        EventStream bob = listen("bob", "");
        EventStream root = listen("root", "");
        EventStream rootOfBob = listen("root", "?owner=bob")) {
      submitOwn("ada", "of-ada", "");
      post("ada", "/jobs/of-ada/pause", "").ensure(200);
      submitOwn("bob", "of-bob", "");
      assertThat(ada.until("of-ada HELD")).startsWith("of-ada QUEUED");
      assertThat(bob.until("of-bob QUEUED")).hasSize(1);
      assertThat(rootOfBob.until("of-bob QUEUED")).hasSize(1);
      assertThat(root.until("of-bob QUEUED")).contains("of-ada HELD");
      post("ada", "/jobs/of-ada/cancel", "").ensure(200);
      EventStream.Event event = ada.next().orElseThrow();
      assertThat(event.event()).isEqualTo("job");
      assertThat(event.data()).isEqualTo(get("ada", "/jobs").json().at("/jobs/0"));
      assertThat(event.id()).isNotEmpty();
    }
    get("ada", "/events?owner=bob").problem(403, "forbidden");
  }

  @Test
  void listener_isToldOfTheJobs_thatItAsksFor() throws Exception {
    submitOwn("ada", "wanted-one", "");
    try (EventStream labelled = listen("ada", "?label=a%3Db&name=tr*");
        EventStream held = listen("ada", "?state=HELD");
        EventStream one = listen("ada", "?job=wanted-one&job=anted-one")) {
      submitOwn("ada", "other", ", \"name\": \"train\", \"labels\": {\"a\": \"c\"}");
      submitOwn("ada", "labelled", ", \"name\": \"train\", \"labels\": {\"a\": \"b\"}");
      post("ada", "/jobs/other/pause", "").ensure(200);
      post("ada", "/jobs/wanted-one/cancel", "").ensure(200);
      assertThat(labelled.until("labelled QUEUED")).hasSize(1);
      assertThat(held.until("other HELD")).hasSize(1);
      assertThat(one.until("wanted-one STOPPING")).hasSize(1);
    }
    assertThat(get("ada", "/events?job=nothing").problem(404, "not-found")).contains("nothing");
    get("bob", "/events?job=wanted-one").problem(404, "not-found");
    get("ada", "/events?state=EATEN").problem(400, "bad-request");
    get("ada", "/events?" + "job=x&".repeat(101) + "job=x").problem(400, "bad-request");
  }

  @Test
  void listener_thatComesBack_goesOnAfterTheEventThatItKnows() throws Exception {
    String last;
    try (EventStream ada = listen("ada", "")) {
      submitOwn("ada", "first", "");
      last = ada.next().orElseThrow().id();
    }
    submitOwn("ada", "second", "");
    try (EventStream byHeader = listen("ada", "?after=nonsense", "Last-Event-ID: " + last);
        EventStream byParameter = listen("ada", "?after=" + last);
        EventStream unknown = listen("ada", "?after=nonsense")) {
      submitOwn("ada", "third", "");
      assertThat(byHeader.until("third QUEUED")).containsExactly("second QUEUED", "third QUEUED");
      assertThat(byParameter.until("third QUEUED")).hasSize(2);
      assertThat(unknown.until("third QUEUED")).containsExactly("resync", "third QUEUED");
    }
  }

  @Test
  void listener_thatIsNotInterested_stillLearnsHowFarItKnowsAll() throws Exception {
    try (EventStream bob = listen("bob", "")) {
      String start = bob.id();
      submitOwn("ada", "of-ada", "");
      while (bob.id().equals(start)) {
        bob.readLine();
      }
      try (EventStream again = listen("bob", "?after=" + bob.id())) {
        submitOwn("bob", "of-bob", "");
        assertThat(again.until("of-bob QUEUED")).hasSize(1);
      }
    }
  }

  @Test
  void listener_thatNeverReads_slowsNobody_andLearnsThatItMissedSomething() throws Exception {
    String name = "x".repeat(500);
    try (EventStream never =
            new EventStream(server.port(), tokenOf("ada"), "/events", List.of(), 4096);
        EventStream reads = listen("ada", "?name=last")) {
      never.begin();
      // more than all buffers between have room for
      for (int i = 0; i < 25; i++) {
        store(name, 1000);
      }
      store("last", 1);
      String last = stored(get("ada", "/jobs?limit=1").text("/jobs/0/id")).id() + " QUEUED";
      assertThat(reads.until(last)).endsWith(last);
      assertThat(never.until(last)).contains("resync").hasSizeLessThan(25_001);
    }
  }

  private void store(String name, int count) {
    NewJob job = new NewJob(Optional.empty(), name, "{}", 100, Map.of(), List.of(), false);
    List<NewJob> jobs = IntStream.range(0, count).mapToObj(_ -> job).toList();
    Submission submission = new Submission("ada", Optional.empty(), jobs);
    store
        .write(handle -> new Submissions(handle).submit(submission, new By("ada", Instant.now())))
        .join();
  }

  @Test
  void token_thatIsRevoked_endsItsStreams_andNoOthers() throws Exception {
    String second = token("ada");
    try (EventStream stays = listen("ada", "");
        EventStream ends =
            new EventStream(server.port(), second, "/events", List.of(), 0).begin()) {
      long number = get("ada", "/tokens").json().at("/tokens/1/number").asLong();
      delete("ada", "/tokens/" + number).ensure(204);
      assertThat(ends.next()).isEmpty();
      submitOwn("ada", "later", "");
      assertThat(stays.until("later QUEUED")).hasSize(1);
    }
  }

  @Test
  void user_whoseRoleChanges_hasToConnectAgain() throws Exception {
    patch("root", "/users/bob", "{\"role\": \"admin\"}").ensure(200);
    try (EventStream bob = listen("bob", "")) {
      patch("root", "/users/bob", "{\"role\": \"read\"}").ensure(200);
      assertThat(bob.next()).isEmpty();
    }
  }

  @Test
  void listeners_ofAUserThatAreTooMany_areRefused_untilOneLeaves() throws Exception {
    List<EventStream> open = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        open.add(listen("ada", ""));
      }
      Answer refused = get("ada", "/events");
      assertThat(refused.problem(429, "too-many-requests")).contains("ada has 20 listeners");
      assertThat(refused.header("Retry-After")).isEqualTo("15");
      listen("bob", "").close();
      open.removeFirst().close();
      // the server learns of it when it writes to the connection
      while (get("ada", "/events").status() != 200) {
        nanos.addAndGet(1_000_000_000);
        Thread.onSpinWait();
      }
    } finally {
      for (EventStream each : open) {
        each.close();
      }
    }
  }

  @Test
  void answer_isAStreamOfEvents_thatNobodyKeeps() throws Exception {
    var answer = client.send(request("ada", "/events").build(), BodyHandlers.ofInputStream());
    try (var in = answer.body()) {
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/event-stream");
      assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
      assertThat(new String(in.readNBytes(9), UTF_8)).isEqualTo("retry: 20");
    }
  }

  @Test
  void headThatEnds_endsTheStreams() throws Exception {
    try (EventStream ada = listen("ada", "")) {
      server.close();
      assertThat(ada.next()).isEmpty();
    }
  }
}
