package dev.grain.service.http;

import static io.javalin.http.HandlerType.DELETE;
import static io.javalin.http.HandlerType.GET;
import static io.javalin.http.HandlerType.PATCH;
import static io.javalin.http.HandlerType.POST;

import dev.grain.service.http.Refusal.Kind;
import dev.grain.service.store.Audit;
import dev.grain.service.store.Role;
import dev.grain.service.store.Store;
import dev.grain.service.store.Tokens;
import dev.grain.service.store.Users;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Who may do what, and who has done what. For any thread. */
final class UserRoutes {
  private static final String NAME = "name";
  private static final String ROLE = "role";
  private static final String OWNER = "owner";
  private static final String LABEL = "label";
  private static final String EXPIRES = "expires";
  private static final Pattern NAMES = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");
  private static final String EXPECTED_NAME =
      "1 to 64 of A-Z, a-z, 0-9, \".\", \"_\", \"@\" and \"-\", of which the first is a letter or a digit";
  private static final int LONGEST_LABEL = 200;
  private static final int USUAL_LIMIT = 100;
  private static final int MOST = 1000;

  private final Store store;

  UserRoutes(Store store) {
    this.store = store;
  }

  List<Route> all() {
    return List.of(
        Route.of(GET, "/me", Role.READ, "Tell whose token this is.", UserRoutes::me)
            .answers(200, "Me", "The user."),
        Route.of(GET, "/users", Role.ADMIN, "List the users.", this::list)
            .answers(200, "Users", "The users, by name."),
        Route.of(POST, "/users", Role.ADMIN, "Add a user.", this::add)
            .takes("NewUser")
            .answers(201, "User", "The user."),
        Route.of(PATCH, "/users/{name}", Role.ADMIN, "Give a user another role.", this::change)
            .takes("NewRole")
            .answers(200, "User", "The user."),
        Route.of(DELETE, "/users/{name}", Role.ADMIN, "Remove a user and its tokens.", this::remove)
            .answers(204, "", "The user is removed. Its jobs stay."),
        Route.of(GET, "/tokens", Role.READ, "List tokens.", this::listTokens)
            .with(OWNER, "Text", "Whose; an admin sees those of all.")
            .answers(200, "Tokens", "The tokens, without what proves anything."),
        Route.of(POST, "/tokens", Role.READ, "Make a token.", this::createToken)
            .takes("NewToken")
            .answers(201, "MadeToken", "The token, which cannot be told again."),
        Route.of(DELETE, "/tokens/{number}", Role.READ, "Revoke a token.", this::revokeToken)
            .answers(204, "", "The token is not accepted any more."),
        Route.of(GET, "/audit", Role.ADMIN, "List who has changed what.", this::audit)
            .with("before", "Number", "The value of \"next\" of the page before.")
            .with("limit", "Limit", "How many at most.")
            .answers(200, "Audit", "The changes, the newest first."));
  }

  // ---------------------------------------------------------------- users

  private static void me(Call call) {
    Caller caller = call.caller();
    call.answer(
        200, new JsonObject().put(NAME, caller.name()).put(ROLE, Texts.lower(caller.role())));
  }

  private static JsonObject json(Users.User user) {
    return new JsonObject()
        .put(NAME, user.name())
        .put(ROLE, Texts.lower(user.role()))
        .put("created", user.created());
  }

  private void list(Call call) {
    List<Users.User> all = store.read(handle -> new Users(handle).list());
    call.answer(200, new JsonObject().put("users", all.stream().map(UserRoutes::json).toList()));
  }

  private void add(Call call) throws IOException {
    ObjectBody body = ObjectBody.read(call.json(), NAME, ROLE);
    String name = body.required(NAME, EXPECTED_NAME, body.line(NAME, 64));
    if (!NAMES.matcher(name).matches()) {
      throw ObjectBody.wrongValue(
          NAME, "\"%s\" is no name of a user.".formatted(Texts.shown(name)), EXPECTED_NAME);
    }
    Role role = role(body);
    Users.User user =
        Waiting.forValue(
            store.write(handle -> {
              Users users = new Users(handle);
              users.add(name, role, call.by());
              return users.get(name).orElseThrow();
            }));
    call.answer(201, json(user));
  }

