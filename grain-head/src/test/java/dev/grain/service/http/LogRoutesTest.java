package dev.grain.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Cause;
import dev.grain.bytes.Bytes;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.Result;
import dev.grain.service.store.StoredAttempt;
import dev.grain.service.store.Tokens;
import dev.grain.service.store.Usage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What jobs print, by HTTP. */
final class LogRoutesTest extends Served {
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

  // the job of the test
  private String id = "";
  private long number;

  private void submit() {
    id = submit("ada", "{\"command\": [\"a\"]}");
    number = stored(id).number();
  }

  private void print(int attempt, String text, boolean error) {
    logs.print(number, attempt, Bytes.utf8(text), error);
  }

  private static StoredAttempt attempt(int number, Optional<StoredAttempt.End> end) {
    return new StoredAttempt(number, "node-a", NOW, Optional.of(NOW), end);
  }

  private void start(int attempt) {
    store.write(h -> new Jobs(h).started(number, attempt(attempt, Optional.empty()))).join();
  }

  private void retry(int attempt) {
    StoredAttempt.End end = StoredAttempt.End.failed(NOW, Cause.FAILED, "", Usage.UNKNOWN);
    store.write(h -> new Jobs(h).requeue(number, attempt(attempt, Optional.of(end)), 0)).join();
    logs.attemptEnded(number);
  }

  private void end(int attempt) {
    StoredAttempt.End end = StoredAttempt.End.succeeded(NOW, Usage.UNKNOWN);
    store
        .write(h -> new Jobs(h).end(number, attempt(attempt, Optional.of(end)), new Result.None()))
        .join();
    logs.ended(number);
  }

  private Answer log(String query) {
    return get("ada", "/jobs/" + id + "/logs" + query);
  }

  private static String text(Answer answer) {
    return new String(answer.ensure(200).bytes(), UTF_8);
  }

  /** An answer that goes on. */
  private final class Follower implements AutoCloseable {
    final HttpResponse<InputStream> response;
    final BufferedReader reader;

    Follower(String user, String query) throws IOException, InterruptedException {
      response =
          client.send(
              request(user, "/jobs/" + id + "/logs?follow=true" + query).build(),
              BodyHandlers.ofInputStream());
      assertThat(response.statusCode()).isEqualTo(200);
      reader = new BufferedReader(new InputStreamReader(response.body(), UTF_8));
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }

  @Test
  void get_ofAJob_hasWhatItHasPrinted_whole_byStream_fromAnOffset_andItsEnd() {
    submit();
    assertThat(text(log(""))).isEmpty();
    start(1);
    print(1, "one\n", false);
    print(1, "two ä\n", true);
    Answer all = log("");
    assertThat(text(all)).isEqualTo("one\ntwo ä\n");
    assertThat(all.header("Content-Type")).isEqualTo("text/plain;charset=utf-8");
    assertThat(all.header("Grain-Attempt")).isEqualTo("1");
    assertThat(all.header("Grain-Offset")).isEqualTo("0");
    assertThat(all.header("Grain-Dropped")).isEmpty();
    assertThat(text(log("?stream=out"))).isEqualTo("one\n");
    assertThat(text(log("?stream=err"))).isEqualTo("two ä\n");
    assertThat(text(log("?offset=4"))).isEqualTo("two ä\n");
    Answer tail = log("?tail=3");
    assertThat(text(tail)).isEqualTo("ä\n");
    assertThat(tail.header("Grain-Offset")).isEqualTo("8");
    assertThat(text(log("?offset=1000"))).isEmpty();
    assertThat(text(log("?tail=0"))).isEmpty();
  }

  @Test
  void get_ofAttempts_hasTheLatest_orTheOneThatIsAskedFor() {
    submit();
    start(1);
    print(1, "one\n", false);
    retry(1);
    start(2);
    print(2, "two\n", false);
    assertThat(text(log(""))).isEqualTo("two\n");
    assertThat(text(log("?attempt=1"))).isEqualTo("one\n");
    assertThat(log("?attempt=3").problem(404, "not-found")).contains("has had 2 attempts");
  }

