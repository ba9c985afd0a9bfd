package dev.grain.service.store;

import dev.grain.service.store.ConflictException.Kind;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The public keys of programs, each of a user, and of workers. */
public final class PublicKeys {
  private final Handle handle;

  /**
   * A key.
   *
   * @param fingerprint of the key
   * @param owner of the program; empty if it is the key of a worker
   * @param role of the owner; empty if it is the key of a worker
   * @param used when it was used last; empty if it never was
   */
  public record PublicKey(
      String fingerprint,
      Optional<String> owner,
      Optional<Role> role,
      String label,
      Instant created,
      Optional<Instant> used) {}

  public PublicKeys(Handle handle) {
    this.handle = handle;
  }

  /**
   * Registers the key of a program; doing it again changes nothing.
   *
   * @throws ConflictException if there is no such user, or the key is somebody else's
   */
  public void add(String fingerprint, byte[] encoded, String owner, String label, By by) {
    if (new Users(handle).get(owner).isEmpty()) {
      throw new ConflictException(Kind.UNKNOWN, "There is no user %s.".formatted(owner));
    }
    add(fingerprint, encoded, Optional.of(owner), label, by);
  }

  /** Registers a key, of a worker if it has no owner. */
  void add(String fingerprint, byte[] encoded, Optional<String> owner, String label, By by) {
    Optional<PublicKey> former = get(fingerprint);
    if (former.isEmpty()) {
      handle.execute(
          "INSERT INTO public_keys (fingerprint, encoded, owner, label, created) VALUES (?, ?, ?, ?, ?)",
          fingerprint,
          encoded,
          owner.orElse(null),
          label,
          by.millis());
      new Audit(handle).add(by, "key.add", fingerprint + " " + label);
    } else if (!former.get().owner().equals(owner)
        || !Arrays.equals(encoded(fingerprint), encoded)) {
      throw new ConflictException(
          Kind.TAKEN,
          "The key %s is that of somebody else. Make a new key.".formatted(fingerprint));
    }
  }

  private byte[] encoded(String fingerprint) {
    return handle
        .createQuery("SELECT encoded FROM public_keys WHERE fingerprint = ?")
        .bind(0, fingerprint)
        .map((row, _) -> row.getBytes(1))
        .one();
  }

  /** Returns the key with a fingerprint. */
  public Optional<PublicKey> get(String fingerprint) {
    return list("WHERE k.fingerprint = ?", fingerprint).stream().findFirst();
  }

  /** Returns the key that is the same, byte by byte. */
  public Optional<PublicKey> find(String fingerprint, byte[] encoded) {
    return get(fingerprint).filter(key -> Arrays.equals(encoded(key.fingerprint()), encoded));
  }

  /** Returns all keys of programs and workers, or those of the programs of a user. */
  public List<PublicKey> list(Optional<String> owner) {
    return owner.isPresent() ? list("WHERE k.owner = ?", owner.get()) : list("");
  }

  private List<PublicKey> list(String where, Object... values) {
    var query =
        handle.createQuery(
            "SELECT k.fingerprint, k.owner, u.role, k.label, k.created, k.used FROM public_keys AS k LEFT JOIN users AS u ON u.name = k.owner "
                + where
                + " ORDER BY k.created, k.fingerprint");
    for (int i = 0; i < values.length; i++) {
      query.bind(i, values[i]);
    }
    return query
        .map((row, _) ->
            new PublicKey(
                row.getString(1),
                Optional.ofNullable(row.getString(2)),
                Optional.ofNullable(row.getString(3)).map(Role::valueOf),
                row.getString(4),
                Instant.ofEpochMilli(row.getLong(5)),
                StoredJobs.moment(row, 6)))
        .list();
  }

  /** Notes that a key was used. */
  public void use(String fingerprint, Instant now) {
    handle.execute(
        "UPDATE public_keys SET used = ? WHERE fingerprint = ?", now.toEpochMilli(), fingerprint);
  }

  /**
   * Removes a key.
   *
   * @param owner whose it has to be; anybody's if it is empty
   * @throws ConflictException if there is none
   */
  public void remove(String fingerprint, Optional<String> owner, By by) {
    PublicKey key =
        get(fingerprint)
            .filter(each -> owner.isEmpty() || owner.equals(each.owner()))
            .orElseThrow(() ->
                new ConflictException(Kind.UNKNOWN, "There is no key %s.".formatted(fingerprint)));
    handle.execute("DELETE FROM public_keys WHERE fingerprint = ?", fingerprint);
    new Audit(handle).add(by, "key.remove", fingerprint + " " + key.label());
  }
}
