package dev.grain.service.store;

import dev.grain.service.store.ConflictException.Kind;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The tokens by which workers register their keys, each once. Only hashes are stored. */
public final class JoinTokens {
  private final Handle handle;

  /**
   * A token, without what proves anything.
   *
   * @param used when it was used; empty if it was not
   */
  public record JoinToken(
      long number, String label, Instant created, Instant expires, Optional<Instant> used) {}

  /** What is known of a token that somebody shows. */
  private record Shown(long number, String label, long expires, Optional<String> fingerprint) {}

  public JoinTokens(Handle handle) {
    this.handle = handle;
  }

  /**
   * Makes a token.
   *
   * @return its text, which cannot be told again
   */
  public String create(String label, Instant expires, By by) {
    String text = SecretText.make();
    handle.execute(
        "INSERT INTO join_tokens (hash, label, created, expires) VALUES (?, ?, ?, ?)",
        SecretText.hash(text),
        label,
        by.millis(),
        expires.toEpochMilli());
    new Audit(handle).add(by, "join.create", label);
    return text;
  }

  /**
   * Registers the key of a worker. A worker that has not received the answer may ask again.
   *
   * @throws ConflictException if there is no such token, it has expired, or another worker has used
   *     it
   */
  public void redeem(String text, String fingerprint, byte[] encoded, Instant now) {
    Shown shown =
        handle
            .createQuery(
                "SELECT number, label, expires, fingerprint FROM join_tokens WHERE hash = ?")
            .bind(0, SecretText.hash(text))
            .map((row, _) ->
                new Shown(
                    row.getLong(1),
                    row.getString(2),
                    row.getLong(3),
                    Optional.ofNullable(row.getString(4))))
            .findOne()
            .orElseThrow(() ->
                new ConflictException(
                    Kind.UNKNOWN, "There is no such join token. Make a new one for this worker."));
    if (shown.fingerprint().isPresent()) {
      if (shown.fingerprint().get().equals(fingerprint)
          && new PublicKeys(handle).find(fingerprint, encoded).isPresent()) {
        return;
      }
      throw new ConflictException(
          Kind.CLOSED,
          "The join token \"%s\" was used before, and each is for one worker. Make a new one for this worker."
              .formatted(shown.label()));
    }
    if (shown.expires() <= now.toEpochMilli()) {
      throw new ConflictException(
          Kind.CLOSED,
          "The join token \"%s\" expired at %s. Make a new one for this worker."
              .formatted(shown.label(), Instant.ofEpochMilli(shown.expires())));
    }
    handle.execute(
        "UPDATE join_tokens SET used = ?, fingerprint = ? WHERE number = ?",
        now.toEpochMilli(),
        fingerprint,
        shown.number());
    new PublicKeys(handle)
        .add(fingerprint, encoded, Optional.empty(), shown.label(), new By("join", now));
  }

  /** Returns all, the oldest first. */
  public List<JoinToken> list() {
    return handle
        .createQuery(
            "SELECT number, label, created, expires, used FROM join_tokens ORDER BY number")
        .map((row, _) ->
            new JoinToken(
                row.getLong(1),
                row.getString(2),
                Instant.ofEpochMilli(row.getLong(3)),
                Instant.ofEpochMilli(row.getLong(4)),
                StoredJobs.moment(row, 5)))
        .list();
  }

  /**
   * Removes a token. A key that was registered by it stays.
   *
   * @throws ConflictException if there is none
   */
  public void revoke(long number, By by) {
    if (handle.execute("DELETE FROM join_tokens WHERE number = ?", number) == 0) {
      throw new ConflictException(
          Kind.UNKNOWN, "There is no join token with the number %s.".formatted(number));
    }
    new Audit(handle).add(by, "join.revoke", String.valueOf(number));
  }
}
