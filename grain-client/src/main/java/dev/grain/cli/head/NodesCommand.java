package dev.grain.cli.head;

import dev.grain.client.GrainClient;
import dev.grain.client.HeadNode;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code grain nodes}. */
@Command(
    name = "grain nodes",
    description = {
      "Lists the workers that have joined a head, drains and kills them.",
      "",
      "  grain nodes",
      "  grain nodes drain node-7 'gpu-*'",
      "  grain nodes kill node-7"
    })
final class NodesCommand extends ClientCommand implements Callable<Integer> {
  @Mixin private final JsonFlag format = new JsonFlag();

  NodesCommand(Surroundings around) {
    super(around);
  }

  /** The workers that a command line names. Picocli sets it once. */
  static final class Patterns {
    @Parameters(
        arity = "1..*",
        paramLabel = "NODE",
        description = "Names or ids of workers; 'gpu-*' for all whose names begin so.")
    private List<String> all = List.of();

    Patterns() {}
  }

  /** Does something with a worker. */
  private interface OnNode {
    String run(String id);
  }

  @Override
  public Integer call() {
    return list();
  }

  @Command(name = "list", description = "Lists the workers.")
  int list() {
    return call(client -> Tables.nodes(this, client, format.json));
  }

  @Command(
      name = "drain",
      description =
          "Has workers end without losing work: they take no more jobs, and end when those that they have started have ended. For admins.")
  int drain(@Mixin Patterns patterns) {
    return call(client -> each(client, patterns.all, client::drain));
  }

  @Command(
      name = "kill",
      description =
          "Has workers end at once: their jobs are stopped and run again elsewhere. For admins.")
  int kill(@Mixin Patterns patterns) {
    return call(client -> each(client, patterns.all, client::kill));
  }

  private int each(GrainClient client, List<String> patterns, OnNode action) {
    List<HeadNode> nodes = client.nodes();
    return each(
        client,
        patterns,
        pattern -> {
          List<HeadNode> meant = matching(nodes, pattern);
          // the head says what there is instead
          List<String> ids =
              meant.isEmpty() ? List.of(pattern) : meant.stream().map(HeadNode::id).toList();
          for (String id : ids) {
            show(meant, id, action.run(id));
          }
        },
        " 'grain nodes' lists the workers.");
  }

  private static List<HeadNode> matching(List<HeadNode> nodes, String pattern) {
    List<HeadNode> exact =
        nodes.stream()
            .filter(each -> each.name().equals(pattern) || each.id().equals(pattern))
            .toList();
    if (!exact.isEmpty() || !pattern.contains("*")) {
      return exact;
    }
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
    List<HeadNode> matching = new ArrayList<>();
    for (HeadNode each : nodes) {
      if (matcher.matches(Path.of(each.name()))) {
        matching.add(each);
      }
    }
    return matching;
  }

  private void show(List<HeadNode> nodes, String id, String state) {
    String name =
        nodes.stream()
            .filter(each -> each.id().equals(id))
            .map(HeadNode::name)
            .findFirst()
            .orElse(id);
    print(
        format.json
            ? new Json().put("id", id).put("name", name).put("state", state)
            : "%s: %s".formatted(name, state));
  }
}
