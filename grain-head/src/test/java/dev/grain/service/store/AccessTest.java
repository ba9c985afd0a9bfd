package dev.grain.service.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.service.store.PublicKeys.PublicKey;
import dev.grain.service.store.StoredCredentials.Usable;
import dev.grain.service.store.Tokens.Bearer;
import dev.grain.service.store.Tokens.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Users, and what proves who somebody is. */
final class AccessTest extends OnEachDatabase {
  private static final byte[] KEY = {1, 2, 3};

  @BeforeEach
  void addUsers() {
    run(handle -> new Users(handle).add("ada", Role.ADMIN, ADA));
    run(handle -> new Users(handle).add("bob", Role.SUBMIT, ADA));
  }

  /** What changes something. */
  private interface Doing {
    void run(org.jdbi.v3.core.Handle handle);
  }

  private void run(Doing doing) {
    write(handle -> {
      doing.run(handle);
      return true;
    });
  }

  private Optional<Bearer> bearer(String token, Instant now) {
    return read(handle -> new Tokens(handle).find(token, now));
  }

  private String token(Optional<Instant> expires) {
    return write(handle -> new Tokens(handle).create("bob", "laptop", expires, ADA));
  }

  private List<String> actions() {
    return audit().stream().map(line -> line.action() + " " + line.object()).toList();
  }

  @Test
  void users_areAddedOnce_changed_andRemoved() {
    assertThatThrownBy(() -> run(handle -> new Users(handle).add("bob", Role.READ, ADA)))
        .hasCauseInstanceOf(ConflictException.class)
        .hasMessageContaining("There is a user bob already.");
    run(handle -> new Users(handle).change("bob", Role.READ, ADA));
    openAgain();
    List<Users.User> all = read(handle -> new Users(handle).list());
    assertThat(all)
        .containsExactly(
            new Users.User("ada", Role.ADMIN, NOW), new Users.User("bob", Role.READ, NOW));
    run(handle -> new Users(handle).remove("bob", ADA));
    assertThatThrownBy(() -> run(handle -> new Users(handle).remove("bob", ADA)))
        .hasMessageContaining("There is no user bob.");
    assertThat(actions())
        .containsExactly(
            "user.remove bob", "user.change bob READ", "user.add bob SUBMIT", "user.add ada ADMIN");
  }

  @Test
  void lastAdmin_stays() {
    assertThatThrownBy(() -> run(handle -> new Users(handle).remove("ada", ADA)))
        .hasMessageContaining("ada is the only admin");
    assertThatThrownBy(() -> run(handle -> new Users(handle).change("ada", Role.SUBMIT, ADA)))
        .hasMessageContaining("Make another user an admin first.");
    run(handle -> new Users(handle).change("bob", Role.ADMIN, ADA));
    run(handle -> new Users(handle).remove("ada", ADA));
  }

  @Test
  void roles_includeThoseBefore() {
    assertThat(Role.ADMIN.includes(Role.READ)).isTrue();
    assertThat(Role.SUBMIT.includes(Role.SUBMIT)).isTrue();
    assertThat(Role.READ.includes(Role.SUBMIT)).isFalse();
  }

  @Test
  void token_provesItsUser_andIsStoredNowhere() {
    String token = token(Optional.empty());
    assertThat(token).matches("grain_[A-Za-z0-9_-]{43}");
    assertThat(bearer(token, NOW)).contains(new Bearer(1, "bob", Role.SUBMIT, true));
    assertThat(bearer(token + "x", NOW)).isEmpty();
    List<String> stored =
        read(handle -> handle.createQuery("SELECT hash FROM tokens").mapTo(String.class).list());
    assertThat(stored).hasSize(1).noneMatch(token::contains).allMatch(hash -> hash.length() == 64);
    List<Token> all = read(handle -> new Tokens(handle).list(Optional.of("bob")));
    assertThat(all)
        .containsExactly(new Token(1, "bob", "laptop", NOW, Optional.empty(), Optional.empty()));
  }

  @Test
  void token_thatHasExpired_provesNothing() {
    String token = token(Optional.of(NOW.plusSeconds(10)));
    assertThat(bearer(token, NOW.plusSeconds(9))).isPresent();
    assertThat(bearer(token, NOW.plusSeconds(10))).isEmpty();
  }

  @Test
  void useOfAToken_isNoted_onceAMinute() {
    String token = token(Optional.empty());
    run(handle -> new Tokens(handle).use(1, NOW));
    assertThat(bearer(token, NOW.plusSeconds(59))).map(Bearer::stale).contains(false);
    assertThat(bearer(token, NOW.plusSeconds(60))).map(Bearer::stale).contains(true);
    List<Token> all = read(handle -> new Tokens(handle).list(Optional.empty()));
    assertThat(all).extracting(Token::used).containsExactly(Optional.of(NOW));
  }

  @Test
  void token_thatIsRevoked_orWhoseUserIsRemoved_provesNothing() {
    String first = token(Optional.empty());
    String second = token(Optional.empty());
    assertThatThrownBy(() -> run(handle -> new Tokens(handle).revoke(1, Optional.of("ada"), ADA)))
        .hasMessageContaining("There is no token with the number 1.");
    run(handle -> new Tokens(handle).revoke(1, Optional.of("bob"), BOB));
    assertThat(bearer(first, NOW)).isEmpty();
    assertThat(bearer(second, NOW)).isPresent();
    run(handle -> new Users(handle).remove("bob", ADA));
    assertThat(bearer(second, NOW)).isEmpty();
    assertThatThrownBy(() -> token(Optional.empty())).hasMessageContaining("There is no user bob.");
    assertThat(actions()).contains("token.create bob laptop", "token.revoke bob laptop");
  }

