package dev.grain.service.http;

import dev.grain.service.store.Role;
import io.javalin.http.HandlerType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A kind of request that is served.
 *
 * @param path with the names of its variable parts in braces
 * @param role which the caller has to have; empty if anybody may send it
 * @param parameters those that it takes; others are refused
 */
record Route(
    HandlerType method,
    String path,
    Optional<Role> role,
    List<Parameter> parameters,
    Handling handling) {
  static final String API = "/api/v1";

  /** What is done with a request. */
  @FunctionalInterface
  interface Handling {
    void handle(Call call) throws Exception;
  }

  Route {
    parameters = List.copyOf(parameters);
  }

  static Route of(HandlerType method, String path, Role role, Handling handling) {
    return new Route(method, API + path, Optional.of(role), List.of(), handling);
  }

  /** Returns one for callers who do not tell who they are. */
  static Route open(HandlerType method, String path, Handling handling) {
    return new Route(method, path, Optional.empty(), List.of(), handling);
  }

  /** Returns the same with a parameter that may be there once. */
  Route with(String name) {
    return with(new Parameter(name, false));
  }

  /** Returns the same with a parameter that may be there several times. */
  Route withMany(String name) {
    return with(new Parameter(name, true));
  }

  private Route with(Parameter parameter) {
    List<Parameter> all = new ArrayList<>(parameters);
    all.add(parameter);
    return new Route(method, path, role, all, handling);
  }

  /** Returns whether a path is one of this route. */
  boolean matches(String other) {
    String[] parts = path.split("/", -1);
    String[] others = other.split("/", -1);
    if (parts.length != others.length) {
      return false;
    }
    for (int i = 0; i < parts.length; i++) {
      if (!parts[i].startsWith("{") && !parts[i].equals(others[i])) {
        return false;
      }
    }
    return true;
  }
}
