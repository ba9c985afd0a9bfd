package dev.grain.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.node.prepare.Login;
import dev.grain.node.prepare.Logins;
import dev.grain.node.prepare.PreparationException;
import dev.grain.node.prepare.Prepared;
import dev.grain.node.prepare.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A server by ssh. */
final class GitSshTest {
  @TempDir private Path scratch;
  private TestRepository repository;
  private String commit;
  private SshServer server;
  private Path home;
  private Path cache;

  @BeforeEach
  void start() throws IOException {
    repository = TestRepository.init(scratch.resolve("repository"));
    commit = repository.write("a", "1").commit();
    server = SshServer.start(scratch.resolve("server"));
    home = Files.createDirectories(scratch.resolve("home"));
    Files.createDirectories(home.resolve(".ssh"));
    cache = scratch.resolve("cache");
  }

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  private String url() {
    return server.url(repository.folder());
  }

  private Logins key(String privateKey) {
    return (_, target) -> {
      assertThat(target).isEqualTo(url());
      return Optional.of(new Login.SshKey("", privateKey));
    };
  }

  private String resolve(String url, Logins logins)
      throws PreparationException, InterruptedException {
    return GitRefs.resolve(
        url, "main", logins, new GitSettings(Duration.ofSeconds(30), home, null));
  }

  private Prepared prepare(Logins logins) throws PreparationException, InterruptedException {
    return new GitCheckouts(
            cache,
            1L << 40,
            new GitSettings(Duration.ofSeconds(30), home, cache.resolve("known_hosts")))
        .prepare(new GitSource(url(), commit, ""), logins, Progress.NONE);
  }

  private void know(String line) throws IOException {
    Files.writeString(home.resolve(".ssh/known_hosts"), line);
  }

  private static void assertFails(ThrowingCallable call, String... texts) {
    assertThatThrownBy(call)
        .isInstanceOf(PreparationException.class)
        .hasMessageContainingAll(texts)
        .hasNoCause()
        .message()
        .doesNotContain("PRIVATE");
  }

  private static void assertNoThreadOfSsh() throws InterruptedException {
    for (Thread each : Thread.getAllStackTraces().keySet()) {
      if (each.getName().contains("sshd") || each.getName().contains("Timer-")) {
        each.join(Duration.ofSeconds(20));
        assertThat(each.isAlive()).as(each.getName()).isFalse();
      }
    }
  }

