package dev.grain.service.http;

import dev.grain.key.ServerKey;
import dev.grain.service.event.JobEvents;
import dev.grain.service.http.Refusal.Kind;
import dev.grain.service.metrics.HeadMetrics;
import dev.grain.service.store.Store;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import io.javalin.http.NotFoundResponse;
import io.javalin.router.Endpoint;
import io.javalin.util.JavalinException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.VirtualThreadPool;

/**
 * Serves the jobs, their logs, blobs and users of a head by HTTP. For any thread.
 *
 * <p>Callers recognize it by the fingerprint of its key, unless it serves without TLS. Each request
 * has a virtual thread of its own, of a bounded number. What it changes is on the disk when it is
 * answered.
 */
public final class HttpServer implements AutoCloseable {
  static final String PROBLEM = "application/problem+json";

  private static final System.Logger LOG = System.getLogger("dev.grain.head");
  private static final int MOST_CONNECTIONS = 4096;
  private static final int MOST_REQUESTS = 2048;
  private static final int MOST_PLATFORM_THREADS = 16;
  private static final long IDLE_MILLIS = 60_000;

  private final Entrance entrance;
  private final Clock clock;
  private final JobEvents events;
  private final HeadMetrics metrics;
  private final Refusals refusals = new Refusals();
  private final LogRoutes logRoutes;
  private final List<Route> routes = new ArrayList<>();
  private final Javalin javalin;
  private final LongSupplier nanoTime;
  private final AtomicInteger calls = new AtomicInteger();

  // written by the threads of requests: when the last one that came with a token ended
  private volatile long lastCall;

  private HttpServer(HttpSettings settings, Services services, Timing timing) {
    Store store = services.store();
    this.entrance = new Entrance(store, new Rates(timing.nanoTime()));
    this.clock = timing.clock();
    this.nanoTime = timing.nanoTime();
    this.lastCall = nanoTime.getAsLong();
    this.events = new JobEvents(store);
    this.metrics = new HeadMetrics(store, events, services.nodes());
    this.logRoutes = new LogRoutes(store, services.logs(), entrance, timing);
    routes.addAll(new JobRoutes(store, services.jobs()).all());
    routes.addAll(logRoutes.all());
    routes.addAll(new ResultRoutes(store, services.blobs()).all());
    routes.addAll(new EventRoutes(store, events, entrance, timing).all());
    routes.addAll(new NodeRoutes(store, services.nodes()).all());
    routes.addAll(new BlobRoutes(services.blobs()).all());
    routes.addAll(new UserRoutes(store).all());
    routes.addAll(new MetricsRoutes(metrics, entrance, clock, settings.tls().isPresent()).all());
    routes.addAll(new PageRoutes().all());
    routes.addAll(0, new HeadRoutes(store).all(routes));
    this.javalin = Javalin.create(config -> configure(config, settings));
  }

  /**
   * Starts a server.
   *
   * @throws IOException if its address cannot be used; the message says what to do
   */
  public static HttpServer start(HttpSettings settings, Services services) throws IOException {
    return start(settings, services, Timing.USUAL);
  }

  static HttpServer start(HttpSettings settings, Services services, Timing timing)
      throws IOException {
    HttpServer server = new HttpServer(settings, services, timing);
    try {
      server.javalin.start();
      return server;
    } catch (JavalinException e) {
      server.close();
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException(
          "HTTP cannot be served at %s:%s (%s). Stop what listens there, or name another address."
              .formatted(settings.host(), settings.port(), cause.getMessage()),
          e);
    }
  }