  @Test
  void get_ofWhatCannotBe_isRefused() {
    submit();
    assertThat(log("?offset=1&tail=1").problem(400, "bad-request")).contains("Name one of them");
    log("?stream=both").problem(400, "bad-request");
    log("?follow=maybe").problem(400, "bad-request");
    log("?offset=-1").problem(400, "bad-request");
    log("?attempt=0").problem(400, "bad-request");
    assertThat(log("?folow=true").problem(400, "bad-request")).contains("\"follow\"");
    get("bob", "/jobs/" + id + "/logs").problem(404, "not-found");
    get("bob", "/jobs/" + id + "/logs?follow=true").problem(404, "not-found");
    assertThat(text(get("root", "/jobs/" + id + "/logs"))).isEmpty();
  }

  @Test
  void follow_hasEachLineAsItIsPrinted_ofAllAttempts_andEndsWithTheJob() throws Exception {
    submit();
    try (Follower all = new Follower("ada", "");
        Follower errors = new Follower("root", "&stream=err");
        Follower first = new Follower("ada", "&attempt=1")) {
      assertThat(all.response.headers().firstValue("Grain-Attempt")).contains("1");
      start(1);
      print(1, "one\n", false);
      assertThat(all.reader.readLine()).isEqualTo("one");
      assertThat(first.reader.readLine()).isEqualTo("one");
      print(1, "two\n", true);
      assertThat(all.reader.readLine()).isEqualTo("two");
      assertThat(errors.reader.readLine()).isEqualTo("two");
      assertThat(first.reader.readLine()).isEqualTo("two");
      retry(1);
      assertThat(first.reader.readLine()).isNull();
      start(3);
      print(3, "three\n", true);
      assertThat(all.reader.readLine()).isEqualTo("three");
      print(3, "the end", true);
      end(3);
      assertThat(all.reader.readLine()).isEqualTo("the end");
      assertThat(all.reader.readLine()).isNull();
      assertThat(errors.reader.readLine()).isEqualTo("three");
      assertThat(errors.reader.readLine()).isEqualTo("the end");
      assertThat(errors.reader.readLine()).isNull();
    }
    // one that has ended has nothing more to come
    assertThat(text(log("?follow=true"))).isEqualTo("three\nthe end");
    assertThat(text(log("?follow=true&tail=3"))).isEqualTo("end");
  }

  @Test
  void follow_ofAReaderThatReadsNothing_holdsUpNobody() throws Exception {
    submit();
    start(1);
    try (Follower idle = new Follower("ada", "");
        Follower other = new Follower("ada", "")) {
      String line = "x".repeat(999) + "\n";
      for (int i = 0; i < 20_000; i++) {
        print(1, line, false);
        if (i % 100 == 0) {
          logs.awaitWritten(number);
        }
      }
      end(1);
      assertThat(other.reader.lines().count()).isEqualTo(20_000);
      assertThat(idle.reader.lines().count()).isEqualTo(20_000);
    }
  }

  @Test
  void follow_ofManyReaders_takesNoThreadOfThePlatformForEach() throws Exception {
    submit();
    start(1);
    List<Follower> followers = new ArrayList<>();
    try {
      for (int i = 0; i < Followers.MOST_OF_USER; i++) {
        // not too many requests a second
        nanos.addAndGet(1_000_000_000);
        followers.add(new Follower("ada", ""));
        followers.add(new Follower("root", ""));
      }
      assertThat(
              Thread.getAllStackTraces().keySet().stream()
                  .filter(thread -> thread.getName().startsWith("grain-http"))
                  .count())
          .isLessThan(followers.size());
      // one more takes the place of the one that has been silent for the longest time
      followers.add(new Follower("ada", ""));
      assertThat(followers.removeFirst().reader.readLine()).isNull();
      print(1, "one\n", false);
      end(1);
      for (Follower each : followers) {
        assertThat(each.reader.readLine()).isEqualTo("one");
        assertThat(each.reader.readLine()).isNull();
      }
    } finally {
      for (Follower each : followers) {
        each.close();
      }
    }
  }

  @Test
  void follow_ofOneWhoseTokenIsRevoked_ends() throws Exception {
    submit();
    start(1);
    try (Follower follower = new Follower("ada", "")) {
      long token = store.read(h -> new Tokens(h).list(Optional.of("ada"))).getFirst().number();
      delete("root", "/tokens/" + token).ensure(204);
      nanos.addAndGet(15_000_000_000L);
      print(1, "one\n", false);
      assertThat(follower.reader.readLine()).isNull();
    }
  }

  @Test
  void follow_ends_whenTheServerIsClosed() throws Exception {
    submit();
    try (Follower follower = new Follower("ada", "")) {
      server.close();
      assertThat(follower.reader.readLine()).isNull();
    } catch (IOException e) {
      // or the connection is closed
    }
  }
}
