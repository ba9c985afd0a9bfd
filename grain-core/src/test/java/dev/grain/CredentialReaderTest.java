package dev.grain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.grain.bytes.Bytes;
import dev.grain.message.LoginResult;
import dev.grain.message.Message;
import dev.grain.node.prepare.Login;
import dev.grain.node.prepare.Logins;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which credentials are used, and how their secrets are read. */
final class CredentialReaderTest {
  private static final String TARGET = "https://host/acme/jobs";

  private static Secret secretOf(String user) {
    return Secret.from(_ -> new Secret.Value.Password(user, "hidden"));
  }

  private static Optional<Login> find(CredentialReader reader, String target) throws Exception {
    return reader.find(Logins.Service.GIT, target);
  }

  private static CredentialReader readerOf(SecretSource source) {
    return new CredentialReader(List.of(Credentials.git("host", Secret.from(source))));
  }

  // ---------------------------------------------------------------- which

  @ParameterizedTest
  @CsvSource({
    "https://host/acme/jobs.git, acme",
    "https://host/acme/tools/x, acme tools again",
    "https://host/acme-labs/x, host",
    "ssh://git@host/acme/x, any scheme",
    "https://other/acme/x, none",
  })
  void find_severalPrefixes_takesTheLongestAndOfTheseTheLast(String url, String user)
      throws Exception {
    try (CredentialReader reader =
        new CredentialReader(
            List.of(
                Credentials.git("https://host/acme/tools", secretOf("acme tools")),
                Credentials.git("host", secretOf("any scheme")),
                Credentials.git("https://host/acme", secretOf("acme")),
                Credentials.git("https://host", secretOf("host")),
                Credentials.git("https://host/acme/tools", secretOf("acme tools again")),
                Credentials.docker("host.org", secretOf("docker"))))) {
      Optional<Login> expected =
          user.equals("none") ? Optional.empty() : Optional.of(new Login.Password(user, "hidden"));

      assertThat(find(reader, url)).isEqualTo(expected);
      assertThat(reader.covers(Message.Service.GIT, url)).isEqualTo(expected.isPresent());
    }
  }

  @Test
  void find_anImage_usesCredentialsForRegistriesAlone() throws Exception {
    try (CredentialReader reader =
        new CredentialReader(
            List.of(
                Credentials.docker("docker.io", secretOf("hub")),
                Credentials.git("registry-1.docker.io", secretOf("git"))))) {
      assertThat(reader.find(Logins.Service.DOCKER, "registry-1.docker.io/library/python"))
          .contains(new Login.Password("hub", "hidden"));
      assertThat(reader.find(Logins.Service.DOCKER, "ghcr.io/acme/train")).isEmpty();
    }
  }

  // ---------------------------------------------------------------- reading

  @Test
  void find_again_readsAgain() throws Exception {
    AtomicInteger reads = new AtomicInteger();
    try (CredentialReader reader =
        readerOf(_ -> new Secret.Value.Password("ann", "hidden " + reads.incrementAndGet()))) {
      assertThat(find(reader, TARGET)).contains(new Login.Password("ann", "hidden 1"));
      assertThat(find(reader, TARGET)).contains(new Login.Password("ann", "hidden 2"));
      assertThat(reader.reading()).isZero();
    }
  }

  @Test
  void find_aTargetWithAPassword_showsTheSourceTheRest() throws Exception {
    try (CredentialReader reader = readerOf(target -> new Secret.Value.SshKey(target, "key"))) {
      assertThat(find(reader, "https://ann:hidden@host/a"))
          .contains(new Login.SshKey("https://host/a", "key"));
    }
  }

  @Test
  void find_manyAtTheSameTime_readsOnce() throws Exception {
    AtomicInteger reads = new AtomicInteger();
    CountDownLatch unlocked = new CountDownLatch(1);
    BlockingQueue<LoginResult> answers = new LinkedBlockingQueue<>();
    try (CredentialReader reader =
        readerOf(_ -> {
          reads.incrementAndGet();
          unlocked.await();
          return new Secret.Value.Password("ann", "hidden");
        })) {
      for (int asked = 0; asked < 100; asked++) {
        reader.find(Message.Service.GIT, TARGET, answers::add);
      }
      assertThat(reader.reading()).isEqualTo(1);

      unlocked.countDown();

      List<LoginResult> all = new ArrayList<>();
      for (int asked = 0; asked < 100; asked++) {
        all.add(answers.take());
      }
      assertThat(all).containsOnly(new LoginResult.Password("ann", Bytes.utf8("hidden")));
      assertThat(reads).hasValue(1);
    }
  }