  private static Role role(ObjectBody body) {
    List<Role> roles = List.of(Role.values());
    return body.required(ROLE, Texts.choice(roles), body.constant(ROLE, roles));
  }

  private void change(Call call) throws IOException {
    String name = call.path(NAME);
    Role role = role(ObjectBody.read(call.json(), ROLE));
    Users.User user =
        Waiting.forValue(
            store.write(handle -> {
              Users users = new Users(handle);
              users.change(name, role, call.by());
              return users.get(name).orElseThrow();
            }));
    call.answer(200, json(user));
  }

  private void remove(Call call) {
    String name = call.path(NAME);
    var _ =
        Waiting.forValue(
            store.write(handle -> {
              new Users(handle).remove(name, call.by());
              return true;
            }));
    call.context().status(204);
  }

  // ---------------------------------------------------------------- tokens

  private static JsonObject json(Tokens.Token token) {
    return new JsonObject()
        .put("number", token.number())
        .put(OWNER, token.owner())
        .put(LABEL, token.label())
        .put("created", token.created())
        .put(EXPIRES, token.expires())
        .put("used", token.used());
  }

  private void listTokens(Call call) {
    Optional<String> owner = call.parameter(OWNER).or(() -> call.caller().sees());
    owner.ifPresent(name -> ensureOwn(call.caller(), name));
    List<Tokens.Token> all = store.read(handle -> new Tokens(handle).list(owner));
    call.answer(200, new JsonObject().put("tokens", all.stream().map(UserRoutes::json).toList()));
  }

  private static void ensureOwn(Caller caller, String owner) {
    if (!caller.isAdmin() && !owner.equals(caller.name())) {
      throw new Refusal(
          Kind.FORBIDDEN,
          "%s sees and changes only tokens of its own. Leave \"owner\" out, or ask an admin."
              .formatted(caller.name()));
    }
  }

  private void createToken(Call call) throws IOException {
    ObjectBody body = ObjectBody.read(call.json(), LABEL, OWNER, EXPIRES);
    String label = body.required(LABEL, "what the token is for", body.line(LABEL, LONGEST_LABEL));
    String owner = body.line(OWNER, 64).orElse(call.caller().name());
    ensureOwn(call.caller(), owner);
    Optional<Instant> expires = body.moment(EXPIRES);
    if (expires.isPresent() && !expires.get().isAfter(call.by().moment())) {
      throw ObjectBody.wrongValue(
          EXPIRES, "%s is over.".formatted(expires.get()), "a moment that is to come");
    }
    JsonObject made =
        Waiting.forValue(
            store.write(handle -> {
              Tokens tokens = new Tokens(handle);
              String text = tokens.create(owner, label, expires, call.by());
              long number = tokens.find(text, call.by().moment()).orElseThrow().number();
              return tokens.list(Optional.of(owner)).stream()
                  .filter(each -> each.number() == number)
                  .map(UserRoutes::json)
                  .findFirst()
                  .orElseThrow()
                  .put("token", text);
            }));
    call.answer(201, made);
  }

  private void revokeToken(Call call) {
    long number = call.number("number");
    var _ =
        Waiting.forValue(
            store.write(handle -> {
              new Tokens(handle).revoke(number, call.caller().sees(), call.by());
              return true;
            }));
    call.context().status(204);
  }

  // ---------------------------------------------------------------- audit

  private void audit(Call call) {
    long before = call.number("before", Long.MAX_VALUE, 1, Long.MAX_VALUE);
    int limit = (int) call.number("limit", USUAL_LIMIT, 1, MOST);
    List<Audit.Line> lines = store.read(handle -> new Audit(handle).list(before, limit));
    JsonObject json = new JsonObject().put("lines", lines.stream().map(UserRoutes::json).toList());
    // fewer are the last ones
    call.answer(200, lines.size() < limit ? json : json.put("next", lines.getLast().number()));
  }

  private static JsonObject json(Audit.Line line) {
    return new JsonObject()
        .put("number", line.number())
        .put("moment", line.moment())
        .put("who", line.who())
        .put("action", line.action())
        .put("object", line.object());
  }
}
