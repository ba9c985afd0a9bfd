package dev.grain.client;

import dev.grain.GrainInterruptedException;
import dev.grain.client.Answer.UnexpectedException;
import dev.grain.key.ServerTrust;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** Sends requests to a head, again if that may help, and reads what it answers. For any thread. */
final class HeadCalls implements AutoCloseable {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(60);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  /** More than a page of a list has. */
  private static final long MOST_BYTES = 64L << 20;

  private static final int LONGEST_SHOWN = 200;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
  private static final Pattern SECONDS = Pattern.compile("[0-9]{1,6}");

  private final HeadLocation head;
  private final Duration patience;
  private final Pauses pauses;
  private final HttpClient client;

  /** A clock, and what waits. */
  interface Pauses {
    /** Those of the system. */
    Pauses OF_SYSTEM =
        new Pauses() {
          @Override
          public long nanoTime() {
            return System.nanoTime();
          }

          @Override
          public void wait(Duration duration) throws InterruptedException {
            Thread.sleep(duration);
          }
        };

    long nanoTime();

    void wait(Duration duration) throws InterruptedException;
  }

  /**
   * A request.
   *
   * @param path with its query
   * @param json the body; null for none
   * @param isRepeatable whether it does no more if it is served twice
   */
  record Request(
      String method,
      String path,
      @Nullable String json,
      Map<String, String> headers,
      boolean isRepeatable) {
    /** Returns one that changes nothing. */
    static Request get(String path) {
      return new Request("GET", path, null, Map.of(), true);
    }

    /** Returns one that changes something, and nothing more if it is served twice. */
    static Request change(String method, String path, @Nullable String json) {
      return new Request(method, path, json, Map.of(), true);
    }

    /** Returns one that makes something each time it is served. */
    static Request once(String method, String path, @Nullable String json) {
      return new Request(method, path, json, Map.of(), false);
    }

    Request withHeader(String name, String value) {
      return new Request(method, path, json, Map.of(name, value), true);
    }
  }

  /** Why a request has failed, and whether and after which pause it may be sent again. */
  private record Failure(
      GrainClientException exception, boolean mayRepeat, Optional<Duration> pause) {
    static Failure last(GrainClientException exception) {
      return new Failure(exception, false, Optional.empty());
    }
  }