  @Test
  void find_aSourceThatThrows_saysWhyAndForWhat() {
    assertRefused(
        _ -> {
          throw new IOException("The vault is sealed.");
        },
        "The login for https://host/acme/jobs could not be read from a source of the program: The"
            + " vault is sealed.");
    assertRefused(
        _ -> {
          throw new IllegalStateException("no vault");
        },
        "The login for https://host/acme/jobs could not be read from a source of the program:"
            + " java.lang.IllegalStateException: no vault.");
    assertRefused(
        _ -> {
          throw new IOException();
        },
        "The login for https://host/acme/jobs could not be read from a source of the program:"
            + " java.io.IOException.");
    assertRefused(_ -> null, "a source of the program: it returned null.");
    assertRefused(
        _ -> new Secret.Value.Password("ann", ""), "a source of the program: the secret is empty.");
    assertRefused(
        _ -> new Secret.Value.Password("ann", "x".repeat(65_537)),
        "a source of the program: the secret has more than 65536 characters.");
    assertRefused(
        _ -> new Secret.Value.Password("x".repeat(1_025), "hidden"),
        "a source of the program: the user has more than 1024 characters.");
  }

  private static void assertRefused(SecretSource source, String ending) {
    try (CredentialReader reader = readerOf(source)) {
      assertThatIOException()
          .isThrownBy(() -> find(reader, TARGET))
          .withMessageEndingWith(ending)
          .withNoCause();
    }
  }

  @Test
  void find_anSshKeyForARegistry_isRefused() {
    try (CredentialReader reader =
        new CredentialReader(
            List.of(
                Credentials.docker(
                    "a.org", Secret.from(_ -> new Secret.Value.SshKey("", "hidden")))))) {
      assertThatIOException()
          .isThrownBy(() -> reader.find(Logins.Service.DOCKER, "a.org/r"))
          .withMessage(
              "The login for a.org/r could not be read from a source of the program: it is an ssh"
                  + " key, but a registry takes a user and a password.");
    }
  }

  @Test
  void find_aConfigurationWithoutALogin_isNone_soThatImagesArePulledAnonymously() throws Exception {
    try (CredentialReader reader =
        new CredentialReader(
            List.of(
                Credentials.docker(
                    "a.org",
                    Secret.from(_ -> {
                      throw new NoLoginException("nobody has logged in");
                    }))))) {
      assertThat(reader.find(Logins.Service.DOCKER, "a.org/r")).isEmpty();
    }
  }

  @Test
  void find_aSourceThatHangs_isInterruptedAndRefused() throws Exception {
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    SecretSource hanging =
        _ -> {
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.complete(true);
            throw e;
          }
          throw new AssertionError();
        };
    try (CredentialReader reader =
        new CredentialReader(
            List.of(Credentials.git("host", Secret.from(hanging))), Duration.ofMillis(20))) {
      assertThatIOException()
          .isThrownBy(() -> find(reader, TARGET))
          .withMessageEndingWith("it did not answer within 20 ms.");

      assertThat(interrupted.get()).isTrue();
      assertThat(reader.reading()).isZero();
    }
  }

  @Test
  void find_interrupted_leavesTheCallerAtOnce() throws Exception {
    CountDownLatch unlocked = new CountDownLatch(1);
    try (CredentialReader reader =
        readerOf(_ -> {
          unlocked.await();
          return new Secret.Value.Password("ann", "hidden");
        })) {
      Thread.currentThread().interrupt();

      assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> find(reader, TARGET));
    } finally {
      unlocked.countDown();
    }
  }

  @Test
  void close_whileASecretIsRead_answersThoseWhoWaitAndEndsTheReading() throws Exception {
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    CountDownLatch started = new CountDownLatch(1);
    BlockingQueue<LoginResult> answers = new LinkedBlockingQueue<>();
    CredentialReader reader =
        readerOf(_ -> {
          started.countDown();
          try {
            new CountDownLatch(1).await();
          } finally {
            interrupted.complete(true);
          }
          throw new AssertionError();
        });
    reader.find(Message.Service.GIT, TARGET, answers::add);
    started.await();

    reader.close();
    reader.find(Message.Service.GIT, TARGET, answers::add);

    LoginResult ended = new LoginResult.Refused("The run has ended.");
    assertThat(answers.take()).isEqualTo(ended);
    assertThat(answers.take()).isEqualTo(ended);
    assertThat(interrupted.get()).isTrue();
    assertThat(answers).isEmpty();
    assertThat(reader.reading()).isZero();
  }
}
