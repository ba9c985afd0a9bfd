package dev.grain.pulsar;

import dev.grain.minion.QueueException;
import dev.grain.text.Exceptions;
import java.net.ConnectException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.pulsar.client.api.PulsarClientException;
import org.jspecify.annotations.Nullable;

/** Says for people why Pulsar did not do something. */
final class Reasons {
  private Reasons() {}

  /** Waits for something; the client bounds how long it takes. */
  static <T extends @Nullable Object> T join(Place place, String what, CompletableFuture<T> future)
      throws QueueException {
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

  /**
   * Makes the exception of something that has failed.
   *
   * @param what it is, as a participle: opened, filled
   */
  static QueueException failed(Place place, String what, Throwable cause) {
    Throwable root = cause;
    while ((root instanceof ExecutionException || root instanceof CompletionException)
        && root.getCause() != null) {
      root = root.getCause();
    }
    return new QueueException(
        "The queue %s cannot be %s: %s.".formatted(place, what, reason(place, root)), cause);
  }

  private static String reason(Place place, Throwable root) {
    return switch (root) {
      case PulsarClientException.InvalidMessageException e ->
          "an item is too large (%s). The limit of the broker is its setting maxMessageSize"
              .formatted(brief(e));
      case PulsarClientException.AuthenticationException e ->
          "the broker does not accept who this is (%s). Check the user and password of the address,"
                  .formatted(brief(e))
              + " or PULSAR_TOKEN";
      case PulsarClientException.AuthorizationException e ->
          "this is not allowed (%s). Ask for the permissions to produce and consume"
              .formatted(brief(e));
      case PulsarClientException.TopicDoesNotExistException _ -> missing(place);
      case PulsarClientException.NotFoundException _ -> missing(place);
      case PulsarClientException.SubscriptionNotFoundException _ -> missing(place);
      case PulsarClientException.ProducerBlockedQuotaExceededException e ->
          "the namespace is full (%s). Raise its backlog quota, or work on what is there"
              .formatted(brief(e));
      case PulsarClientException e
          when e instanceof PulsarClientException.ConnectException
              || e instanceof PulsarClientException.TimeoutException
              || e instanceof PulsarClientException.LookupException
              || e instanceof PulsarClientException.NotConnectedException ->
          unreachable(place, e);
      default -> isConnecting(root) ? unreachable(place, root) : brief(root);
    };
  }

  private static boolean isConnecting(Throwable thrown) {
    return Exceptions.withCauses(thrown).stream().anyMatch(ConnectException.class::isInstance);
  }

  private static String unreachable(Place place, Throwable why) {
    return "the broker does not answer at %s (%s). Check that it runs, the host, the port, and %s"
        .formatted(
            place.service(),
            brief(why),
            place.isTls() ? "its certificate" : "whether it wants TLS (pulsar+ssl://)");
  }

  static String missing(Place place) {
    return "there is no such queue. Create it with: grain queue create '%s'".formatted(place);
  }

  /** Returns the first line of what an exception says, without what the client repeats. */
  static String brief(Throwable thrown) {
    String text = String.valueOf(thrown.getMessage()).strip();
    String line = text.lines().findFirst().orElse("").strip();
    for (int colon = line.indexOf("Exception: "); colon >= 0; colon = line.indexOf("Exception: ")) {
      line = line.substring(colon + "Exception: ".length());
    }
    if (line.isEmpty() || line.equals("null") || line.startsWith("{")) {
      line = line + " " + thrown.getClass().getSimpleName();
    }
    line = line.strip().replaceFirst("\\.$", "");
    return line.length() <= 300 ? line : line.substring(0, 300) + "...";
  }
}
