package dev.grain.worker;

import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.key.Security;
import dev.grain.resource.internal.Offer;
import dev.grain.wire.Address;
import dev.grain.wire.Connection;
import dev.grain.wire.Connection.ConnectionHandler;
import dev.grain.wire.Connection.Down;
import dev.grain.wire.ConnectionLimits;
import dev.grain.wire.Endpoint;
import dev.grain.wire.Hello;
import dev.grain.wire.Hello.Role;
import dev.grain.wire.Release;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command that asks workers what they offer and do, and prints a table of it. */
@Command(
    name = "workers",
    description = "Prints what each worker offers, runs and caches.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all workers answered",
      "1:a worker did not answer; the message states which and why",
      "2:the command line is wrong",
      "5:the key cannot be used"
    })
final class WorkersCommand implements Callable<Integer> {
  private static final List<String> HEADINGS = List.of("NAME", "ADDRESS", "OFFERS", "STATUS");

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "HOST:PORT",
      converter = Converters.Where.class,
      description = "The addresses of the workers.")
  private List<Address> addresses;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description =
          "The cluster key file. Default: grain/cluster.key in your configuration " + "directory.")
  private @Nullable Path key;

  @Option(
      names = "--insecure",
      description = "Use plain text, for workers that run with --insecure.")
  private boolean insecure;

  @SuppressWarnings("NullAway.Init") // picocli sets the others
  WorkersCommand() {}

  /** The answer of a worker: its greeting, or why there is none. */
  private sealed interface Answer {
    record Said(Hello hello, Offer offer) implements Answer {}

    record Silent(String why) implements Answer {}
  }

  @Override
  public Integer call() {
    if (insecure && key != null) {
      throw new ParameterException(
          spec.commandLine(), "--key and --insecure exclude each other. Remove one of them.");
    }
    Security security;
    try {
      security = Keys.security(key, insecure);
    } catch (IOException e) {
      spec.commandLine().getErr().println("grain workers: " + e.getMessage());
      return ExitCode.KEY.number();
    }
    return print(ask(security));
  }

  private List<Answer> ask(Security security) {
    Hello mine = Hello.of(Role.INSPECTOR, Release.name(), Codec.FORMAT);
    try (Endpoint endpoint = Endpoint.open("grain-workers", security, ConnectionLimits.DEFAULT)) {
      List<Question> questions = addresses.stream().map(_ -> new Question()).toList();
      for (int i = 0; i < questions.size(); i++) {
        endpoint.dial(addresses.get(i), mine, questions.get(i));
      }
      return questions.stream().map(question -> question.answer.join()).toList();
    }
  }

  private int print(List<Answer> answers) {
    List<List<String>> rows = new ArrayList<>();
    PrintWriter err = spec.commandLine().getErr();
    for (int i = 0; i < answers.size(); i++) {
      String address = addresses.get(i).toString();
      switch (answers.get(i)) {
        case Answer.Said(Hello hello, Offer offer) ->
            rows.add(List.of(hello.name(), address, offer.toString(), hello.status()));
        case Answer.Silent(String why) -> err.println("grain workers: " + address + ": " + why);
      }
    }
    if (!rows.isEmpty()) {
      rows.addFirst(HEADINGS);
      printTable(rows);
    }
    boolean complete = answers.stream().allMatch(Answer.Said.class::isInstance);
    return (complete ? ExitCode.ENDED : ExitCode.FAILED).number();
  }

  private void printTable(List<List<String>> rows) {
    PrintWriter out = spec.commandLine().getOut();
    int[] widths = new int[HEADINGS.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + 2);
      }
      out.println(line.toString().stripTrailing());
    }
    out.flush();
  }

  /** The link with one worker, which sends everything in its hello. */
  private static final class Question implements ConnectionHandler {
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();

    @Override
    public void up(Connection connection, Hello peer) {
      answer.complete(answerOf(peer));
      connection.close();
    }

    private static Answer answerOf(Hello peer) {
      Bytes offer = peer.offer();
      if (peer.role() != Role.WORKER) {
        return new Answer.Silent("This is not a worker but a " + peer.describe() + ".");
      }
      try {
        return new Answer.Said(peer, Offer.decode(offer));
      } catch (IllegalArgumentException e) {
        return new Answer.Silent("Its offer cannot be read: " + e.getMessage());
      }
    }

    @Override
    public void down(Down why) {
      answer.complete(new Answer.Silent(why.sentence()));
    }
  }
}
