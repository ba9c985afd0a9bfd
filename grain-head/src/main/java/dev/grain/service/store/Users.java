package dev.grain.service.store;

import dev.grain.service.store.ConflictException.Kind;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The users of the head. At least one admin stays. */
public final class Users {
  private final Handle handle;

  /** A user. */
  public record User(String name, Role role, Instant created) {}

  public Users(Handle handle) {
    this.handle = handle;
  }

  /**
   * Adds a user.
   *
   * @throws ConflictException if the name is taken
   */
  public void add(String name, Role role, By by) {
    int added =
        handle.execute(
            "INSERT INTO users (name, role, created) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            name,
            role.name(),
            by.millis());
    if (added == 0) {
      throw new ConflictException(
          Kind.TAKEN,
          "There is a user %s already. Choose another name, or change the role of this one."
              .formatted(name));
    }
    new Audit(handle).add(by, "user.add", name + " " + role);
  }

  /**
   * Gives a user another role.
   *
   * @throws ConflictException if there is no such user, or it is the last admin
   */
  public void change(String name, Role role, By by) {
    User user = require(name);
    if (user.role() != role) {
      if (role != Role.ADMIN) {
        ensureAdminLeft(user);
      }
      handle.execute("UPDATE users SET role = ? WHERE name = ?", role.name(), name);
      new Audit(handle).add(by, "user.change", name + " " + role);
    }
  }

  /**
   * Removes a user, with its tokens and keys. Its jobs stay.
   *
   * @throws ConflictException if there is no such user, or it is the last admin
   */
  public void remove(String name, By by) {
    ensureAdminLeft(require(name));
    handle.execute("DELETE FROM users WHERE name = ?", name);
    new Audit(handle).add(by, "user.remove", name);
  }

  private User require(String name) {
    return get(name)
        .orElseThrow(
            () -> new ConflictException(Kind.UNKNOWN, "There is no user %s.".formatted(name)));
  }

  private void ensureAdminLeft(User user) {
    long admins =
        handle
            .createQuery("SELECT count(*) FROM users WHERE role = 'ADMIN'")
            .mapTo(Long.class)
            .one();
    if (user.role() == Role.ADMIN && admins == 1) {
      throw new ConflictException(
          Kind.CLOSED,
          "%s is the only admin, so nobody could change anything after that. Make another user an admin first."
              .formatted(user.name()));
    }
  }

  public Optional<User> get(String name) {
    return handle
        .createQuery("SELECT name, role, created FROM users WHERE name = ?")
        .bind(0, name)
        .map((row, _) -> user(row))
        .findOne();
  }

  /** Returns all, by name. */
  public List<User> list() {
    return handle
        .createQuery("SELECT name, role, created FROM users ORDER BY name")
        .map((row, _) -> user(row))
        .list();
  }

  private static User user(ResultSet row) throws SQLException {
    return new User(
        row.getString(1), Role.valueOf(row.getString(2)), Instant.ofEpochMilli(row.getLong(3)));
  }
}
