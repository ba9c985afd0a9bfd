package dev.grain.service.store;

import dev.grain.service.store.ConflictException.Kind;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** The registry of credentials: their secrets are read by the head, and never listed. */
public final class StoredCredentials {
  private final Handle handle;

  /**
   * Credentials, without their secret.
   *
   * @param service such as {@code docker}
   * @param url where they are used
   * @param source where the secret comes from, for people, such as {@code file}
   * @param owner who added them
   */
  public record Listed(
      long number, String service, String url, String source, String owner, Instant created) {}

  /**
   * Credentials, for use.
   *
   * @param secret the secret, or a reference to it, as text that the store does not read
   */
  public record Usable(String service, String url, String secret) {
    /** Does not tell the secret. */
    @Override
    public String toString() {
      return service + " " + url;
    }
  }

  public StoredCredentials(Handle handle) {
    this.handle = handle;
  }

  /** Adds credentials; those of the same service and address are replaced. */
  public void put(Usable credentials, String source, By by) {
    handle.execute(
        "INSERT INTO credentials (service, url, source, secret, owner, created) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (service, url) DO UPDATE SET source = excluded.source, secret = excluded.secret, owner = excluded.owner, created = excluded.created",
        credentials.service(),
        credentials.url(),
        source,
        credentials.secret(),
        by.who(),
        by.millis());
    new Audit(handle).add(by, "credentials.put", credentials.toString());
  }

  /** Returns all, by service and address. */
  public List<Listed> list() {
    return handle
        .createQuery(
            "SELECT number, service, url, source, owner, created FROM credentials ORDER BY service, url")
        .map((row, _) ->
            new Listed(
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                Instant.ofEpochMilli(row.getLong(6))))
        .list();
  }

  /** Returns all that the head can use. */
  public List<Usable> usable() {
    return handle
        .createQuery("SELECT service, url, secret FROM credentials ORDER BY service, url")
        .map((row, _) -> new Usable(row.getString(1), row.getString(2), row.getString(3)))
        .list();
  }

  /**
   * Removes credentials.
   *
   * @throws ConflictException if there are none
   */
  public void remove(String service, String url, By by) {
    if (handle.execute("DELETE FROM credentials WHERE service = ? AND url = ?", service, url)
        == 0) {
      throw new ConflictException(
          Kind.UNKNOWN, "There are no credentials for %s of %s.".formatted(url, service));
    }
    new Audit(handle).add(by, "credentials.remove", service + " " + url);
  }
}