  private void configure(JavalinConfig config, HttpSettings settings) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.prefer405over404 = true;
    config.http.compressionStrategy = CompressionStrategy.NONE;
    config.jetty.threadPool = threads();
    config.jetty.modifyServer(server -> {
      server.setErrorHandler(new ProblemPage(refusals));
      server.addBean(new NetworkConnectionLimit(MOST_CONNECTIONS, server));
    });
    config.jetty.modifyServletContextHandler(
        context -> context.setErrorHandler(new ProblemPage(refusals)));
    config.jetty.addConnector((server, http) -> connector(server, http, settings));
    config.routes.before(HttpServer::protect);
    for (Route each : routes) {
      config.routes.addEndpoint(
          new Endpoint(each.method(), each.path(), context -> serve(each, context)));
    }
    config.routes.exception(Exception.class, this::refuse);
    // Javalin has a handler of its own for these
    config.routes.exception(HttpResponseException.class, this::refuse);
    config.router.javaLangErrorHandler((response, error) -> {
      Refusal refusal = refusals.of(error);
      response.setStatus(refusal.kind().status());
      response.setContentType(PROBLEM);
      try {
        response.getOutputStream().write(refusal.toJson().toBytes());
      } catch (IOException e) {
        LOG.log(System.Logger.Level.DEBUG, "The caller has gone", e);
      }
    });
  }

  /** Javalin's own has no bound. */
  private static QueuedThreadPool threads() {
    VirtualThreadPool virtual = new VirtualThreadPool(MOST_REQUESTS);
    virtual.setName("grain-request");
    QueuedThreadPool platform = new QueuedThreadPool(MOST_PLATFORM_THREADS);
    platform.setName("grain-http");
    platform.setVirtualThreadsExecutor(virtual);
    return platform;
  }

  private static ServerConnector connector(
      Server server, HttpConfiguration http, HttpSettings settings) {
    http.setSendServerVersion(false);
    HttpConnectionFactory plain = new HttpConnectionFactory(http);
    ConnectionFactory[] factories =
        settings
            .tls()
            .map(key -> new ConnectionFactory[] {tls(key, plain), plain})
            .orElseGet(() -> new ConnectionFactory[] {plain});
    ServerConnector connector = new ServerConnector(server, 1, 1, factories);
    connector.setHost(settings.host());
    connector.setPort(settings.port());
    connector.setIdleTimeout(IDLE_MILLIS);
    return connector;
  }

  private static SslConnectionFactory tls(ServerKey key, HttpConnectionFactory next) {
    // callers know the key, by whatever name they call
    next.getHttpConfiguration().addCustomizer(new SecureRequestCustomizer(false));
    SslContextFactory.Server context = new SslContextFactory.Server();
    context.setSslContext(key.context());
    context.setSniRequired(false);
    return new SslConnectionFactory(context, next.getProtocol());
  }

  private static void protect(Context context) {
    context.header("X-Content-Type-Options", "nosniff").header("Cache-Control", "no-store");
  }

  // ---------------------------------------------------------------- requests

  private void serve(Route route, Context context) throws Exception {
    Instant now = clock.instant();
    Caller caller =
        route.role().isEmpty()
            ? null
            : entrance.admit(route.role().get(), context.header("Authorization"), now);
    if (caller == null) {
      route.handling().handle(new Call(route, context, null, now));
      return;
    }
    calls.incrementAndGet();
    try {
      route.handling().handle(new Call(route, context, caller, now));
    } finally {
      lastCall = nanoTime.getAsLong();
      calls.decrementAndGet();
    }
  }

  private void refuse(Exception thrown, Context context) {
    if (context.res().isCommitted()) {
      // the answer has begun, so the caller learns of it by its end
      LOG.log(System.Logger.Level.DEBUG, "An answer was not completed", thrown);
      return;
    }
    Refusal refusal = refusal(thrown, context);
    if (refusal.kind() == Kind.UNAUTHENTICATED) {
      Bodies.close(context);
    } else {
      Bodies.drain(context);
    }
    refusal.headers().forEach(context::header);
    context.status(refusal.kind().status()).contentType(PROBLEM).result(refusal.toJson().toBytes());
  }

  private Refusal refusal(Exception thrown, Context context) {
    return switch (thrown) {
      case NotFoundResponse _ ->
          new Refusal(
              Kind.NOT_FOUND,
              "There is nothing at %s. What is served begins with %s."
                  .formatted(Texts.shown(context.path()), Route.API));
      case MethodNotAllowedResponse _ -> {
        String allowed = allowed(context);
        yield new Refusal(
                Kind.METHOD_NOT_ALLOWED,
                "%s has no method %s. It has %s."
                    .formatted(Texts.shown(context.path()), context.method(), allowed))
            .with("Allow", allowed);
      }
      default -> refusals.of(thrown);
    };
  }

  private String allowed(Context context) {
    return routes.stream()
        .filter(route -> route.matches(context.path()))
        .map(route -> route.method().name())
        .collect(Collectors.joining(", "));
  }

  /** Returns what is served. */
  List<Route> routes() {
    return List.copyOf(routes);
  }

  /** Returns for how long no user has called; zero during a call. */
  public Duration idle() {
    return calls.get() > 0
        ? Duration.ZERO
        : Duration.ofNanos(Math.max(0, nanoTime.getAsLong() - lastCall));
  }

  /** Returns the port that is listened on, which was chosen if the settings have 0. */
  public int port() {
    return javalin.port();
  }

  /** Ends the server; requests that are being served fail. */
  @Override
  public void close() {
    // the requests of listeners end by this
    events.close();
    metrics.close();
    logRoutes.close();
    javalin.stop();
  }
}