  @Test
  void repository_withItsKey_isFetched_andNoThreadStays() throws Exception {
    know(server.knownHost());
    assertThat(resolve(url(), key(server.userKey()))).isEqualTo(commit);
    try (Prepared prepared = prepare(key(server.userKey()))) {
      assertThat(prepared.path().resolve("a")).hasContent("1");
    }
    assertNoThreadOfSsh();
    try (Stream<Path> files = Files.walk(cache)) {
      for (Path each : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(each, StandardCharsets.ISO_8859_1))
            .as(each.toString())
            .doesNotContain("PRIVATE");
      }
    }
  }

  @Test
  void commit_thatServerDoesNotGiveByItsName_isFetchedWithItsBranch() throws Exception {
    // sshd does not pass the version of the protocol on, and the oldest gives only what branches
    // are
    String newest = repository.write("a", "2").commit();
    try (Prepared prepared = prepare(key(server.userKey()))) {
      assertThat(prepared.path().resolve("a")).hasContent("1");
    }
    try (Stream<Path> files = Files.walk(cache)) {
      assertThat(files.map(Path::toString))
          .anyMatch(each -> each.endsWith("refs/heads/main"))
          .noneMatch(each -> each.endsWith("shallow"));
    }
    commit = newest;
    prepare(key(server.userKey())).close();
    commit = "0123456789012345678901234567890123456789";
    assertFails(() -> prepare(key(server.userKey())), url(), commit, "was pushed");
  }

  @ParameterizedTest
  @CsvSource({"rsa,PEM", "rsa,RFC4716", "ecdsa,PEM", "ecdsa,RFC4716", "ed25519,RFC4716"})
  void keyOfAnyKind_isAccepted(String kind, String format) throws Exception {
    know(server.knownHost());
    Path file = scratch.resolve("another");
    SshServer.makeKey(file, kind, "-m", format, "-N", "");
    Files.copy(
        scratch.resolve("another.pub"),
        scratch.resolve("server/authorized"),
        StandardCopyOption.REPLACE_EXISTING);
    String text = Files.readString(file);
    assertThat(resolve(url(), key(text))).isEqualTo(commit);
    assertThat(resolve(url(), key(text.strip().replace("\n", "\r\n")))).isEqualTo(commit);
  }

  @Test
  void wrongKey_isSaidWithUrl() throws Exception {
    know(server.knownHost());
    assertFails(() -> resolve(url(), key(server.strangerKey())), url(), "refused the ssh key of");
    assertNoThreadOfSsh();
  }

  @Test
  void key_withAPassPhraseOrThatIsNone_isSaid() throws Exception {
    know(server.knownHost());
    Path file = scratch.resolve("locked");
    SshServer.makeKey(file, "ed25519", "-N", "abcdefgh");
    assertFails(() -> resolve(url(), key(Files.readString(file))), url(), "pass phrase");
    assertFails(() -> resolve(url(), key("not a key")), url(), "format of OpenSSH");
  }

  @Test
  void filesOfTheUser_areUsedWithoutAKey() throws Exception {
    know(server.knownHost());
    assertFails(() -> resolve(url(), Logins.NONE), url(), "login");
    Files.writeString(home.resolve(".ssh/id_ed25519"), server.userKey());
    assertThat(resolve(url(), Logins.NONE)).isEqualTo(commit);
  }

  @Test
  void configOfTheUser_isUsedWithoutAKey() throws Exception {
    know(server.knownHost());
    Files.writeString(home.resolve(".ssh/other_name"), server.userKey());
    Files.writeString(
        home.resolve(".ssh/config"),
        "Host short\n  HostName 127.0.0.1\n  Port %s\n  User %s\n  IdentityFile %s\n"
            .formatted(
                server.port(), System.getProperty("user.name"), home.resolve(".ssh/other_name")));
    assertThat(resolve("short:" + repository.folder(), Logins.NONE)).isEqualTo(commit);
  }

  @Test
  void hostThatNobodyKnows_isRefusedByPrograms() throws Exception {
    assertFails(
        () -> resolve(url(), key(server.userKey())),
        url(),
        "is not known",
        "SHA256:",
        "known_hosts");
    assertThat(home.resolve(".ssh/known_hosts")).doesNotExist();
  }

  @Test
  void hostThatNobodyKnows_isRememberedInTheCacheByNodes() throws Exception {
    prepare(key(server.userKey())).close();
    assertThat(cache.resolve("known_hosts"))
        .content()
        .contains(server.knownHost().split(" ", -1)[2].strip());
    assertThat(home.resolve(".ssh/known_hosts")).doesNotExist();
    Files.writeString(cache.resolve("known_hosts"), server.otherHost());
    commit = repository.write("a", "2").commit();
    assertFails(() -> prepare(key(server.userKey())), url(), "another key", "ssh-keygen -R");
  }

  @Test
  void hostWithAnotherKey_isRefusedByAll() throws Exception {
    know(server.otherHost());
    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> resolve(url(), key(server.userKey())), () -> prepare(key(server.userKey())))) {
      assertFails(call, url(), "another key", "ssh-keygen -R");
    }
    assertThat(home.resolve(".ssh/known_hosts")).hasContent(server.otherHost());
  }

  @Test
  void repository_thatDoesNotExist_isSaid() throws Exception {
    know(server.knownHost());
    String none = server.url(scratch.resolve("none"));
    Logins logins = (_, _) -> Optional.of(new Login.SshKey("", keyOf()));
    assertFails(() -> resolve(none, logins), none);
  }

  private String keyOf() throws IOException {
    return server.userKey();
  }

  @Test
  void home_getsNoFiles() throws Exception {
    know(server.knownHost());
    resolve(url(), key(server.userKey()));
    prepare(key(server.userKey())).close();
    try (Stream<Path> files = Files.walk(home)) {
      assertThat(files.filter(Files::isRegularFile))
          .containsExactly(home.resolve(".ssh/known_hosts"));
    }
  }
}
