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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server by http that wants a name and a password. */
final class GitHttpTest {
  private static final String SECRET = "s3cret-of-alice";
  private static final Logins ALICE = password("alice", SECRET);

  @TempDir private Path scratch;
  private TestRepository repository;
  private String commit;
  private HttpServer server;
  private Path cache;
  private GitSettings settings;
  private GitCheckouts checkouts;

  @BeforeEach
  void start() throws IOException {
    repository = TestRepository.init(scratch.resolve("served/team/repository"));
    commit = repository.write("a", "1").commit();
    server = HttpServer.start(scratch.resolve("served"), "alice:" + SECRET);
    cache = scratch.resolve("cache");
    settings = new GitSettings(Duration.ofSeconds(20), scratch.resolve("home"), null);
    checkouts = new GitCheckouts(cache, 1L << 40, settings);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static Logins password(String user, String password) {
    return (_, _) -> Optional.of(new Login.Password(user, password));
  }

  private String url() {
    return server.url("team/repository");
  }

  private Prepared prepare(String url, String which, Logins logins)
      throws PreparationException, InterruptedException {
    return checkouts.prepare(new GitSource(url, which, ""), logins, Progress.NONE);
  }

  private String resolve(String url, Logins logins)
      throws PreparationException, InterruptedException {
    return GitRefs.resolve(url, "main", logins, settings);
  }

  private static void assertFails(ThrowingCallable call, String... texts) {
    assertThatThrownBy(call)
        .isInstanceOf(PreparationException.class)
        .hasMessageContainingAll(texts)
        .hasNoCause()
        .message()
        .doesNotContain(SECRET)
        .doesNotContain("wr0ng");
  }

  @Test
  void repository_withItsPassword_isFetched() throws Exception {
    List<String> asked = new ArrayList<>();
    Logins logins =
        (service, target) -> {
          asked.add(service + " " + target);
          return ALICE.find(service, target);
        };
    assertThat(resolve(url(), logins)).isEqualTo(commit);
    try (Prepared prepared = prepare(url(), commit, logins)) {
      assertThat(prepared.path().resolve("a")).hasContent("1");
    }
    assertThat(asked).isNotEmpty().containsOnly("GIT " + url());
  }

  @Test
  void onlyTheWantedCommit_isFetched() throws Exception {
    String first = commit;
    repository.write("big", "0123456789".repeat(10_000)).commit();
    Files.delete(repository.folder().resolve("big"));
    String last = repository.write("a", "3").commit();
    prepare(url(), last, ALICE).close();
    Path clone = cloneFolder();
    assertThat(clone.resolve("shallow")).content().isEqualToIgnoringNewLines(last);
    int before = server.requests().size();
    prepare(url(), last, ALICE).close();
    assertThat(server.requests()).hasSize(before);
    try (Prepared prepared = prepare(url(), first, ALICE)) {
      assertThat(prepared.path().resolve("a")).hasContent("1");
    }
    assertThat(cloneFolder()).isEqualTo(clone);
  }

  @Test
  void oldProtocol_isSpoken() throws Exception {
    server.speakOldProtocol();
    repository.write("a", "2").commit();
    try (Prepared prepared = prepare(url(), commit, ALICE)) {
      assertThat(prepared.path().resolve("a")).hasContent("1");
    }
    assertThat(resolve(url(), ALICE)).isNotEqualTo(commit);
  }

  private Path cloneFolder() throws IOException {
    try (Stream<Path> files = Files.walk(cache.resolve("clones"))) {
      return files
          .filter(each -> Files.isRegularFile(each.resolve("config")))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void branchThatMoves_isAnotherCommitAtTheNextResolution() throws Exception {
    assertThat(resolve(url(), ALICE)).isEqualTo(commit);
    String moved = repository.write("a", "2").commit();
    assertThat(resolve(url(), ALICE)).isEqualTo(moved);
    try (Prepared before = prepare(url(), commit, ALICE);
        Prepared after = prepare(url(), moved, ALICE)) {
      assertThat(before.path().resolve("a")).hasContent("1");
      assertThat(after.path().resolve("a")).hasContent("2");
    }
  }

  @Test
  void wrongPassword_isSaidWithUrlAndUser() {
    Logins wrong = password("alice", "wr0ng");
    assertFails(() -> resolve(url(), wrong), url(), "refused", "password or token of alice");
    assertFails(() -> prepare(url(), commit, wrong), url(), "password or token of alice");
  }

  @Test
  void rightPassword_afterAWrongOne_isNotKeptWaiting() throws Exception {
    assertFails(() -> prepare(url(), commit, password("alice", "wr0ng")), "refused");
    prepare(url(), commit, ALICE).close();
  }

  @Test
  void wrongPassword_isNotTriedByEveryJob() {
    Logins wrong = password("alice", "wr0ng");
    assertFails(() -> prepare(url(), commit, wrong), "refused");
    int before = server.requests().size();
    assertFails(() -> prepare(url(), commit, wrong), "refused");
    assertThat(server.requests()).hasSize(before);
  }

  @Test
  void noPassword_isSaid() {
    assertFails(() -> resolve(url(), Logins.NONE), url(), "needs a login", "Credentials.git");
    assertFails(() -> prepare(url(), commit, Logins.NONE), url(), "needs a login");
  }

  @Test
  void unreadablePassword_isSaid() {
    Logins broken =
        (_, _) -> {
          throw new IOException("The file /etc/secret has only one line.");
        };
    assertFails(() -> resolve(url(), broken), url(), "The file /etc/secret has only one line.");
  }

  @Test
  void password_inTheUrl_isUsedAndNotShown() throws Exception {
    String with = url().replace("http://", "http://alice:" + SECRET + "@");
    assertThat(resolve(with, Logins.NONE)).isEqualTo(commit);
    List<String> phases = new ArrayList<>();
    try (Prepared prepared =
            checkouts.prepare(
                new GitSource(with, commit, ""), Logins.NONE, (phase, _, _) -> phases.add(phase));
        Prepared without = prepare(url(), commit, ALICE)) {
      assertThat(prepared.path()).as("the same by content").isEqualTo(without.path());
    }
    assertThat(phases).isNotEmpty().noneMatch(each -> each.contains(SECRET));
    assertThat(new GitSource(with, commit, "").toString()).doesNotContain(SECRET);
    String wrong = with.replace(SECRET, "wr0ng");
    assertFails(() -> resolve(wrong, Logins.NONE), url(), "refused");
    assertFails(() -> resolve(with.replace("repository", "none"), ALICE), "no git repository");
    assertFails(() -> prepare(with, "main", ALICE), url());
    assertFails(() -> prepare(with.replace("http:", "htp:"), commit, ALICE), "htp");
    assertNoSecretOnDisk();
  }

  @Test
  void token_inTheUrl_isTheUserAndNotShown() throws Exception {
    server.close();
    server = HttpServer.start(scratch.resolve("served"), SECRET + ":");
    String with = url().replace("http://", "http://" + SECRET + "@");
    assertThat(resolve(with, Logins.NONE)).isEqualTo(commit);
    assertFails(
        () -> resolve(with.replace(SECRET, "wr0ng"), Logins.NONE), url(), "login in its URL");
  }

  @Test
  void token_withoutUser_isAPasswordOfSomebody() throws Exception {
    server.close();
    server = HttpServer.start(scratch.resolve("served"), "x-access-token:" + SECRET);
    assertThat(resolve(url(), password("", SECRET))).isEqualTo(commit);
  }

  @Test
  void secrets_areNeitherOnDiskNorInLogs() throws Exception {
    List<String> log = new ArrayList<>();
    Logger root = Logger.getLogger("");
    Logger jgit = Logger.getLogger("org.eclipse.jgit");
    Handler collector =
        new Handler() {
          @Override
          public synchronized void publish(LogRecord record) {
            log.add(record.getMessage() + record.getThrown());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Level usual = jgit.getLevel();
    collector.setLevel(Level.ALL);
    jgit.setLevel(Level.ALL);
    root.addHandler(collector);
    try {
      prepare(url(), commit, ALICE).close();
      assertFails(() -> prepare(url(), "0".repeat(40), ALICE), "no commit");
      assertFails(() -> resolve(url(), password("alice", "wr0ng" + SECRET)), "refused");
    } finally {
      root.removeHandler(collector);
      jgit.setLevel(usual);
    }
    assertThat(log).noneMatch(each -> each.contains(SECRET));
    assertNoSecretOnDisk();
  }

  private void assertNoSecretOnDisk() throws IOException {
    try (Stream<Path> files = Files.walk(cache)) {
      for (Path each : files.toList()) {
        assertThat(each.toString()).doesNotContain(SECRET);
        if (Files.isRegularFile(each)) {
          assertThat(new String(Files.readAllBytes(each), StandardCharsets.ISO_8859_1))
              .as(each.toString())
              .doesNotContain(SECRET);
        }
      }
    }
  }

  @Test
  void password_isNotSentToAnotherServer() throws Exception {
    try (HttpServer other = HttpServer.start(scratch.resolve("served"), "alice:" + SECRET)) {
      server.redirectTo("http://" + other.host());
      assertFails(() -> resolve(url(), ALICE), url());
      assertThat(other.requests()).isNotEmpty().noneMatch(each -> each.contains(SECRET));
    }
  }

  @Test
  void redirect_isFollowed() throws Exception {
    try (HttpServer open = HttpServer.start(scratch.resolve("served"), null)) {
      server.redirectTo("http://" + open.host());
      assertThat(resolve(url(), Logins.NONE)).isEqualTo(commit);
    }
  }

  @Test
  void submodule_ofAPrivateRepository_usesTheSameLogins() throws Exception {
    TestRepository leaf = TestRepository.init(scratch.resolve("served/team/leaf"));
    leaf.write("leaf.txt", "leaf").commit();
    repository.git("-c", "submodule.recurse=false", "submodule", "add", "-q", "../leaf", "leaf");
    String with = repository.commit();
    try (Prepared prepared = prepare(url(), with, ALICE)) {
      assertThat(prepared.path().resolve("leaf/leaf.txt")).hasContent("leaf");
    }
    assertThat(server.requests()).anyMatch(each -> each.contains("team/leaf"));
  }

  @Test
  void submodule_thatIsAFolderOfTheNode_isRefused() throws Exception {
    TestRepository leaf = TestRepository.init(scratch.resolve("leaf"));
    leaf.write("leaf.txt", "leaf").commit();
    repository.git("submodule", "add", "-q", leaf.url(), "leaf");
    String with = repository.commit();
    assertFails(() -> prepare(url(), with, ALICE), "submodule leaf", leaf.url(), "another machine");
  }

  @Test
  void repository_thatDoesNotExist_isSaid() {
    assertFails(
        () -> resolve(server.url("team/none"), ALICE), "no git repository", "team/none", "alice");
  }

  @Test
  void server_thatDoesNotListen_isSaid() {
    String url = url();
    server.close();
    assertFails(() -> resolve(url, ALICE), url, "cannot be reached");
  }

  @Test
  void host_thatIsUnknown_isSaid() {
    assertFails(
        () -> resolve("https://no-such-host.invalid/x", ALICE),
        "no-such-host.invalid",
        "not known");
  }
}
