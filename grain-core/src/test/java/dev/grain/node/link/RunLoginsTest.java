package dev.grain.node.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.grain.bytes.Bytes;
import dev.grain.loop.NettyLoop;
import dev.grain.message.LoginResult;
import dev.grain.message.Message;
import dev.grain.node.prepare.Login;
import dev.grain.node.prepare.Logins;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a node waits for a login. */
final class RunLoginsTest {
  private static final String URL = "https://host/r";
  private static final LoginResult ANN = new LoginResult.Password("ann", Bytes.utf8("hidden"));

  private final NettyLoop loop = NettyLoop.withoutSockets("grain-test");
  private final BlockingQueue<Message.NeedLogin> asked = new LinkedBlockingQueue<>();
  private final RunLogins logins = new RunLogins("run", loop, asked::add);

  @AfterEach
  void closeLoop() {
    loop.close();
  }

  /** Asks on a thread of its own. */
  private FutureTask<Optional<Login>> ask(String url) {
    FutureTask<Optional<Login>> task = new FutureTask<>(() -> logins.find(Logins.Service.GIT, url));
    Thread.ofVirtual().start(task);
    return task;
  }

  private void answer(Message.NeedLogin need, LoginResult result) {
    loop.post(() ->
        logins.onAnswer(
            new Message.LoginAnswer(need.run(), need.service(), need.target(), result)));
  }

  private int waiting() {
    return loop.ask(logins::waiting).orElseThrow();
  }

  private void awaitWaiting(int count) throws InterruptedException {
    while (waiting() != count) {
      Thread.onSpinWait();
    }
  }

  @Test
  void find_answered_returnsTheLogin() throws Exception {
    FutureTask<Optional<Login>> found = ask(URL);
    Message.NeedLogin need = asked.take();
    assertThat(need).isEqualTo(new Message.NeedLogin("run", Message.Service.GIT, URL));

    answer(need, ANN);

    assertThat(found.get()).contains(new Login.Password("ann", "hidden"));
    assertThat(waiting()).isZero();
  }

  @Test
  void find_eachKindOfAnswer_isReturnedOrThrown() throws Exception {
    FutureTask<Optional<Login>> key = ask(URL);
    answer(asked.take(), new LoginResult.SshKey("git", Bytes.utf8("key")));
    assertThat(key.get()).contains(new Login.SshKey("git", "key"));

    FutureTask<Optional<Login>> none = ask(URL);
    answer(asked.take(), new LoginResult.None());
    assertThat(none.get()).isEmpty();

    FutureTask<Optional<Login>> refused = ask(URL);
    answer(asked.take(), new LoginResult.Refused("Not over this link."));
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(refused::get)
        .withMessage("java.io.IOException: Not over this link.");
  }

  @Test
  void find_manyForTheSame_askOnceAndShareTheAnswer() throws Exception {
    var all = IntStream.range(0, 20).mapToObj(_ -> ask(URL)).toList();
    awaitWaiting(20);

    answer(asked.take(), ANN);

    for (FutureTask<Optional<Login>> each : all) {
      assertThat(each.get()).contains(new Login.Password("ann", "hidden"));
    }
    assertThat(asked).isEmpty();
  }

  @Test
  void find_afterAnAnswer_asksAgain() throws Exception {
    FutureTask<Optional<Login>> first = ask(URL);
    answer(asked.take(), ANN);
    first.get();

    FutureTask<Optional<Login>> second = ask(URL);
    answer(asked.take(), new LoginResult.Password("ann", Bytes.utf8("rotated")));

    assertThat(second.get()).contains(new Login.Password("ann", "rotated"));
  }

  @Test
  void find_interrupted_waitsNoMore() throws Exception {
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    Thread asking =
        Thread.ofVirtual()
            .start(() -> {
              try {
                logins.find(Logins.Service.GIT, URL);
              } catch (Exception e) {
                thrown.complete(e);
              }
            });
    Message.NeedLogin need = asked.take();

    asking.interrupt();

    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    assertThat(waiting()).isZero();
    answer(need, ANN);
    FutureTask<Optional<Login>> next = ask(URL);
    answer(asked.take(), ANN);
    assertThat(next.get()).isPresent();
  }

  @Test
  void end_whileThreadsWait_endsTheirWaitAndThatOfLaterOnes() throws Exception {
    FutureTask<Optional<Login>> before = ask(URL);
    asked.take();

    loop.post(() -> logins.end("The connection to the program is lost."));

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(before::get)
        .withMessage("java.io.IOException: The connection to the program is lost.");
    assertThatIOException()
        .isThrownBy(() -> logins.find(Logins.Service.GIT, URL))
        .withMessage("The connection to the program is lost.");
    assertThat(waiting()).isZero();
    assertThat(asked).isEmpty();
  }

  @Test
  void find_afterTheLoopHasEnded_throws() {
    loop.close();

    assertThatIOException()
        .isThrownBy(() -> logins.find(Logins.Service.GIT, URL))
        .withMessage("There is no login for https://host/r: the worker is ending.");
  }

  @Test
  void find_urlWithAPassword_doesNotPassItOn() throws Exception {
    FutureTask<Optional<Login>> found = ask("https://ann:hidden@host/r");
    Message.NeedLogin need = asked.take();

    assertThat(need.target()).isEqualTo(URL);
    answer(need, new LoginResult.None());
    assertThat(found.get()).isEmpty();
  }

  @Test
  void find_addressThatIsTooLong_throws() {
    assertThatIOException()
        .isThrownBy(() -> logins.find(Logins.Service.GIT, URL + "x".repeat(5_000)))
        .withMessageStartingWith("An address of 5014 characters is too long for a login");
    assertThat(asked).isEmpty();
  }
}
