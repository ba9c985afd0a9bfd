package dev.grain.service.http;

import dev.grain.service.store.Store;
import io.javalin.http.HandlerType;
import java.util.ArrayList;
import java.util.List;

/** What a head tells everybody of itself. */
final class HeadRoutes {
  private final Store store;

  // set before the server starts
  private byte[] document = {};

  HeadRoutes(Store store) {
    this.store = store;
  }

  /** Returns the routes, and describes them together with others. */
  List<Route> all(List<Route> others) {
    List<Route> own =
        List.of(
            Route.open(HandlerType.GET, "/health", "Tell whether the head works.", this::health)
                .answers(200, "Health", "It does."),
            Route.open(HandlerType.GET, "/openapi.json", "Describe the interface.", this::openApi)
                .answers(200, "Document", "An OpenAPI 3.1 document."));
    List<Route> all = new ArrayList<>(own);
    all.addAll(others);
    document = OpenApi.document(all);
    return own;
  }

  private void health(Call call) {
    int one = store.read(handle -> handle.createQuery("SELECT 1").mapTo(Integer.class).one());
    assert one == 1;
    call.answer(200, new JsonObject().put("status", "up"));
  }

  private void openApi(Call call) {
    call.context().contentType("application/json").result(document);
  }
}
