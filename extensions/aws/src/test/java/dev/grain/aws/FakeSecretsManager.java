package dev.grain.aws;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.json.JsonMapper;

/**
 * AWS Secrets Manager as far as reading secrets goes. It answers requests that are signed by its
 * user alone.
 */
final class FakeSecretsManager implements AutoCloseable {
  static final String USER = "AKIDEXAMPLE";

  private static final JsonMapper JSON = new JsonMapper();

  private static final Pattern SIGNATURE =
      Pattern.compile(
          "AWS4-HMAC-SHA256 Credential=([^/]+)/\\d{8}/([^/]+)/secretsmanager/aws4_request, "
              + "SignedHeaders=[^,]*host[^,]*, Signature=[0-9a-f]{64}");

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  /** What is said of a secret: a status and a body, or nothing for ever. */
  private record Answer(int status, Map<String, ?> body) {
    static final Answer NONE = new Answer(0, Map.of());
  }

  FakeSecretsManager() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Returns what was asked: the region, and the name of the secret. */
  List<String> requests() {
    return requests;
  }

  void put(String secretId, String text) {
    answers.put(secretId, new Answer(200, Map.of("Name", secretId, "SecretString", text)));
  }

  void putBinary(String secretId, byte[] bytes) {
    answers.put(secretId, new Answer(200, Map.of("Name", secretId, "SecretBinary", bytes)));
  }

  void refuse(String secretId, int status, String type, String message) {
    answers.put(secretId, refusal(status, type, message));
  }

  void hangOn(String secretId) {
    answers.put(secretId, Answer.NONE);
  }

  private static Answer refusal(int status, String type, String message) {
    return new Answer(status, Map.of("__type", type, "message", message));
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Answer answer = answer(exchange);
      if (answer == Answer.NONE) {
        closed.await();
        return;
      }
      byte[] body = JSON.writeValueAsBytes(answer.body());
      exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
      exchange.sendResponseHeaders(answer.status(), body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Answer answer(HttpExchange exchange) throws IOException {
    String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    Matcher signature = SIGNATURE.matcher(authorization == null ? "" : authorization);
    if (!"secretsmanager.GetSecretValue".equals(target)) {
      return refusal(400, "UnknownOperationException", "");
    }
    if (!signature.matches()) {
      return refusal(400, "IncompleteSignature", "The request has no signature.");
    }
    String secretId = String.valueOf(JSON.readValue(body, Map.class).get("SecretId"));
    requests.add(signature.group(2) + " " + secretId);
    if (!signature.group(1).equals(USER)) {
      return refusal(
          400,
          "UnrecognizedClientException",
          "The security token included in the request is invalid.");
    }
    return answers.getOrDefault(
        secretId,
        refusal(
            400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret."));
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.close();
  }
}
