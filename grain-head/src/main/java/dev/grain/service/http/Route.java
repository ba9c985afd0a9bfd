package dev.grain.service.http;

import dev.grain.service.http.Parameter.Place;
import dev.grain.service.store.Role;
import io.javalin.http.HandlerType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A kind of request that is served, and what is told of it in the OpenAPI document.
 *
 * @param path with the names of its variable parts in braces
 * @param role which the caller has to have; empty if anybody may send it
 * @param summary what it does
 * @param parameters those that it takes; others behind the path are refused
 * @param body the name of the schema of its body, or of the media type; empty if it takes none
 * @param answers what it is answered with if it succeeds
 */
record Route(
    HandlerType method,
    String path,
    Optional<Role> role,
    String summary,
    List<Parameter> parameters,
    String body,
    List<Answer> answers,
    Handling handling) {
  static final String API = "/api/v1";

  /** Stands for a body of bytes. */
  static final String BYTES = "Bytes";

  /** Stands for a body of text. */
  static final String TEXT = "Text/plain";

  /** Stands for a page. */
  static final String HTML = "Html";

  /** Stands for a file that belongs to a page. */
  static final String FILE = "File";

  /** Stands for a body of server-sent events. */
  static final String EVENTS = "Events";

  /** What is done with a request. */
  @FunctionalInterface
  interface Handling {
    void handle(Call call) throws Exception;
  }

  /**
   * An answer to a request that succeeds.
   *
   * @param schema the name of the schema of its body; empty if it has none
   */
  record Answer(int status, String schema, String description) {}

  Route {
    parameters = List.copyOf(parameters);
    answers = List.copyOf(answers);
  }

  static Route of(HandlerType method, String path, Role role, String summary, Handling handling) {
    return new Route(
        method, API + path, Optional.of(role), summary, List.of(), "", List.of(), handling);
  }

  /** Returns one for callers who do not tell who they are. */
  static Route open(HandlerType method, String path, String summary, Handling handling) {
    return new Route(method, path, Optional.empty(), summary, List.of(), "", List.of(), handling);
  }

  /** Returns the same with a parameter that may be there once. */
  Route with(String name, String schema, String description) {
    return with(new Parameter(name, Place.QUERY, schema, description));
  }

  /** Returns the same with a parameter that may be there several times. */
  Route withMany(String name, String schema, String description) {
    return with(new Parameter(name, Place.QUERIES, schema, description));
  }

  Route withHeader(String name, String schema, String description) {
    return with(new Parameter(name, Place.HEADER, schema, description));
  }

  private Route with(Parameter parameter) {
    List<Parameter> all = new ArrayList<>(parameters);
    all.add(parameter);
    return new Route(method, path, role, summary, all, body, answers, handling);
  }

  Route takes(String schema) {
    return new Route(method, path, role, summary, parameters, schema, answers, handling);
  }

  Route answers(int status, String schema, String description) {
    List<Answer> all = new ArrayList<>(answers);
    all.add(new Answer(status, schema, description));
    return new Route(method, path, role, summary, parameters, body, all, handling);
  }

  /** Returns the parameters behind the path. */
  List<Parameter> queries() {
    return parameters.stream().filter(each -> !each.isHeader()).toList();
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
