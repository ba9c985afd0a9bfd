package dev.grain.service.http;

import dev.grain.service.api.Node;
import dev.grain.service.api.NodeService;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;

/** Workers as a head has them, without processes. */
final class ListedNodes implements NodeService {
  private final Map<String, Node.State> states = new ConcurrentHashMap<>();
  private final List<String> names;

  ListedNodes(String... names) {
    this.names = List.of(names);
  }

  private Node node(String name) {
    SequencedMap<String, Node.Amount> amounts = new LinkedHashMap<>();
    amounts.put("cpu", new Node.Amount(8, 2.5));
    amounts.put("memory", new Node.Amount(64.0 * (1L << 30), 1L << 30));
    amounts.put("port", new Node.Amount(10, 10));
    return new Node(
        "id-of-" + name,
        name,
        "10.0.0.7:4711",
        states.getOrDefault(name, Node.State.CONNECTED),
        Instant.EPOCH,
        amounts,
        3,
        "0.1.0");
  }

  @Override
  public List<Node> nodes() {
    return names.stream()
        .filter(each -> states.get(each) != Node.State.AWAY)
        .map(this::node)
        .toList();
  }

  private Optional<Node> change(String name, Node.State state) {
    return nodes().stream()
        .filter(each -> each.name().equals(name) || each.id().equals(name))
        .findFirst()
        .map(each -> {
          states.put(each.name(), state);
          return node(each.name());
        });
  }

  @Override
  public Optional<Node> drain(String node) {
    return change(node, Node.State.DRAINING);
  }

  @Override
  public Optional<Node> kill(String node) {
    return change(node, Node.State.DRAINING);
  }
}
