package dev.grain.service.store;

import dev.grain.service.store.ConflictException.Kind;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** What was submitted with keys: the first submission with a key wins, even after its end. */
final class Requests {
  private final Handle handle;

  private record Former(String digest, String numbers) {}

  Requests(Handle handle) {
    this.handle = handle;
  }

  /**
   * Returns the numbers that an earlier submission with the key was given.
   *
   * @throws ConflictException if that asked for something else
   */
  Optional<List<Long>> find(String owner, RequestKey key) {
    return handle
        .createQuery("SELECT digest, numbers FROM requests WHERE owner = ? AND request_key = ?")
        .bind(0, owner)
        .bind(1, key.text())
        .map((row, _) -> new Former(row.getString(1), row.getString(2)))
        .findOne()
        .map(former -> numbers(former, key));
  }

  private static List<Long> numbers(Former former, RequestKey key) {
    if (!former.digest().equals(key.digest())) {
      throw new ConflictException(
          Kind.KEY_REUSED,
          "The idempotency key \"%s\" was used before, with another body. Use a new key for each new submission, and the same one only to repeat it."
              .formatted(key.text()));
    }
    return Numbers.read(former.numbers());
  }

  void add(String owner, RequestKey key, List<Long> numbers, By by) {
    handle.execute(
        "INSERT INTO requests (owner, request_key, digest, numbers, moment) VALUES (?, ?, ?, ?, ?)",
        owner,
        key.text(),
        key.digest(),
        Numbers.write(numbers),
        by.millis());
  }
}
