package dev.grain.service.http;

import dev.grain.client.JobSpecException;
import dev.grain.service.blob.BlobException;
import dev.grain.service.http.Refusal.Kind;
import dev.grain.service.store.ConflictException;
import dev.grain.service.store.StoreException;
import io.javalin.http.HttpResponseException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpException;

/** Finds out what an exception means to the one who sent the request. For any thread. */
final class Refusals {
  private static final System.Logger LOG = System.getLogger("dev.grain.head");
  private static final String RETRY_AFTER = "Retry-After";

  /** With which Jetty refuses a version of HTTP. */
  private static final int UNKNOWN_VERSION = 505;

  private final AtomicLong internal = new AtomicLong();

  Refusal of(Throwable thrown) {
    return switch (thrown) {
      case Refusal refusal -> refusal;
      case JobSpecException wrong -> Refusal.invalid(wrong.problems(), wrong);
      case ConflictException conflict -> of(conflict);
      case StoreException store -> of(store);
      case BlobException blob -> of(blob);
      case HttpException http -> of(http.getCode(), String.valueOf(http.getReason()), thrown);
      case HttpResponseException http ->
          of(http.getStatus(), String.valueOf(http.getMessage()), thrown);
      case IOException lost ->
          new Refusal(
              Kind.BAD_REQUEST,
              "The request did not arrive completely (%s). Send it again."
                  .formatted(lost.getMessage()),
              lost);
      default -> internal(thrown);
    };
  }

  private static Refusal of(ConflictException conflict) {
    Kind kind =
        switch (conflict.kind()) {
          case KEY_REUSED -> Kind.KEY_REUSED;
          case TAKEN -> Kind.TAKEN;
          case UNKNOWN -> Kind.NOT_FOUND;
          case CLOSED, TOO_MANY -> Kind.CONFLICT;
        };
    return new Refusal(kind, String.valueOf(conflict.getMessage()), conflict);
  }

  private static Refusal of(StoreException store) {
    String message = String.valueOf(store.getMessage());
    return switch (store.kind()) {
      case FULL -> new Refusal(Kind.DISK_FULL, message, store);
      case AWAY, UNUSABLE ->
          new Refusal(
                  Kind.UNAVAILABLE,
                  message
                      + " Repeat the request later; with an idempotency key, nothing is done twice.",
                  store)
              .with(RETRY_AFTER, "5");
    };
  }

  private static Refusal of(BlobException blob) {
    String message = String.valueOf(blob.getMessage());
    return switch (blob.kind()) {
      case WRONG_HASH -> new Refusal(Kind.WRONG_HASH, message, blob);
      case WRONG_OFFSET ->
          new Refusal(Kind.WRONG_OFFSET, message, blob).tells("arrived", blob.arrived());
      case TOO_LARGE -> new Refusal(Kind.TOO_LARGE, message, blob);
      case TAKEN_OVER -> new Refusal(Kind.TAKEN_OVER, message, blob);
      case UNKNOWN -> new Refusal(Kind.NOT_FOUND, message, blob);
    };
  }

  /** Returns what the server itself has refused. */
  Refusal of(int status, String reason, Throwable cause) {
    if (status >= 500 && status != UNKNOWN_VERSION) {
      return internal(cause);
    }
    Kind kind =
        switch (status) {
          case 404 -> Kind.NOT_FOUND;
          case 405 -> Kind.METHOD_NOT_ALLOWED;
          case 413 -> Kind.TOO_LARGE;
          case 415 -> Kind.UNSUPPORTED_MEDIA_TYPE;
          default -> Kind.BAD_REQUEST;
        };
    return new Refusal(kind, "The request cannot be read: %s.".formatted(reason), cause);
  }

  private Refusal internal(Throwable thrown) {
    long number = internal.incrementAndGet();
    LOG.log(System.Logger.Level.ERROR, "Failure " + number + " of a request", thrown);
    return new Refusal(
        Kind.INTERNAL,
        "This is a bug in Grain. The log of the head has the details under \"Failure %s of a request\"; please report them."
            .formatted(number),
        thrown);
  }
}
