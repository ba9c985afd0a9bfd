package dev.grain.service.http;

import dev.grain.client.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Why a request is not fulfilled; the message says what to do. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Kind kind;
  private final transient List<Problem> problems;
  private final transient Map<String, String> headers = new LinkedHashMap<>();
  private final transient Map<String, Object> facts = new LinkedHashMap<>();

  /** What is wrong, and the status that tells it. */
  enum Kind {
    BAD_REQUEST(400, "The request is not understood"),
    UNAUTHENTICATED(401, "The request comes from nobody who is known"),
    FORBIDDEN(403, "The role of the user does not include this"),
    NOT_FOUND(404, "There is no such thing"),
    METHOD_NOT_ALLOWED(405, "The path has no such method"),
    CONFLICT(409, "The state does not allow this"),
    KEY_REUSED(409, "The idempotency key was used for something else"),
    TAKEN(409, "The name is taken"),
    WRONG_OFFSET(409, "The upload does not go on there"),
    TAKEN_OVER(409, "Another upload has taken over"),
    TOO_LARGE(413, "The body is too large"),
    UNSUPPORTED_MEDIA_TYPE(415, "The body has another format"),
    RANGE_NOT_SATISFIABLE(416, "The blob has no such bytes"),
    INVALID(422, "The body has mistakes"),
    WRONG_HASH(422, "The bytes have another hash"),
    TOO_MANY_REQUESTS(429, "The user sends too many requests"),
    INTERNAL(500, "The head has made a mistake"),
    UNAVAILABLE(503, "The head cannot reach its database"),
    DISK_FULL(507, "The disk of the head is full");

    private final int status;
    private final String title;

    Kind(int status, String title) {
      this.status = status;
      this.title = title;
    }

    int status() {
      return status;
    }

    /** Returns its name as clients compare it. */
    String type() {
      return "urn:grain:problem:" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private Refusal(Kind kind, String message, List<Problem> problems, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.problems = List.copyOf(problems);
  }

  Refusal(Kind kind, String message) {
    this(kind, message, List.of(), null);
  }

  Refusal(Kind kind, String message, Throwable cause) {
    this(kind, message, List.of(), cause);
  }

  /** Returns one of a body that has mistakes. */
  static Refusal invalid(List<Problem> problems, @Nullable Throwable cause) {
    String message =
        problems.size() == 1
            ? "The body has a mistake: " + problems.getFirst()
            : "The body has %s mistakes, which are under \"problems\". The first: %s"
                .formatted(problems.size(), problems.getFirst());
    return new Refusal(Kind.INVALID, message, problems, cause);
  }

  /** Adds a header to its answer. */
  Refusal with(String header, String value) {
    headers.put(header, value);
    return this;
  }

  /** Adds a member to its answer. */
  Refusal tells(String name, Object value) {
    facts.put(name, value);
    return this;
  }

  Kind kind() {
    return kind;
  }

  Map<String, String> headers() {
    return headers;
  }

  /** Returns it as the members of problem details (RFC 9457). */
  JsonObject toJson() {
    JsonObject json =
        new JsonObject()
            .put("type", kind.type())
            .put("title", kind.title)
            .put("status", kind.status)
            .put("detail", String.valueOf(getMessage()));
    facts.forEach(json::put);
    return problems.isEmpty()
        ? json
        : json.put("problems", problems.stream().map(Refusal::toJson).toList());
  }

  private static JsonObject toJson(Problem problem) {
    JsonObject json = new JsonObject().put("pointer", problem.pointer());
    if (problem.line() > 0) {
      json.put("line", problem.line()).put("column", problem.column());
    }
    return json.put("message", problem.message())
        .putText("expected", problem.expected())
        .putText("example", problem.example());
  }
}
