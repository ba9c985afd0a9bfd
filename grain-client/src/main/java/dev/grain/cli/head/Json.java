package dev.grain.cli.head;

import dev.grain.client.GrainClient;
import dev.grain.client.HeadNode;
import dev.grain.client.HeadToken;
import dev.grain.client.HeadUser;
import dev.grain.client.JobAttempt;
import dev.grain.client.JobDetails;
import dev.grain.client.JobInfo;
import dev.grain.client.JobResult;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;

/** Objects of JSON for programs, with the members that the head has for them. */
final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          // values of users stay as they are, up to their last digit
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /** The kinds of resources that are members of a worker by themselves. */
  private static final List<String> OWN_KINDS = List.of("cpu", "memory", "gpus");

  private final Map<String, Object> members = new LinkedHashMap<>();

  Json() {}

  /** Adds a member; what is empty is left out. */
  Json put(String name, Object value) {
    switch (value) {
      case Optional<?> optional -> optional.ifPresent(known -> put(name, known));
      case OptionalInt optional -> optional.ifPresent(known -> members.put(name, known));
      case OptionalLong optional -> optional.ifPresent(known -> members.put(name, known));
      case Instant moment -> members.put(name, moment.toString());
      case Enum<?> constant -> members.put(name, constant.name());
      case Json object -> members.put(name, object.members);
      case List<?> list ->
          members.put(
              name, list.stream().map(each -> each instanceof Json j ? j.members : each).toList());
      default -> members.put(name, value);
    }
    return this;
  }

  /** Adds a text; one that is empty is left out. */
  private Json putText(String name, String text) {
    return text.isEmpty() ? this : put(name, text);
  }

  static Json of(JobInfo job) {
    return new Json()
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

  static Json of(JobDetails job, List<JobAttempt> attempts) {
    return of(job.info())
        .put("labels", job.labels())
        .put("spec", MAPPER.readTree(job.json()))
        .put("attempts", attempts.stream().map(Json::of).toList());
  }

  static Json of(JobAttempt attempt) {
    return new Json()
        .put("number", attempt.number())
        .put("node", attempt.node())
        .put("sent", attempt.sent())
        .put("started", attempt.started())
        .put("ended", attempt.ended())
        .put("cause", attempt.cause())
        .putText("message", attempt.message())
        .put("exitCode", attempt.exitCode())
        .put("signal", attempt.signal())
        .put("peakMemory", attempt.peakMemory());
  }

  static Json of(GrainClient.Changed job) {
    return new Json()
        .put("id", job.id())
        .put("state", job.state())
        .putText("message", job.message());
  }

  static Json of(GrainClient.Explanation job) {
    return new Json().put("id", job.id()).put("state", job.state()).put("text", job.text());
  }

  static Json of(JobResult result) {
    Json json =
        new Json()
            .put("id", result.id())
            .put("state", result.state())
            .put("cause", result.cause())
            .putText("message", result.message())
            .put("exitCode", result.exitCode())
            .put("text", result.text());
    result.json().ifPresent(value -> json.put("value", MAPPER.readTree(value)));
    return result.isEncoded() ? json.put("encoded", true) : json;
  }

  static Json of(HeadNode node) {
    Json json =
        new Json()
            .put("id", node.id())
            .put("name", node.name())
            .put("address", node.address())
            .put("state", node.state())
            .put("since", node.since());
    Json others = new Json();
    node.amounts()
        .forEach((kind, amount) ->
            (OWN_KINDS.contains(kind) ? json : others)
                .put(
                    kind,
                    new Json()
                        .put("total", number(amount.total()))
                        .put("free", number(amount.free()))));
    return json.put("others", others).put("jobs", node.jobs()).put("version", node.version());
  }

  /** Returns a number that is written without a point if it is whole, as bytes are. */
  private static BigDecimal number(double value) {
    BigDecimal number = new BigDecimal(value).stripTrailingZeros();
    return number.scale() < 0 ? number.setScale(0) : number;
  }

  static Json of(HeadUser user) {
    return new Json()
        .put("name", user.name())
        .put("role", user.role())
        .put("created", user.created());
  }

  static Json of(HeadToken token) {
    return new Json()
        .put("number", token.number())
        .put("owner", token.owner())
        .put("label", token.label())
        .put("created", token.created())
        .put("expires", token.expires())
        .put("used", token.used());
  }

  /** Returns it in one line. */
  @Override
  public String toString() {
    return MAPPER.writeValueAsString(members);
  }
}
