package dev.grain.service.http;

import static io.javalin.http.HandlerType.GET;

import dev.grain.service.metrics.HeadMetrics;
import dev.grain.service.store.Role;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;

/** Serves numbers about the head to Prometheus. For any thread. */
final class MetricsRoutes {
  private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final HeadMetrics metrics;
  private final Entrance entrance;
  private final Clock clock;
  private final boolean trustsLoopback;

  /**
   * Makes them.
   *
   * @param trustsLoopback whether callers on this machine need no token; false if one of them is a
   *     proxy for others
   */
  MetricsRoutes(HeadMetrics metrics, Entrance entrance, Clock clock, boolean trustsLoopback) {
    this.metrics = metrics;
    this.entrance = entrance;
    this.clock = clock;
    this.trustsLoopback = trustsLoopback;
  }

  List<Route> all() {
    return List.of(
        Route.open(
                GET,
                "/metrics",
                "Show numbers about the head, to admins and to callers on its machine.",
                this::scrape)
            .answers(200, Route.TEXT, "In the text format of Prometheus."));
  }

  private void scrape(Call call) {
    boolean anonymous = call.header("Authorization").isEmpty();
    if (!(anonymous && trustsLoopback && isOfThisMachine(call))) {
      var _ =
          entrance.admit(Role.ADMIN, call.header("Authorization").orElse(null), clock.instant());
    }
    call.context().contentType(TYPE).result(metrics.scrape());
  }

  private static boolean isOfThisMachine(Call call) {
    boolean forwarded =
        Stream.of("Forwarded", "X-Forwarded-For", "Via")
            .anyMatch(each -> call.header(each).isPresent());
    try {
      // an address, so that nothing is looked up
      return !forwarded
          && InetAddress.getByName(call.context().req().getRemoteAddr()).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
