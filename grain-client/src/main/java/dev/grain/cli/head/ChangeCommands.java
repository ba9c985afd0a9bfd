package dev.grain.cli.head;

import dev.grain.cli.Converters;
import dev.grain.cli.Mistake;
import dev.grain.client.GrainClient;
import dev.grain.client.GrainClient.Changed;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code grain cancel}, {@code pause}, {@code resume} and {@code priority}. */
abstract class ChangeCommands extends ClientCommand implements Callable<Integer> {
  @Mixin private final JsonFlag format = new JsonFlag();

  private ChangeCommands(Surroundings around) {
    super(around);
  }

  /** Returns the jobs. */
  abstract List<String> ids();

  /** Changes one job. */
  abstract Changed change(GrainClient client, String id);

  @Override
  public Integer call() {
    return call(client -> eachJob(client, ids(), id -> show(change(client, id))));
  }

  private void show(Changed job) {
    if (format.json) {
      print(Json.of(job));
    } else {
      print(
          "%s: %s%s"
              .formatted(
                  job.id(), job.state(), job.message().isEmpty() ? "" : ". " + job.message()));
    }
  }

  /** One that takes only jobs. */
  abstract static class Plain extends ChangeCommands {
    @Mixin private final Ids ids = new Ids();

    Plain(Surroundings around) {
      super(around);
    }

    @Override
    final List<String> ids() {
      return ids.all;
    }
  }

  /** Cancels jobs. */
  @Command(
      name = "grain cancel",
      description = {
        "Cancels jobs. Those that run are stopped, and killed if they do not stop.",
        "",
        "  grain cancel 26-11-30-3-abc",
        "  grain cancel abc xyz"
      })
  static final class Cancel extends Plain {
    Cancel(Surroundings around) {
      super(around);
    }

    @Override
    Changed change(GrainClient client, String id) {
      return client.cancel(id);
    }
  }

  /** Holds jobs. */
  @Command(
      name = "grain pause",
      description = {
        "Keeps jobs from starting. A job that runs goes on; if it is to run again, that waits.",
        "",
        "  grain pause abc",
        "  grain resume abc"
      })
  static final class Pause extends Plain {
    Pause(Surroundings around) {
      super(around);
    }

    @Override
    Changed change(GrainClient client, String id) {
      return client.pause(id);
    }
  }

  /** Releases jobs. */
  @Command(
      name = "grain resume",
      description = {
        "Lets jobs start that were paused, or submitted with a hold.",
        "",
        "  grain resume abc"
      })
  static final class Resume extends Plain {
    Resume(Surroundings around) {
      super(around);
    }

    @Override
    Changed change(GrainClient client, String id) {
      return client.resume(id);
    }
  }

  /** Changes priorities. */
  @Command(
      name = "grain priority",
      description = {
        "Changes the priority of jobs that wait. The usual one is 100: a job with 200 starts twice as"
            + " soon in a raffle, and before the others in a queue of another kind.",
        "",
        "  grain priority 200 abc",
        "  grain priority 0.5 abc xyz"
      })
  static final class Priority extends ChangeCommands {
    @Parameters(
        index = "0",
        paramLabel = "PRIORITY",
        converter = Converters.Amount.class,
        description = "More than 0.")
    private double priority;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "ID", description = Ids.DESCRIPTION)
    private List<String> ids = List.of();

    Priority(Surroundings around) {
      super(around);
    }

    @Override
    List<String> ids() {
      return ids;
    }

    @Override
    public Integer call() {
      if (priority <= 0) {
        throw new Mistake("The priority is %s, but has to be more than 0.".formatted(priority));
      }
      return super.call();
    }

    @Override
    Changed change(GrainClient client, String id) {
      return client.prioritize(id, priority);
    }
  }
}
