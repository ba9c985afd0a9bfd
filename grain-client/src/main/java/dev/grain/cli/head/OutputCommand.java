package dev.grain.cli.head;

import dev.grain.cli.CommandLines;
import dev.grain.client.GrainClient;
import dev.grain.client.GrainClientException;
import dev.grain.client.JobResult;
import dev.grain.client.JobState;
import dev.grain.client.LogQuery;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code grain output}. */
@Command(
    name = "grain output",
    description = {
      "Prints what a job has returned that has ended: the value of a function, the result file of a"
          + " command, or else its standard output.",
      "",
      "  grain output abc",
      "  grain output abc | jq .accuracy",
      "  grain output --json abc"
    },
    exitCodeList = {
      "0:the job has succeeded, and this is what it has returned",
      "1:the job has not succeeded, or not ended, or there is no such job",
      "2:the command line is wrong",
      "3:there is no head, or it cannot be reached, or is not the one that is trusted"
    })
final class OutputCommand extends ClientCommand implements Callable<Integer> {
  @Parameters(paramLabel = "ID", description = Ids.DESCRIPTION)
  private String id;

  @Mixin private final JsonFlag format = new JsonFlag();

  @SuppressWarnings("NullAway.Init") // picocli sets the others
  OutputCommand(Surroundings around) {
    super(around);
  }

  @Override
  public Integer call() {
    return call(this::show);
  }

  private int show(GrainClient client) {
    JobResult result;
    try {
      result = client.result(id);
    } catch (GrainClientException e) {
      if (!e.is("conflict")) {
        throw e;
      }
      complain(
          "The job %s has not ended. 'grain logs -f %s' prints what it prints, and returns at its end."
              .formatted(id, id));
      return CommandLines.FAILED;
    }
    if (format.json) {
      print(Json.of(result));
    } else {
      print(client, result);
    }
    return result.state() == JobState.SUCCEEDED ? 0 : CommandLines.FAILED;
  }

  private void print(GrainClient client, JobResult result) {
    if (result.json().isPresent()) {
      print(result.json().get());
    } else if (result.text().isPresent()) {
      out().print(result.text().get());
      out().flush();
    } else if (result.isEncoded()) {
      complain("The job has returned a value that only a program with its classes can read.");
    } else {
      copy(client, result.id());
    }
    if (result.state() != JobState.SUCCEEDED) {
      complain(
          "The job %s has ended as %s.%s"
              .formatted(
                  result.id(),
                  result.cause().orElse(result.state().name()),
                  result.message().isEmpty() ? "" : " " + result.message()));
    }
  }

  private void copy(GrainClient client, String whole) {
    try {
      client.logs(whole, LogQuery.ALL.stream(LogQuery.Stream.OUT), new Copied(around.out()));
    } catch (Copied.NobodyReadsException e) {
      // as with any other command in front of head(1)
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
