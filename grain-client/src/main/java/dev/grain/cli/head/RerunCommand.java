package dev.grain.cli.head;

import dev.grain.client.GrainClient;
import dev.grain.client.GrainClient.Submitted;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code grain rerun}. */
@Command(
    name = "grain rerun",
    description = {
      "Submits jobs once more, as new jobs with the same specs.",
      "",
      "  grain rerun abc",
      "  grain list --state FAILED --json | jq -r .id | xargs grain rerun",
      "  grain list --label rerun-of=26-11-30-3-abc"
    })
final class RerunCommand extends ClientCommand implements Callable<Integer> {
  @Mixin private final Ids ids = new Ids();

  @Option(
      names = {"-n", "--name"},
      paramLabel = "NAME",
      description = "The name of the new jobs. Default: that of the old ones.")
  private @Nullable String name;

  @Mixin private final JsonFlag format = new JsonFlag();

  RerunCommand(Surroundings around) {
    super(around);
  }

  @Override
  public Integer call() {
    return call(client -> eachJob(client, ids.all, id -> rerun(client, id)));
  }

  private void rerun(GrainClient client, String id) {
    Submitted job = client.rerun(id, Optional.ofNullable(name));
    print(
        format.json
            ? new Json().put("id", job.id()).put("state", job.state()).put("rerunOf", id)
            : "%s: %s".formatted(job.id(), job.state()));
  }
}
