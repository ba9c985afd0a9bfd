package dev.grain.service.http;

import dev.grain.service.http.Refusal.Kind;
import dev.grain.service.store.Role;
import dev.grain.service.store.Store;
import dev.grain.service.store.Tokens;
import dev.grain.service.store.Tokens.Bearer;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Lets callers in: those that prove who they are, may do what they ask for, and not too often. */
final class Entrance {
  private static final String SCHEME = "Bearer ";

  /** Longer than any token, so that nobody has long ones hashed. */
  private static final int LONGEST = 200;

  private final Store store;
  private final Rates rates;

  Entrance(Store store, Rates rates) {
    this.store = store;
    this.rates = rates;
  }

  /**
   * Returns who sends a request.
   *
   * @param authorization the header of this name
   * @throws Refusal if the caller may not send it, or not now
   */
  Caller admit(Role needed, @Nullable String authorization, Instant now) {
    Bearer bearer = bearer(authorization, now);
    OptionalLong wait = rates.take(bearer.owner());
    if (wait.isPresent()) {
      long seconds = TimeUnit.NANOSECONDS.toSeconds(wait.getAsLong()) + 1;
      throw new Refusal(
              Kind.TOO_MANY_REQUESTS,
              "%s has sent more than %s requests a second. Wait %s s, and send less often; many jobs fit into one request."
                  .formatted(bearer.owner(), Rates.PER_SECOND, seconds))
          .with("Retry-After", Long.toString(seconds));
    }
    if (!bearer.role().includes(needed)) {
      throw new Refusal(
          Kind.FORBIDDEN,
          "%s has the role %s, but this needs %s. Ask an admin of the head for it."
              .formatted(bearer.owner(), Texts.lower(bearer.role()), Texts.lower(needed)));
    }
    if (bearer.stale()) {
      var _ =
          store.write(handle -> {
            new Tokens(handle).use(bearer.number(), now);
            return true;
          });
    }
    return new Caller(bearer.owner(), bearer.role());
  }

  /**
   * Returns whether a caller who was let in still is who it was, and may do what it did; not
   * counted as a request.
   */
  boolean stillAdmits(Caller caller, Optional<String> authorization, Clock clock) {
    try {
      Bearer bearer = bearer(authorization.orElse(null), clock.instant());
      return caller.equals(new Caller(bearer.owner(), bearer.role()));
    } catch (Refusal e) {
      return false;
    }
  }

  private Bearer bearer(@Nullable String authorization, Instant now) {
    if (authorization == null) {
      throw unauthenticated(
          "The request has no token. Send the header \"Authorization: Bearer TOKEN\".", "");
    }
    String text = authorization.strip();
    if (!text.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw unauthenticated(
          "The header Authorization is not of the form \"Bearer TOKEN\".",
          ", error=\"invalid_request\"");
    }
    String token = text.substring(SCHEME.length()).strip();
    Optional<Bearer> found =
        token.length() > LONGEST
            ? Optional.empty()
            : store.read(handle -> new Tokens(handle).find(token, now));
    return found.orElseThrow(() ->
        unauthenticated(
            "The token is not known here. It may have expired or been revoked, or be that of another head. Make a new one, or ask an admin for one.",
            ", error=\"invalid_token\""));
  }

  private static Refusal unauthenticated(String message, String error) {
    return new Refusal(Kind.UNAUTHENTICATED, message)
        .with("WWW-Authenticate", "Bearer realm=\"grain\"" + error);
  }
}
