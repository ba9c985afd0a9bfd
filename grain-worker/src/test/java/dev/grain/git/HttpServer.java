package dev.grain.git;

import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A web server for the repositories in a folder, by {@code git http-backend}, on this machine only.
 */
public final class HttpServer implements AutoCloseable {
  private final Path repositories;
  private final @Nullable String login;
  private final com.sun.net.httpserver.HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  // set by the test, read by threads of the server
  private volatile @Nullable String redirect;
  // set by the test, read by threads of the server
  private volatile boolean old;

  private HttpServer(Path repositories, @Nullable String login) throws IOException {
    this.repositories = repositories;
    this.login = login;
    this.server =
        com.sun.net.httpserver.HttpServer.create(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /**
   * Starts one.
   *
   * @param login {@code user:password}, or null for a server that lets everybody in
   */
  public static HttpServer start(Path repositories, @Nullable String login) throws IOException {
    return new HttpServer(repositories, login);
  }

  String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  public String url(String path) {
    return "http://" + host() + "/" + path;
  }

  /** Returns what was asked: the method, the path, and the login if there was one. */
  List<String> requests() {
    return requests;
  }

  /** From now on sends everybody elsewhere. */
  void redirectTo(String url) {
    redirect = url;
  }

  /** From now on speaks the protocol that servers had before 2018. */
  void speakOldProtocol() {
    old = true;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String given = exchange.getRequestHeaders().getFirst("Authorization");
      String plain =
          given == null
              ? ""
              : " "
                  + new String(
                      Base64.getDecoder().decode(given.replace("Basic ", "")),
                      StandardCharsets.UTF_8);
      requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + plain);
      String elsewhere = redirect;
      if (elsewhere != null) {
        exchange.getResponseHeaders().set("Location", elsewhere + exchange.getRequestURI());
        exchange.sendResponseHeaders(301, -1);
      } else if (login != null && !plain.equals(" " + login)) {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"test\"");
        exchange.sendResponseHeaders(401, -1);
      } else {
        backend(exchange);
      }
    }
  }

  private void backend(HttpExchange exchange) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("git", "http-backend").redirectError(ProcessBuilder.Redirect.DISCARD);
    Map<String, String> environment = builder.environment();
    TestRepository.isolate(environment, repositories);
    environment.put("GIT_PROJECT_ROOT", repositories.toString());
    environment.put("GIT_HTTP_EXPORT_ALL", "1");
    environment.put("REQUEST_METHOD", exchange.getRequestMethod());
    environment.put("PATH_INFO", exchange.getRequestURI().getPath());
    String query = exchange.getRequestURI().getQuery();
    environment.put("QUERY_STRING", query == null ? "" : query);
    header(exchange, "Content-Type", environment, "CONTENT_TYPE");
    header(exchange, "Content-Encoding", environment, "HTTP_CONTENT_ENCODING");
    if (!old) {
      header(exchange, "Git-Protocol", environment, "GIT_PROTOCOL");
    }
    byte[] body = exchange.getRequestBody().readAllBytes();
    environment.put("CONTENT_LENGTH", Integer.toString(body.length));
    Process process = builder.start();
    try {
      process.getOutputStream().write(body);
      process.getOutputStream().close();
      answer(exchange, process.getInputStream());
    } finally {
      process.destroyForcibly().onExit().join();
    }
  }

  private static void header(
      HttpExchange exchange, String header, Map<String, String> environment, String name) {
    String value = exchange.getRequestHeaders().getFirst(header);
    if (value != null) {
      environment.put(name, value);
    }
  }

  private static void answer(HttpExchange exchange, InputStream output) throws IOException {
    int status = 200;
    for (String line = line(output); !line.isEmpty(); line = line(output)) {
      String[] parts = line.split(": ", 2);
      if (parts[0].equals("Status")) {
        status = Integer.parseInt(parts[1].substring(0, 3));
      } else {
        exchange.getResponseHeaders().set(parts[0], parts[1]);
      }
    }
    exchange.sendResponseHeaders(status, 0);
    output.transferTo(exchange.getResponseBody());
  }

  private static String line(InputStream output) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = output.read(); b >= 0 && b != '\n'; b = output.read()) {
      line.write(b);
    }
    return line.toString(StandardCharsets.US_ASCII).strip();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
