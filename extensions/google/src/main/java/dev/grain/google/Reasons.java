package dev.grain.google;

import com.google.api.core.ApiFuture;
import com.google.api.gax.rpc.ApiException;
import com.google.api.gax.rpc.StatusCode.Code;
import dev.grain.minion.QueueException;
import java.util.Set;
import java.util.concurrent.ExecutionException;

/** Says for people why Pub/Sub did not do something. */
final class Reasons {
  private static final Set<Code> PASSING =
      Set.of(
          Code.UNAVAILABLE,
          Code.DEADLINE_EXCEEDED,
          Code.INTERNAL,
          Code.ABORTED,
          Code.RESOURCE_EXHAUSTED,
          Code.CANCELLED,
          Code.UNKNOWN);

  private Reasons() {}

  /** Waits for something; the client bounds how long it takes. */
  static <T> T get(Place place, String what, ApiFuture<T> future) throws QueueException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw failed(place, what, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new QueueException(
          "The queue %s cannot be %s: the thread was interrupted.".formatted(place, what), e);
    }
  }

  /** Returns how a call has ended. */
  static Code code(Throwable thrown) {
    Throwable root = root(thrown);
    return root instanceof ApiException e ? e.getStatusCode().getCode() : Code.UNKNOWN;
  }

  /** Returns whether the same call may be good later. */
  static boolean isPassing(Throwable thrown) {
    return root(thrown) instanceof ApiException e && PASSING.contains(e.getStatusCode().getCode());
  }

  private static Throwable root(Throwable thrown) {
    Throwable root = thrown;
    while (root instanceof ExecutionException && root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  /**
   * Makes the exception of something that has failed.
   *
   * @param what it is, as a participle: opened, filled
   */
  static QueueException failed(Place place, String what, Throwable thrown) {
    Throwable root = root(thrown);
    return new QueueException(
        "The queue %s cannot be %s: %s.".formatted(place, what, reason(place, root)), root);
  }

  private static String reason(Place place, Throwable root) {
    String words = brief(root);
    if (!(root instanceof ApiException e)) {
      return words;
    }
    return switch (e.getStatusCode().getCode()) {
      case NOT_FOUND -> missing(place);
      case PERMISSION_DENIED ->
          "this is not allowed (%s). Grant the account roles/pubsub.editor in the project %s"
              .formatted(words, place.project());
      case UNAUTHENTICATED ->
          "the credentials are not valid (%s). Name the key file of an account with GOOGLE_APPLICATION_CREDENTIALS"
              .formatted(words);
      case UNAVAILABLE, DEADLINE_EXCEEDED ->
          "Pub/Sub does not answer (%s). Check the network, and PUBSUB_EMULATOR_HOST if it is an emulator"
              .formatted(words);
      case RESOURCE_EXHAUSTED ->
          "the project has used up its quota (%s). Raise it, or work with fewer minions"
              .formatted(words);
      default -> words;
    };
  }

  static String missing(Place place) {
    return "there is no such queue. Create it with: grain queue create '%s'".formatted(place);
  }

  /** Returns the first line of what an exception says. */
  static String brief(Throwable thrown) {
    String text = String.valueOf(thrown.getMessage()).strip();
    String line = text.lines().findFirst().orElse("").strip();
    for (int colon = line.indexOf("Exception: "); colon >= 0; colon = line.indexOf("Exception: ")) {
      line = line.substring(colon + "Exception: ".length());
    }
    line = line.replaceFirst("\\.$", "");
    return line.length() <= 300 ? line : line.substring(0, 300) + "...";
  }
}