  @Test
  void keyOfAProgram_isThatOfItsUser() {
    run(handle -> new PublicKeys(handle).add("f1", KEY, "bob", "laptop", BOB));
    run(handle -> new PublicKeys(handle).add("f1", KEY, "bob", "laptop", BOB));
    PublicKey expected =
        new PublicKey(
            "f1",
            Optional.of("bob"),
            Optional.of(Role.SUBMIT),
            "laptop",
            BOB.moment(),
            Optional.empty());
    Optional<PublicKey> found = read(handle -> new PublicKeys(handle).find("f1", KEY));
    assertThat(found).contains(expected);
    Optional<PublicKey> other = read(handle -> new PublicKeys(handle).find("f1", new byte[] {9}));
    assertThat(other).as("another key with this fingerprint").isEmpty();
    assertThatThrownBy(
            () -> run(handle -> new PublicKeys(handle).add("f1", KEY, "ada", "laptop", ADA)))
        .hasMessageContaining("The key f1 is that of somebody else.");
    run(handle -> new PublicKeys(handle).use("f1", NOW));
    List<PublicKey> all = read(handle -> new PublicKeys(handle).list(Optional.of("bob")));
    assertThat(all).extracting(PublicKey::used).containsExactly(Optional.of(NOW));
    run(handle -> new PublicKeys(handle).remove("f1", Optional.empty(), ADA));
    assertThatThrownBy(
            () -> run(handle -> new PublicKeys(handle).remove("f1", Optional.empty(), ADA)))
        .hasMessageContaining("There is no key f1.");
    assertThat(actions()).filteredOn(line -> line.startsWith("key.")).hasSize(2);
  }

  @Test
  void joinToken_registersOneWorker_andThatAgain() {
    String token =
        write(handle -> new JoinTokens(handle).create("rack 7", NOW.plusSeconds(60), ADA));
    run(handle -> new JoinTokens(handle).redeem(token, "f1", KEY, NOW));
    // its answer was lost
    run(handle -> new JoinTokens(handle).redeem(token, "f1", KEY, NOW.plus(Duration.ofDays(1))));
    assertThatThrownBy(
            () -> run(handle -> new JoinTokens(handle).redeem(token, "f2", new byte[] {9}, NOW)))
        .hasMessageContaining("The join token \"rack 7\" was used before");
    Optional<PublicKey> key = read(handle -> new PublicKeys(handle).find("f1", KEY));
    assertThat(key).map(PublicKey::owner).contains(Optional.empty());
    assertThat(key).map(PublicKey::label).contains("rack 7");
    List<JoinTokens.JoinToken> all = read(handle -> new JoinTokens(handle).list());
    assertThat(all)
        .containsExactly(
            new JoinTokens.JoinToken(1, "rack 7", NOW, NOW.plusSeconds(60), Optional.of(NOW)));
  }

  @Test
  void joinToken_thatHasExpired_orIsNone_isRefused() {
    String token =
        write(handle -> new JoinTokens(handle).create("rack 7", NOW.plusSeconds(60), ADA));
    assertThatThrownBy(() ->
            run(handle -> new JoinTokens(handle).redeem(token, "f1", KEY, NOW.plusSeconds(60))))
        .hasMessageContaining("expired at 2026-11-28T12:01:00Z. Make a new one");
    run(handle -> new JoinTokens(handle).revoke(1, ADA));
    for (String none : List.of(token, "", "x")) {
      assertThatThrownBy(() -> run(handle -> new JoinTokens(handle).redeem(none, "f1", KEY, NOW)))
          .hasMessageContaining("There is no such join token.");
    }
    List<PublicKey> keys = read(handle -> new PublicKeys(handle).list(Optional.empty()));
    assertThat(keys).isEmpty();
  }

  @Test
  void credentials_areListedWithoutSecret_replaced_andRemoved() {
    Usable docker = new Usable("docker", "registry-1.docker.io", "hunter2");
    Usable git = new Usable("git", "github.com", "token");
    run(handle -> new StoredCredentials(handle).put(docker, "text", ADA));
    run(handle -> new StoredCredentials(handle).put(git, "file", ADA));
    Usable newer = new Usable("docker", "registry-1.docker.io", "hunter3");
    run(handle -> new StoredCredentials(handle).put(newer, "aws", BOB));
    openAgain();
    List<StoredCredentials.Listed> listed = read(handle -> new StoredCredentials(handle).list());
    assertThat(listed)
        .containsExactly(
            new StoredCredentials.Listed(
                1, "docker", "registry-1.docker.io", "aws", "bob", BOB.moment()),
            new StoredCredentials.Listed(
                listed.get(1).number(), "git", "github.com", "file", "ada", NOW));
    List<Usable> usable = read(handle -> new StoredCredentials(handle).usable());
    assertThat(usable).containsExactly(newer, git);
    assertThat(usable.toString()).doesNotContain("hunter");
    assertThat(audit().toString()).doesNotContain("hunter").doesNotContain("token,");
    run(handle -> new StoredCredentials(handle).remove("git", "github.com", ADA));
    assertThatThrownBy(
            () -> run(handle -> new StoredCredentials(handle).remove("git", "github.com", ADA)))
        .hasMessageContaining("There are no credentials for github.com of git.");
  }
}
