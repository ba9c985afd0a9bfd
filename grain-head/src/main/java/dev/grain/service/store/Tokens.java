package dev.grain.service.store;

import dev.grain.service.store.ConflictException.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The tokens of users. A token is told once, when it is made; only its hash is stored. */
public final class Tokens {
  /** How exactly it is known when a token was used, so that not each use is a change. */
  public static final Duration PRECISION = Duration.ofMinutes(1);

  private final Handle handle;

  /**
   * A token, without what proves anything.
   *
   * @param expires empty if it does not
   * @param used when it was used last; empty if it never was
   */
  public record Token(
      long number,
      String owner,
      String label,
      Instant created,
      Optional<Instant> expires,
      Optional<Instant> used) {}

  /**
   * Who proved itself by a token.
   *
   * @param stale whether {@link #use} should be called
   */
  public record Bearer(long number, String owner, Role role, boolean stale) {}

  public Tokens(Handle handle) {
    this.handle = handle;
  }

  /**
   * Makes a token.
   *
   * @return its text, which cannot be told again
   * @throws ConflictException if there is no such user
   */
  public String create(String owner, String label, Optional<Instant> expires, By by) {
    if (new Users(handle).get(owner).isEmpty()) {
      throw new ConflictException(Kind.UNKNOWN, "There is no user %s.".formatted(owner));
    }
    String text = SecretText.make();
    handle.execute(
        "INSERT INTO tokens (hash, owner, label, created, expires) VALUES (?, ?, ?, ?, ?)",
        SecretText.hash(text),
        owner,
        label,
        by.millis(),
        StoredJobs.millis(expires));
    new Audit(handle).add(by, "token.create", owner + " " + label);
    return text;
  }

  /** Returns whose token it is; empty if it is nobody's, or has expired. */
  public Optional<Bearer> find(String text, Instant now) {
    return handle
        .createQuery(
            "SELECT t.number, t.owner, u.role, t.used FROM tokens AS t JOIN users AS u ON u.name = t.owner WHERE t.hash = ? AND (t.expires IS NULL OR t.expires > ?)")
        .bind(0, SecretText.hash(text))
        .bind(1, now.toEpochMilli())
        .map((row, _) -> {
          long used = row.getLong(4);
          boolean stale = row.wasNull() || used + PRECISION.toMillis() <= now.toEpochMilli();
          return new Bearer(
              row.getLong(1), row.getString(2), Role.valueOf(row.getString(3)), stale);
        })
        .findOne();
  }

  /** Notes that a token was used. */
  public void use(long number, Instant now) {
    handle.execute("UPDATE tokens SET used = ? WHERE number = ?", now.toEpochMilli(), number);
  }

  /**
   * Removes a token.
   *
   * @param owner whose it has to be; anybody's if it is empty
   * @throws ConflictException if there is none
   */
  public void revoke(long number, Optional<String> owner, By by) {
    Token token =
        list(owner).stream()
            .filter(each -> each.number() == number)
            .findFirst()
            .orElseThrow(() ->
                new ConflictException(
                    Kind.UNKNOWN, "There is no token with the number %s.".formatted(number)));
    handle.execute("DELETE FROM tokens WHERE number = ?", number);
    new Audit(handle).add(by, "token.revoke", token.owner() + " " + token.label());
  }

  /**
   * Returns the tokens of a user.
   *
   * @param owner whose; those of all if it is empty
   */
  public List<Token> list(Optional<String> owner) {
    String whose = owner.isPresent() ? "WHERE owner = :owner " : "";
    var query =
        handle.createQuery(
            "SELECT number, owner, label, created, expires, used FROM tokens "
                + whose
                + "ORDER BY number");
    owner.ifPresent(name -> query.bind("owner", name));
    return query
        .map((row, _) ->
            new Token(
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                Instant.ofEpochMilli(row.getLong(4)),
                StoredJobs.moment(row, 5),
                StoredJobs.moment(row, 6)))
        .list();
  }
}
