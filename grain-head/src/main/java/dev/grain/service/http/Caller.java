package dev.grain.service.http;

import dev.grain.service.store.Role;
import java.util.Optional;

/** Who sends a request. */
record Caller(String name, Role role) {
  boolean isAdmin() {
    return role == Role.ADMIN;
  }

  /** Returns whose things the caller sees; empty for those of all. */
  Optional<String> sees() {
    return isAdmin() ? Optional.empty() : Optional.of(name);
  }
}
