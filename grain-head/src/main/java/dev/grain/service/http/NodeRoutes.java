package dev.grain.service.http;

import static io.javalin.http.HandlerType.GET;
import static io.javalin.http.HandlerType.POST;

import dev.grain.service.api.Node;
import dev.grain.service.api.NodeService;
import dev.grain.service.http.Refusal.Kind;
import dev.grain.service.store.Audit;
import dev.grain.service.store.Role;
import dev.grain.service.store.Store;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Lists the workers of a head, and has them end. For any thread. */
final class NodeRoutes {
  private static final String NAME = "name";
  private static final String NODE = "/nodes/{name}";

  /** The kinds that have members of their own; "gpu" is "gpus" there. */
  private static final Map<String, String> OWN =
      Map.of("cpu", "cpu", "memory", "memory", "gpu", "gpus");

  private final Store store;
  private final NodeService nodes;

  NodeRoutes(Store store, NodeService nodes) {
    this.store = store;
    this.nodes = nodes;
  }

  List<Route> all() {
    return List.of(
        Route.of(GET, "/nodes", Role.READ, "List the workers.", this::list)
            .answers(200, "Nodes", "Those that have joined, in the order in which they did."),
        end("drain", "Have a worker end when the jobs that run there have ended.", nodes::drain),
        end("kill", "Have a worker end at once; its jobs run again elsewhere.", nodes::kill));
  }

  private Route end(String action, String summary, Function<String, Optional<Node>> end) {
    return Route.of(POST, NODE + "/" + action, Role.ADMIN, summary, call -> end(call, action, end))
        .answers(200, "NodeState", "The worker is told so, or will be when it is back.");
  }

  private void list(Call call) {
    List<JsonObject> all = nodes.nodes().stream().map(NodeRoutes::json).toList();
    call.answer(200, new JsonObject().put("nodes", all));
  }

  private static JsonObject json(Node node) {
    JsonObject json =
        new JsonObject()
            .put("id", node.id())
            .put(NAME, node.name())
            .put("address", node.address())
            .put("state", node.state())
            .put("since", node.since());
    JsonObject others = new JsonObject();
    node.amounts()
        .forEach((kind, amount) -> {
          String member = OWN.get(kind);
          if (member == null) {
            others.put(kind, json(amount));
          } else {
            json.put(member, json(amount));
          }
        });
    return json.put("others", others).put("jobs", node.jobs()).put("version", node.version());
  }

  private static JsonObject json(Node.Amount amount) {
    return new JsonObject().put("total", number(amount.total())).put("free", number(amount.free()));
  }

  /** Returns a number that is written without a point if it is whole, as bytes are. */
  private static Object number(double value) {
    long whole = (long) value;
    Object number = value;
    return whole == value ? (Object) whole : number;
  }

  private void end(Call call, String action, Function<String, Optional<Node>> end) {
    String name = call.path(NAME);
    boolean there =
        nodes.nodes().stream().anyMatch(each -> each.name().equals(name) || each.id().equals(name));
    if (!there) {
      throw unknown(name);
    }
    var _ =
        Waiting.forValue(
            store.write(handle -> {
              new Audit(handle).add(call.by(), "node." + action, name);
              return true;
            }));
    Node node = end.apply(name).orElseThrow(() -> unknown(name));
    call.answer(
        200,
        new JsonObject().put("id", node.id()).put(NAME, node.name()).put("state", node.state()));
  }

  private static Refusal unknown(String name) {
    return new Refusal(
        Kind.NOT_FOUND,
        "There is no worker \"%s\". Use its name or its id; GET %s/nodes lists the workers."
            .formatted(Texts.shown(name), Route.API));
  }
}
