package dev.grain.cli.head;

import dev.grain.cli.Mistake;
import dev.grain.client.GrainClient;
import dev.grain.client.LogQuery;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code grain logs}. */
@Command(
    name = "grain logs",
    description = {
      "Prints what a job has printed: both of its streams, in the order of arrival.",
      "",
      "  grain logs abc",
      "  grain logs -f abc",
      "  grain logs --err --tail 2000 abc",
      "  grain logs --attempt 1 abc",
      "",
      "The head keeps 64 MiB of what a job prints: the start and the end of it."
    })
final class LogsCommand extends ClientCommand implements Callable<Integer> {
  /** A head that is started again is waited for. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Parameters(paramLabel = "ID", description = Ids.DESCRIPTION)
  private String id;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on as the job prints, with further attempts, until it has ended.")
  private boolean follow;

  @Option(names = "--out", description = "Only standard output.")
  private boolean out;

  @Option(names = "--err", description = "Only standard error.")
  private boolean err;

  @Option(names = "--tail", paramLabel = "BYTES", description = "Only so many bytes at the end.")
  private @Nullable Long tail;

  @Option(
      names = "--attempt",
      paramLabel = "N",
      description = "Which attempt, counted from 1. Default: the latest.")
  private @Nullable Integer attempt;

  @SuppressWarnings("NullAway.Init") // picocli sets the others
  LogsCommand(Surroundings around) {
    super(around);
  }

  @Override
  public Integer call() {
    LogQuery query = query();
    return call(
        follow ? PATIENCE : USUAL_PATIENCE,
        client -> {
          print(client, query);
          return 0;
        });
  }

  private LogQuery query() {
    if (out && err) {
      throw new Mistake("--out and --err exclude each other. Leave both out for both streams.");
    }
    if ((tail != null && tail < 0) || (attempt != null && attempt < 1)) {
      throw new Mistake("--tail has to be at least 0, and --attempt at least 1.");
    }
    LogQuery query = LogQuery.ALL;
    query = out ? query.stream(LogQuery.Stream.OUT) : query;
    query = err ? query.stream(LogQuery.Stream.ERR) : query;
    query = tail == null ? query : query.tail(tail);
    return attempt == null ? query : query.attempt(attempt);
  }

  private void print(GrainClient client, LogQuery query) {
    Copied copied = new Copied(around.out());
    try {
      if (follow) {
        client.follow(id, query, copied);
      } else {
        client.logs(id, query, copied);
      }
    } catch (Copied.NobodyReadsException e) {
      // as with any other command in front of head(1)
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
