package dev.grain.head;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.bytes.Bytes;
import dev.grain.loop.ManualLoop;
import dev.grain.message.LoginResult;
import dev.grain.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who gets a login from the head, and who does not. */
final class LoginRequestsTest {
  private static final LoginResult ANN = new LoginResult.Password("ann", Bytes.utf8("hidden"));

  private final ManualLoop loop = new ManualLoop();
  private final List<String> read = new ArrayList<>();
  private final List<Consumer<LoginResult>> reading = new ArrayList<>();

  private final RecordingLink link = new RecordingLink();

  /** Has logins for all but what is public. */
  private final LoginLibrary library =
      new LoginLibrary() {
        @Override
        public boolean covers(Message.Service service, String target) {
          return !target.contains("public");
        }

        @Override
        public void find(Message.Service service, String target, Consumer<LoginResult> answer) {
          read.add(target);
          reading.add(answer);
        }
      };

  private LoginRequests requests(boolean encrypted) {
    return new LoginRequests(
        loop, link, "node7", encrypted, run -> run.equals("run") ? library : null);
  }

  private static Message.NeedLogin need(String target) {
    return new Message.NeedLogin("run", Message.Service.GIT, target);
  }

  private static Message.LoginAnswer answer(String target, LoginResult result) {
    return new Message.LoginAnswer("run", Message.Service.GIT, target, result);
  }

  private void end(int index) {
    reading.get(index).accept(ANN);
    loop.pass(0);
  }

  @Test
  void add_overAnEncryptedLink_sendsWhatWasRead() {
    LoginRequests requests = requests(true);

    requests.add(need("https://host/r"));
    assertThat(link.sent).isEmpty();
    end(0);

    assertThat(link.sent).containsExactly(answer("https://host/r", ANN));
  }

  @Test
  void add_overAPlainLink_refusesAndReadsNothing() {
    LoginRequests requests = requests(false);

    requests.add(need("https://host/r"));

    assertThat(read).isEmpty();
    assertThat(link.sent)
        .containsExactly(
            answer(
                "https://host/r",
                new LoginResult.Refused(
                    "The login for https://host/r was not sent to worker node7, because the"
                        + " connection is not encrypted. Start the run without"
                        + " RunOptions.insecure() and the worker without --insecure: both then use"
                        + " TLS with the cluster key.")));
  }

  @Test
  void add_whatNeedsNoLogin_isAnsweredOverAnyLink() {
    requests(false).add(need("https://host/public"));

    assertThat(link.sent).containsExactly(answer("https://host/public", new LoginResult.None()));
  }

  @Test
  void add_ofARunThatIsOver_isRefused() {
    requests(true).add(new Message.NeedLogin("other", Message.Service.GIT, "https://host/r"));

    assertThat(link.sent)
        .containsExactly(
            new Message.LoginAnswer(
                "other",
                Message.Service.GIT,
                "https://host/r",
                new LoginResult.Refused("The run has ended.")));
  }

  @Test
  void add_moreThanAreReadAtATime_readsTheRestLater() {
    LoginRequests requests = requests(true);
    IntStream.range(0, LoginRequests.MOST_AT_ONCE + 1)
        .forEach(each -> requests.add(need("https://host/" + each)));
    assertThat(read).hasSize(LoginRequests.MOST_AT_ONCE);

    end(0);

    assertThat(read).hasSize(LoginRequests.MOST_AT_ONCE + 1);
  }

  @Test
  void add_whileTheNodeTakesNothing_waits() {
    LoginRequests requests = requests(true);
    link.congested = true;
    requests.add(need("https://host/public"));
    requests.add(need("https://host/r"));
    assertThat(read).isEmpty();
    assertThat(link.sent).isEmpty();

    link.congested = false;
    requests.answer();

    assertThat(read).containsExactly("https://host/r");
    assertThat(link.sent).hasSize(1);
  }

  @Test
  void close_whileALoginIsRead_sendsItToNobody() {
    LoginRequests requests = requests(true);
    requests.add(need("https://host/r"));

    requests.close();
    end(0);
    requests.add(need("https://host/s"));

    assertThat(link.sent).isEmpty();
    assertThat(read).hasSize(1);
  }
}
