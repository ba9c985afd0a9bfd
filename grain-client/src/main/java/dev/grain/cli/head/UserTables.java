package dev.grain.cli.head;

import dev.grain.cli.Table;
import dev.grain.client.GrainClient;
import dev.grain.client.HeadToken;
import dev.grain.client.HeadUser;
import java.util.List;
import java.util.Optional;

/** Prints users and tokens, for the commands that list them. */
final class UserTables {
  private UserTables() {}

  private static Times times(ClientCommand command) {
    return new Times(command.around.zone(), command.around.clock().instant());
  }

  private static void print(ClientCommand command, Table table) {
    table.lines(command.around.columns().get()).forEach(command::print);
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
