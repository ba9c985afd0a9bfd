package dev.grain.cli.head;

import dev.grain.client.GrainClient;
import dev.grain.client.GrainClient.Explanation;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code grain explain}. */
@Command(
    name = "grain explain",
    description = {
      "Prints why jobs are where they are: what they wait for, or why they failed.",
      "",
      "  grain explain abc"
    })
final class ExplainCommand extends ClientCommand implements Callable<Integer> {
  @Mixin private final Ids ids = new Ids();
  @Mixin private final JsonFlag format = new JsonFlag();

  ExplainCommand(Surroundings around) {
    super(around);
  }

  @Override
  public Integer call() {
    return call(client -> eachJob(client, ids.all, id -> show(client, id)));
  }

  private void show(GrainClient client, String id) {
    Explanation explanation = client.explain(id);
    print(
        format.json
            ? Json.of(explanation)
            : "%s: %s. %s"
                .formatted(explanation.id(), explanation.state(), explanation.text().strip()));
  }
}
