package dev.grain.cli.head;

import dev.grain.cli.Table;
import dev.grain.client.GrainClient;
import dev.grain.client.HeadNode;
import dev.grain.client.HeadToken;
import dev.grain.client.HeadUser;
import dev.grain.text.Decimals;
import dev.grain.text.MemoryUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleFunction;

/** Prints workers, users and tokens, for the commands that list them. */
final class Tables {
  private Tables() {}

  private static Times times(ClientCommand command) {
    return new Times(command.around.zone(), command.around.clock().instant());
  }

  private static void print(ClientCommand command, Table table) {
    table.lines(command.around.columns().get()).forEach(command::print);
  }

  static int nodes(ClientCommand command, GrainClient client, boolean json) {
    List<HeadNode> nodes = client.nodes();
    if (json) {
      nodes.forEach(each -> command.print(Json.of(each)));
      return 0;
    }
    if (nodes.isEmpty()) {
      command.tell("No worker has joined. Start one by 'grain-worker --head HOST:15319'.");
      return 0;
    }
    Times times = times(command);
    Table table =
        new Table(List.of("NAME", "STATE", "JOBS", "CPU", "MEMORY", "GPU", "SINCE", "ADDRESS"));
    for (HeadNode each : nodes) {
      table.add(
          List.of(
              each.name(),
              each.state(),
              Long.toString(each.jobs()),
              free(each, "cpu", Decimals::of),
              free(each, "memory", bytes -> MemoryUnit.readable((long) bytes)),
              free(each, "gpus", Decimals::of),
              times.moment(each.since()),
              each.address()));
    }
    print(command, table);
    return 0;
  }

  private static String free(HeadNode node, String kind, DoubleFunction<String> format) {
    HeadNode.Amount amount = node.amounts().get(kind);
    return amount == null
        ? ""
        : "%s of %s".formatted(format.apply(amount.free()), format.apply(amount.total()));
  }

  static int users(ClientCommand command, GrainClient client, boolean json) {
    List<HeadUser> users = client.users();
    if (json) {
      users.forEach(each -> command.print(Json.of(each)));
      return 0;
    }
    Times times = times(command);
    Table table = new Table(List.of("NAME", "ROLE", "SINCE"));
    for (HeadUser each : users) {
      table.add(List.of(each.name(), each.role(), times.moment(each.created())));
    }
    print(command, table);
    return 0;
  }

  static int tokens(
      ClientCommand command, GrainClient client, Optional<String> owner, boolean json) {
    List<HeadToken> tokens = client.tokens(owner);
    if (json) {
      tokens.forEach(each -> command.print(Json.of(each)));
      return 0;
    }
    Times times = times(command);
    Table table = new Table(List.of("NUMBER", "OWNER", "LABEL", "CREATED", "EXPIRES", "USED"));
    for (HeadToken each : tokens) {
      table.add(
          List.of(
              Long.toString(each.number()),
              each.owner(),
              each.label(),
              times.moment(each.created()),
              each.expires().map(times::moment).orElse("never"),
              each.used().map(times::moment).orElse("never")));
    }
    print(command, table);
    return 0;
  }
}