  /**
   * Makes it, without a connection.
   *
   * @param patience for how long it goes on to send a request
   */
  HeadCalls(HeadLocation head, Duration patience, Pauses pauses) {
    this.head = head;
    this.patience = patience;
    this.pauses = pauses;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_LIMIT)
            .followRedirects(HttpClient.Redirect.NEVER);
    head.trust().map(ServerTrust::context).ifPresent((SSLContext it) -> builder.sslContext(it));
    this.client = builder.build();
  }

  /** Returns the head. */
  HeadLocation head() {
    return head;
  }

  /**
   * Sends a request, and reads the answer.
   *
   * @throws GrainClientException if it was not fulfilled
   * @throws GrainInterruptedException if the thread is interrupted; the request may be served
   */
  <T> T call(Request request, Answer.Reading<T> reading) {
    HttpResponse<byte[]> answer = send(request);
    try {
      return reading.of(Answer.parse(answer.body()));
    } catch (UnexpectedException e) {
      throw unexpected(answer, String.valueOf(e.getMessage())).exception();
    }
  }

  /** Sends a request whose answer has no content; see {@link #call}. */
  void run(Request request) {
    send(request);
  }

  private HttpResponse<byte[]> send(Request request) {
    return send(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
  }

  /** An answer that is read as it comes. */
  record Opened(HttpResponse<InputStream> answer) implements AutoCloseable {
    InputStream body() {
      return answer.body();
    }

    /** Returns a header; empty if it is missing. */
    String header(String name) {
      return String.join(", ", answer.headers().allValues(name));
    }

    /** Returns a header that is a number; empty if it is missing or none. */
    OptionalLong number(String name) {
      String text = header(name);
      return NUMBER.matcher(text).matches()
          ? OptionalLong.of(Long.parseLong(text))
          : OptionalLong.empty();
    }

    /** Ends it, even if more is to come. */
    @Override
    public void close() {
      try {
        answer.body().close();
      } catch (IOException e) {
        // it has ended in another way
      }
    }
  }

  /** Sends a request, and returns when its answer begins; see {@link #call}. */
  Opened open(Request request) {
    return new Opened(send(request, HeadCalls::streamed));
  }

  /** Reads an answer as it comes, and a problem at once. */
  private static BodySubscriber<InputStream> streamed(HttpResponse.ResponseInfo info) {
    return info.statusCode() / 100 == 2
        ? BodySubscribers.ofInputStream()
        : BodySubscribers.mapping(
            BodySubscribers.limiting(BodySubscribers.ofByteArray(), MOST_BYTES),
            ByteArrayInputStream::new);
  }

  private <B> HttpResponse<B> send(Request request, BodyHandler<B> body) {
    HttpRequest http = http(request);
    long begin = pauses.nanoTime();
    Duration pause = FIRST_PAUSE;
    while (true) {
      Failure failure;
      try {
        HttpResponse<B> answer = client.send(http, body);
        if (answer.statusCode() / 100 == 2) {
          return answer;
        }
        failure = refused(answer, request);
      } catch (IOException e) {
        failure = lost(e, request);
      } catch (InterruptedException e) {
        throw interrupted();
      }
      Duration next = failure.pause().orElse(pause);
      long left = patience.toNanos() - (pauses.nanoTime() - begin);
      if (!failure.mayRepeat() || next.toNanos() > left) {
        throw failure.exception();
      }
      pause(next);
      Duration longer = pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
    }
  }

  /** Waits. */
  void pause(Duration pause) {
    try {
      pauses.wait(pause);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private GrainInterruptedException interrupted() {
    return new GrainInterruptedException("the answer of the head at " + head.url());
  }

  private HttpRequest http(Request request) {
    BodyPublisher body =
        request.json() == null
            ? BodyPublishers.noBody()
            : BodyPublishers.ofString(request.json(), StandardCharsets.UTF_8);
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(head.url() + request.path()))
            .method(request.method(), body)
            .timeout(ANSWER_LIMIT)
            .header("Accept", "application/json");
    if (request.json() != null) {
      builder.header("Content-Type", "application/json");
    }
    head.token().ifPresent(token -> builder.header("Authorization", "Bearer " + token));
    request.headers().forEach(builder::header);
    return builder.build();
  }

  // ---------------------------------------------------------------- what went wrong

  private Failure refused(HttpResponse<?> answer, Request request) {
    int status = answer.statusCode();
    boolean mayRepeat =
        switch (status) {
          case TOO_MANY_REQUESTS -> true;
          // what a gateway in front of a head answers while it is away, and the head itself
          case 502, 503, 504 -> request.isRepeatable();
          default -> false;
        };
    Optional<Duration> pause =
        answer
            .headers()
            .firstValue("Retry-After")
            .filter(text -> SECONDS.matcher(text).matches())
            .map(text -> Duration.ofSeconds(Long.parseLong(text)));
    return new Failure(problem(answer), mayRepeat, pause);
  }

  /** Returns the body of an answer that has been read. */
  private static byte[] bytes(HttpResponse<?> answer) {
    return switch (answer.body()) {
      case byte[] bytes -> bytes;
      case ByteArrayInputStream in -> {
        in.reset();
        yield in.readAllBytes();
      }
      default -> new byte[0];
    };
  }

  private GrainClientException problem(HttpResponse<?> answer) {
    try {
      Answer problem = Answer.parse(bytes(answer));
      Optional<String> type = Readings.type(problem);
      if (type.isPresent()) {
        return new GrainClientException(
            type.get(),
            answer.statusCode(),
            problem.text("detail"),
            problem.maybeList("problems", Readings::problem),
            null);
      }
    } catch (UnexpectedException e) {
      // then it is not one of a head
    }
    return unexpected(answer, "it is no problem that a head tells").exception();
  }

  private Failure unexpected(HttpResponse<?> answer, String what) {
    String media = answer.headers().firstValue("Content-Type").orElse("no type");
    String begin = new String(bytes(answer), StandardCharsets.UTF_8).strip();
    String shown = begin.substring(0, Math.min(LONGEST_SHOWN, begin.length()));
    return Failure.last(
        failure(
            GrainClientException.UNEXPECTED,
            answer.statusCode(),
            "What answers at %s is no head of Grain, or one of another version: status %s, %s (%s). It begins with \"%s\". Check the address; if it is right, compare 'grain --version' here and there."
                .formatted(
                    head.url(),
                    answer.statusCode(),
                    media,
                    what,
                    shown.replaceAll("\\p{Cntrl}+", " ")),
            null));
  }

  private static GrainClientException failure(
      String type, int status, String message, @Nullable Throwable cause) {
    return new GrainClientException(type, status, message, List.of(), cause);
  }

  private Failure lost(IOException e, Request request) {
    return switch (e) {
      case SSLHandshakeException _ -> Failure.last(untrusted(e));
      case SSLException _ ->
          Failure.last(
              unreachable(
                  "What answers at %s does not use TLS as heads do (%s). Check the address and the port, which usually is %s."
                      .formatted(head.url(), e.getMessage(), HeadLocation.PORT),
                  e));
      case ConnectException _ when e.getCause() instanceof UnresolvedAddressException ->
          Failure.last(
              unreachable(
                  "The name of the host in %s is not known. Check the address."
                      .formatted(head.url()),
                  e));
      case ConnectException _ ->
          repeatable(
              unreachable(
                  "Nothing accepts connections at %s. Check that the head runs ('grain head status' there), and the address."
                      .formatted(head.url()),
                  e));
      case HttpConnectTimeoutException _ ->
          repeatable(
              unreachable(
                  "Nothing answered at %s within %s seconds. Check the address, and that no firewall is between."
                      .formatted(head.url(), CONNECT_LIMIT.toSeconds()),
                  e));
      case HttpTimeoutException _ ->
          new Failure(
              unreachable(
                  "The head at %s did not answer within %s seconds.%s"
                      .formatted(head.url(), ANSWER_LIMIT.toSeconds(), doubt(request)),
                  e),
              request.isRepeatable(),
              Optional.empty());
      default ->
          new Failure(
              unreachable(
                  "The connection to the head at %s was lost (%s).%s"
                      .formatted(head.url(), e.getMessage(), doubt(request)),
                  e),
              request.isRepeatable(),
              Optional.empty());
    };
  }

  /** Returns what to throw if an answer that had begun was lost. */
  GrainClientException lost(IOException e) {
    return unreachable(
        "The connection to the head at %s was lost (%s). Repeat the request."
            .formatted(head.url(), e.getMessage()),
        e);
  }

  private static Failure repeatable(GrainClientException exception) {
    return new Failure(exception, true, Optional.empty());
  }

  private static String doubt(Request request) {
    return request.isRepeatable()
        ? " Repeat the request."
        : " It may have done what it was asked for: look before you repeat it.";
  }

  private static GrainClientException unreachable(String message, IOException e) {
    return failure(GrainClientException.UNREACHABLE, 0, message, e);
  }

  private GrainClientException untrusted(IOException e) {
    Optional<String> shown = ServerTrust.refused(e);
    String message =
        head.trust().isPresent()
            ? "What answers at %s has the key %s, but the head has the key %s. Either the head has a new key: then compare it with what 'grain head start' prints there, and log in again. Or somebody pretends to be the head."
                .formatted(head.url(), shown.orElse("that it did not show"), head.trust().get())
            : "The certificate of the head at %s is signed by nobody whom this computer trusts, and its key is not known. Log in once by 'grain login %s', or name the fingerprint of its key by --fingerprint or GRAIN_FINGERPRINT."
                .formatted(head.url(), head.url());
    return failure(GrainClientException.UNTRUSTED, 0, message, e);
  }

  /** Ends it; requests that are being served fail. */
  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }
}
