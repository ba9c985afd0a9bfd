package dev.grain.pulsar;

import dev.grain.minion.QueueException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.pulsar.client.api.Authentication;
import org.apache.pulsar.client.api.AuthenticationDataProvider;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The HTTP API of the brokers, for what the protocol of the client does not have. */
final class Admin implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final JsonMapper JSON = new JsonMapper();
  private static final int LONGEST_REASON = 300;

  private final Place place;
  private final Authentication authentication;
  private final HttpClient client;

  Admin(Place place, Authentication authentication) {
    this.place = place;
    this.authentication = authentication;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .sslContext(place.trust())
            .build();
  }

  /**
   * What the API has answered.
   *
   * @param status of HTTP
   * @param body JSON, or words for people
   */
  record Answer(int status, String body) {
    boolean isOk() {
      return status / 100 == 2;
    }

    boolean isMissing() {
      return status == 404;
    }

    /** Returns whether what was to be made is there already. */
    boolean isConflict() {
      return status == 409;
    }
  }

  /** The API cannot be reached at the moment, or does not allow it. */
  static final class UnreachableException extends IOException {
    private static final long serialVersionUID = 1;

    private final String words;

    private UnreachableException(String words, @Nullable Throwable cause) {
      super(words, cause);
      this.words = words;
    }

    /** Returns the same for those who do not wait until it can be reached. */
    QueueException toFailure() {
      return new QueueException(words, this);
    }
  }

  // ---------------------------------------------------------------- topics

  /** What a topic has for a subscription. */
  record Stats(
      boolean hasTopic,
      boolean hasSubscription,
      int subscriptions,
      long backlog,
      long unacknowledged,
      long delayed,
      long consumers) {
    private static final Stats NO_TOPIC = new Stats(false, false, 0, 0, 0, 0, 0);
  }

  Stats stats(String topic, boolean isPartitioned) throws UnreachableException, QueueException {
    String kind = isPartitioned ? "/partitioned-stats?perPartition=false&" : "/stats?";
    Answer answer = send("GET", topic, kind + "getPreciseBacklog=true", null);
    if (answer.isMissing()) {
      return Stats.NO_TOPIC;
    }
    JsonNode all = json(checked("read", answer)).path("subscriptions");
    JsonNode own = all.path(place.subscription());
    if (own.isMissingNode()) {
      return new Stats(true, false, all.size(), 0, 0, 0, 0);
    }
    return new Stats(
        true,
        true,
        all.size(),
        own.path("msgBacklog").asLong(0),
        own.path("unackedMessages").asLong(0),
        own.path("msgDelayed").asLong(0),
        own.path("consumers")
            .valueStream()
            .map(each -> each.path("consumerName").asString(""))
            .distinct()
            .count());
  }

  /** Returns how many partitions a topic has; 0 if it has none, empty if there is no topic. */
  OptionalLong partitions(String topic) throws UnreachableException, QueueException {
    Answer answer = send("GET", topic, "/partitions?checkAllowAutoCreation=false", null);
    if (answer.isMissing()) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(json(checked("read", answer)).path("partitions").asLong(0));
  }

  /**
   * How far the subscription of a topic has come.
   *
   * @param done everything up to this entry is done
   * @param read nothing from this entry on was delivered
   */
  record Positions(Position done, Position read) {}

  /** Returns how far the subscription of a topic without partitions has come; null if unknown. */
  @Nullable Positions positions(String topic) throws UnreachableException, QueueException {
    Answer answer = send("GET", topic, "/internalStats", null);
    JsonNode cursor = json(checked("read", answer)).path("cursors").path(place.subscription());
    Position done = Position.parse(cursor.path("markDeletePosition").asString(""));
    Position read = Position.parse(cursor.path("readPosition").asString(""));
    return done == null || read == null ? null : new Positions(done, read);
  }

  /** Creates a topic; it may be there already. */
  Answer createTopic(String topic, int partitions) throws UnreachableException, QueueException {
    return partitions == 0
        ? send("PUT", topic, "", null)
        : send("PUT", topic, "/partitions", Integer.toString(partitions));
  }

  /** Creates the subscription of a topic, behind what it has; it may be there already. */
  Answer createSubscription(String topic) throws UnreachableException, QueueException {
    return send("PUT", topic, "/subscription/" + encoded(place.subscription()), null);
  }

  /** Removes a topic with what it has, for whoever uses it. */
  Answer deleteTopic(String topic, boolean isPartitioned)
      throws UnreachableException, QueueException {
    return send("DELETE", topic, (isPartitioned ? "/partitions" : "") + "?force=true", null);
  }

  /** Removes the subscription of a topic. */
  Answer deleteSubscription(String topic) throws UnreachableException, QueueException {
    String path = "/subscription/" + encoded(place.subscription()) + "?force=true";
    return send("DELETE", topic, path, null);
  }

  // ---------------------------------------------------------------- HTTP

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /**
   * Asks the API about a topic.
   *
   * @throws UnreachableException if it cannot be reached, or is not ready
   * @throws QueueException if it refuses
   */
  private Answer send(String method, String topic, String what, @Nullable String body)
      throws UnreachableException, QueueException {
    String[] names = topic.substring("persistent://".length()).split("/", 3);
    URI uri =
        URI.create(
            "%s/admin/v2/persistent/%s/%s/%s%s"
                .formatted(
                    place.admin(), encoded(names[0]), encoded(names[1]), encoded(names[2]), what));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(ANSWER)
            .header("Accept", "application/json")
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (body != null || method.equals("PUT")) {
      request.header("Content-Type", "application/json");
    }
    try {
      AuthenticationDataProvider who = authentication.getAuthData(uri.getHost());
      if (who != null && who.hasDataForHttp()) {
        for (Map.Entry<String, String> header : who.getHttpHeaders()) {
          request.header(header.getKey(), header.getValue());
        }
      }
    } catch (Exception e) {
      throw Reasons.failed(place, "reached by HTTP", e);
    }
    HttpResponse<String> response;
    try {
      response = client.send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UnreachableException(unreachable(Reasons.brief(e)), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnreachableException(unreachable("the thread was interrupted"), e);
    }
    Answer answer = new Answer(response.statusCode(), response.body());
    if (answer.status() >= 500) {
      throw new UnreachableException(unreachable(reason(answer)), null);
    }
    if (answer.status() == 401 || answer.status() == 403) {
      throw new UnreachableException(
          ("The queue %s cannot be managed: the HTTP API at %s does not allow it (%s). Check the"
                  + " user and password of the address, or PULSAR_TOKEN, and what it may do.")
              .formatted(place, place.admin(), reason(answer)),
          null);
    }
    return answer;
  }

  private String unreachable(String why) {
    return ("The queue %s cannot be managed: the HTTP API of the broker does not answer at %s (%s)."
            + " Check that it runs, or name it with admin=http://HOST:PORT.")
        .formatted(place, place.admin(), why);
  }

  /** Returns an answer that is good; others are exceptions. */
  Answer checked(String what, Answer answer) throws QueueException {
    if (!answer.isOk()) {
      throw new QueueException(
          "The queue %s cannot be %s: %s.".formatted(place, what, reason(answer)));
    }
    return answer;
  }

  private static String reason(Answer answer) {
    String words = answer.body().strip();
    try {
      JsonNode reason = JSON.readTree(words).path("reason");
      words = reason.isString() ? reason.asString() : words;
    } catch (JacksonException e) {
      // it is no JSON
    }
    String line = words.lines().findFirst().orElse("").strip().replaceFirst("\\.$", "");
    return "HTTP "
        + answer.status()
        + (line.isEmpty() ? "" : ", ")
        + line.substring(0, Math.min(line.length(), LONGEST_REASON));
  }

  private JsonNode json(Answer answer) throws UnreachableException {
    try {
      return JSON.readTree(answer.body());
    } catch (JacksonException e) {
      throw other(e);
    }
  }

  /** Returns what says that this is the API of something else. */
  UnreachableException other(@Nullable Throwable cause) {
    return new UnreachableException(
        ("The queue %s cannot be managed: what answers at %s is not the HTTP API of its broker. Name"
                + " that with admin=http://HOST:PORT.")
            .formatted(place, place.admin()),
        cause);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
