package dev.grain.cli.head;

import dev.grain.client.HeadUser;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code grain users}. */
@Command(
    name = "grain users",
    description = {
      "Lists and changes who may use a head. For admins.",
      "",
      "  grain users add bob --role submit",
      "  grain tokens add laptop --owner bob",
      "  grain users role bob read",
      "  grain users remove bob",
      "",
      "Roles: read sees its own jobs, submit also submits and changes them, admin sees and changes"
          + " everything."
    })
final class UsersCommand extends ClientCommand implements Runnable {
  @Mixin private final JsonFlag format = new JsonFlag();

  UsersCommand(Surroundings around) {
    super(around);
  }

  @Override
  public void run() {
    throw missing();
  }

  private void show(HeadUser user) {
    print(format.json ? Json.of(user) : "%s: %s".formatted(user.name(), user.role()));
  }

  @Command(name = "list", description = "Lists the users.")
  int list() {
    return call(client -> Tables.users(this, client, format.json));
  }

  @Command(name = "add", description = "Adds a user. 'grain tokens add' makes its token.")
  int add(
      @Parameters(paramLabel = "NAME", description = "The user.") String name,
      @Option(
              names = "--role",
              paramLabel = "ROLE",
              required = true,
              description = "read, submit or admin.")
          String role) {
    return call(client -> {
      show(client.addUser(name, role));
      return 0;
    });
  }

  @Command(name = "role", description = "Gives a user another role.")
  int role(
      @Parameters(paramLabel = "NAME", description = "The user.") String name,
      @Parameters(paramLabel = "ROLE", description = "read, submit or admin.") String role) {
    return call(client -> {
      show(client.changeRole(name, role));
      return 0;
    });
  }

  @Command(name = "remove", description = "Removes users and their tokens. Their jobs stay.")
  int remove(
      @Parameters(arity = "1..*", paramLabel = "NAME", description = "The users.")
          List<String> names) {
    return call(
        client -> each(client, names, client::removeUser, " 'grain users list' lists the users."));
  }
}
