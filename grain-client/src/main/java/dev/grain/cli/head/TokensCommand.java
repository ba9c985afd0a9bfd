package dev.grain.cli.head;

import dev.grain.cli.Converters;
import dev.grain.client.GrainClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code grain tokens}. */
@Command(
    name = "grain tokens",
    description = {
      "Lists, makes and revokes the tokens by which users prove who they are to a head.",
      "",
      "  grain tokens add laptop --expires 90d > token",
      "  grain tokens add ci --owner bob",
      "  grain tokens list",
      "  grain tokens revoke 7",
      "",
      "Users change their own tokens, and admins those of all."
    })
final class TokensCommand extends ClientCommand implements Runnable {
  @Mixin private final JsonFlag format = new JsonFlag();

  TokensCommand(Surroundings around) {
    super(around);
  }

  @Override
  public void run() {
    throw missing();
  }

  @Command(name = "list", description = "Lists tokens, without what is secret of them.")
  int list(
      @Option(names = "--owner", paramLabel = "USER", description = "Those of this user.")
          @Nullable String owner) {
    return call(client -> Tables.tokens(this, client, Optional.ofNullable(owner), format.json));
  }

  @Command(name = "add", description = "Makes a token, and prints it. It cannot be printed again.")
  int add(
      @Parameters(paramLabel = "LABEL", description = "What it is for, such as laptop.")
          String label,
      @Option(
              names = "--owner",
              paramLabel = "USER",
              description = "For whom it acts. Default: for you.")
          @Nullable String owner,
      @Option(
              names = "--expires",
              paramLabel = "TIME",
              converter = Converters.Time.class,
              description = "After which time it stops working, such as 90d. Default: never.")
          @Nullable Duration expires) {
    return call(client -> {
      Optional<Instant> end = Optional.ofNullable(expires).map(around.clock().instant()::plus);
      GrainClient.NewToken made = client.createToken(label, Optional.ofNullable(owner), end);
      if (format.json) {
        print(Json.of(made.token()).put("token", made.secret()));
      } else {
        print(made.secret());
        tell(
            "This is token %s, for %s. It is not shown again: keep it as a password."
                .formatted(made.token().number(), made.token().owner()));
      }
      return 0;
    });
  }

  @Command(name = "revoke", description = "Revokes tokens: they stop working at once.")
  int revoke(
      @Parameters(
              arity = "1..*",
              paramLabel = "NUMBER",
              description = "Their numbers, as 'list' prints them.")
          List<Long> numbers) {
    return call(client ->
        each(
            client,
            numbers.stream().map(String::valueOf).toList(),
            number -> client.revokeToken(Long.parseLong(number)),
            " 'grain tokens list' lists the tokens."));
  }
}
