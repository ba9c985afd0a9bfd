package dev.grain.node.link;

import dev.grain.loop.Loop;
import dev.grain.message.LoginResult;
import dev.grain.message.Message;
import dev.grain.node.prepare.Login;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.Scrub;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The logins of one run, which its program is asked for over the link each time. Nothing is kept of
 * an answer. Those who ask for the same at the same time share one.
 *
 * <p>{@link #find} blocks, and is for all threads but the loop; the rest is for the loop.
 */
final class RunLogins implements Logins {
  /** The longest target in characters; the messages have room for it. */
  static final int LONGEST_TARGET = 4 * 1024;

  private final String run;
  private final Loop loop;
  private final Consumer<Message.NeedLogin> ask;

  // both only accessed by the loop
  private final SequencedMap<Wanted, List<CompletableFuture<LoginResult>>> waiting =
      new LinkedHashMap<>();
  private @Nullable String over;

  private record Wanted(Message.Service service, String target) {}

  /**
   * Makes the logins of a run, of which none was asked for.
   *
   * @param run the id of the run
   * @param ask sends the question to the head; called on the loop
   */
  RunLogins(String run, Loop loop, Consumer<Message.NeedLogin> ask) {
    this.run = run;
    this.loop = loop;
    this.ask = ask;
  }

  @Override
  public Optional<Login> find(Service service, String target)
      throws IOException, InterruptedException {
    if (target.length() > LONGEST_TARGET) {
      throw new IOException(
          "An address of %s characters is too long for a login; at most %s are possible."
              .formatted(target.length(), LONGEST_TARGET));
    }
    Wanted wanted = new Wanted(toMessage(service), Scrub.withoutPassword(target));
    CompletableFuture<LoginResult> answer = new CompletableFuture<>();
    if (!loop.tryPost(() -> await(wanted, answer))) {
      throw new IOException("There is no login for " + wanted.target() + ": the worker is ending.");
    }
    try {
      return toLogin(answer.get());
    } catch (InterruptedException e) {
      loop.tryPost(() -> giveUp(wanted, answer));
      throw e;
    } catch (ExecutionException e) {
      throw new IOException("The login for " + wanted.target() + " was not received.", e);
    }
  }

  private static Message.Service toMessage(Service service) {
    return switch (service) {
      case DOCKER -> Message.Service.DOCKER;
      case GIT -> Message.Service.GIT;
    };
  }

  private static Optional<Login> toLogin(LoginResult result) throws IOException {
    return switch (result) {
      case LoginResult.None _ -> Optional.empty();
      case LoginResult.Refused(String reason) -> throw new IOException(reason);
      case LoginResult.Password password ->
          Optional.of(new Login.Password(password.user(), password.secret().utf8()));
      case LoginResult.SshKey key -> Optional.of(new Login.SshKey(key.user(), key.secret().utf8()));
    };
  }

  private void await(Wanted wanted, CompletableFuture<LoginResult> answer) {
    if (over != null) {
      answer.complete(new LoginResult.Refused(over));
      return;
    }
    List<CompletableFuture<LoginResult>> others = waiting.get(wanted);
    if (others != null) {
      others.add(answer);
      return;
    }
    List<CompletableFuture<LoginResult>> first = new ArrayList<>();
    first.add(answer);
    waiting.put(wanted, first);
    ask.accept(new Message.NeedLogin(run, wanted.service(), wanted.target()));
  }

  /** Asks again for all that somebody waits for, as the head may not have received it. */
  void askAgain() {
    waiting
        .keySet()
        .forEach(each -> ask.accept(new Message.NeedLogin(run, each.service(), each.target())));
  }

  private void giveUp(Wanted wanted, CompletableFuture<LoginResult> answer) {
    List<CompletableFuture<LoginResult>> those = waiting.get(wanted);
    if (those != null && those.removeIf(each -> each == answer) && those.isEmpty()) {
      waiting.remove(wanted);
    }
  }

  /** The head has answered; nobody may wait for it any more. */
  void onAnswer(Message.LoginAnswer answer) {
    List<CompletableFuture<LoginResult>> those =
        waiting.remove(new Wanted(answer.service(), answer.target()));
    if (those != null) {
      those.forEach(each -> each.complete(answer.result()));
    }
  }

  /**
   * No answer comes any more: those who wait, or ask later, get an exception.
   *
   * @param why a sentence for it
   */
  void end(String why) {
    if (over == null) {
      over = why;
      LoginResult refused = new LoginResult.Refused(why);
      waiting.values().forEach(those -> those.forEach(each -> each.complete(refused)));
      waiting.clear();
    }
  }

  /** Returns how many threads wait, for tests. */
  int waiting() {
    return waiting.values().stream().mapToInt(List::size).sum();
  }
}
