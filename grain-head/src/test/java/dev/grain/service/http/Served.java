package dev.grain.service.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.service.blob.Blobs;
import dev.grain.service.log.Logs;
import dev.grain.service.store.By;
import dev.grain.service.store.Database;
import dev.grain.service.store.JobList;
import dev.grain.service.store.Role;
import dev.grain.service.store.Store;
import dev.grain.service.store.StoredJob;
import dev.grain.service.store.Tokens;
import dev.grain.service.store.Users;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server over a real store, with the users ada (submit), bob (submit), eve (read), root. */
abstract class Served {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final By ROOT = new By("root", Instant.EPOCH);

  @TempDir Path folder;

  /** What the clock of the rate limit shows. */
  final AtomicLong nanos = new AtomicLong();

  Store store;
  Blobs blobs;
  Logs logs;
  HttpServer server;
  HttpClient client;
  Documented documented;
  Map<String, String> tokens;

  /** An answer. */
  record Answer(HttpResponse<byte[]> response) {
    int status() {
      return response.statusCode();
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    byte[] bytes() {
      return response.body();
    }

    JsonNode json() {
      return MAPPER.readTree(response.body());
    }

    /** Returns a member of the answer. */
    String text(String pointer) {
      return json().at(pointer).asString("");
    }

    /** Ensures that the answer is a problem, and returns what it says. */
    String problem(int status, String kind) {
      assertThat(response.statusCode()).as(new String(response.body(), UTF_8)).isEqualTo(status);
      assertThat(header("Content-Type")).isEqualTo("application/problem+json");
      assertThat(text("/type")).isEqualTo("urn:grain:problem:" + kind);
      assertThat(json().at("/status").asInt()).isEqualTo(status);
      assertThat(text("/title")).isNotEmpty();
      return text("/detail");
    }

    Answer ensure(int status) {
      assertThat(response.statusCode()).as(new String(response.body(), UTF_8)).isEqualTo(status);
      return this;
    }
  }

  @BeforeEach
  void start() throws IOException {
    store = Store.open(new Database.Embedded(Files.createDirectory(folder.resolve("data"))));
    blobs = Blobs.open(folder.resolve("blobs"), 0, Clock.systemUTC());
    logs = Logs.open(folder.resolve("logs"), 0, 0);
    server =
        HttpServer.start(
            new HttpSettings("127.0.0.1", 0, Optional.empty()),
            services(),
            new Timing(Clock.systemUTC(), nanos::get, pulse()));
    client = HttpClient.newHttpClient();
    documented = Documented.at(server);
    tokens =
        Map.of(
            "ada", user("ada", Role.SUBMIT),
            "bob", user("bob", Role.SUBMIT),
            "eve", user("eve", Role.READ),
            "root", user("root", Role.ADMIN));
  }

  /** Returns what is served. */
  final Services services() {
    return new Services(
        store,
        blobs,
        logs,
        new StoredJobService(store, Clock.systemUTC()),
        new ListedNodes("node-a", "node-b"));
  }

  /** Returns how often something is written to listeners. */
  Duration pulse() {
    return Timing.USUAL.pulse();
  }

  /** Makes a user, and returns a token of it. */
  final String user(String name, Role role) {
    store
        .write(handle -> {
          new Users(handle).add(name, role, ROOT);
          return true;
        })
        .join();
    return token(name);
  }

  /** Returns the token that a user has from the start. */
  final String tokenOf(String user) {
    return Objects.requireNonNull(tokens.get(user));
  }

  /** Returns a new token of a user. */
  final String token(String user) {
    return store
        .write(handle -> new Tokens(handle).create(user, "test", Optional.empty(), ROOT))
        .join();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    logs.close();
    store.close();
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }

  /** Returns a request of the interface by a user. */
  HttpRequest.Builder request(String user, String path) {
    return HttpRequest.newBuilder(uri("/api/v1" + path))
        .header("Authorization", "Bearer " + tokens.get(user));
  }

  Answer send(HttpRequest.Builder request) {
    try {
      Answer answer = new Answer(client.send(request.build(), Served::body));
      documented.ensureDescribes(answer);
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException(request.build() + " got no answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Reads an answer, of events only the first ones, as there is no end of them. */
  private static BodySubscriber<byte[]> body(HttpResponse.ResponseInfo info) {
    String type = info.headers().firstValue("Content-Type").orElse("");
    return type.startsWith("text/event-stream") ? new FirstBytes() : BodySubscribers.ofByteArray();
  }

  Answer get(String user, String path) {
    return send(request(user, path));
  }

  Answer post(String user, String path, String json) {
    return send(json(user, path).POST(BodyPublishers.ofString(json)));
  }

  Answer patch(String user, String path, String json) {
    return send(json(user, path).method("PATCH", BodyPublishers.ofString(json)));
  }

  Answer delete(String user, String path) {
    return send(request(user, path).DELETE());
  }

  HttpRequest.Builder json(String user, String path) {
    return request(user, path).header("Content-Type", "application/json");
  }

  /** Submits a job and returns its id. */
  String submit(String user, String json) {
    return post(user, "/jobs", json).ensure(201).text("/jobs/0/id");
  }

  StoredJob stored(String id) {
    return store.read(handle -> new JobList(handle).find(id, Optional.empty())).orElseThrow();
  }
}
