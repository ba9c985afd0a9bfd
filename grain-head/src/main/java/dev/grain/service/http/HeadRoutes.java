package dev.grain.service.http;

import dev.grain.service.store.Store;
import io.javalin.http.HandlerType;

/** What a head tells of itself. */
final class HeadRoutes {
  private HeadRoutes() {}

  /** Returns the one by which it is found out whether the head works. */
  static Route health(Store store) {
    return Route.open(
        HandlerType.GET,
        "/health",
        call -> {
          int one = store.read(handle -> handle.createQuery("SELECT 1").mapTo(Integer.class).one());
          assert one == 1;
          call.answer(200, new JsonObject().put("status", "up"));
        });
  }
}
