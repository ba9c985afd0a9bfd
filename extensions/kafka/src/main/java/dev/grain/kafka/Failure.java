package dev.grain.kafka;

import dev.grain.minion.QueueException;
import dev.grain.text.Exceptions;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.GroupMaxSizeReachedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;

/** Exceptions of Kafka as sentences, with what to do. */
final class Failure {
  /** The oldest release that has all that is needed. */
  static final String NEEDS = "needs Kafka 4.2 or later";

  private Failure() {}

  /** Returns what a client threw, without the wrapping of futures and constructors. */
  static Throwable cause(Throwable e) {
    Throwable cause = e.getCause();
    boolean wrapped =
        e instanceof ExecutionException
            || e instanceof CompletionException
            || cause instanceof ConfigException;
    return wrapped && cause != null ? cause(cause) : e;
  }

  /**
   * Returns the exception for people.
   *
   * @param done what cannot be done with the queue: opened, filled
   */
  static QueueException of(KafkaAddress address, String done, Throwable e) {
    Throwable cause = cause(e);
    return new QueueException(
        "The queue %s cannot be %s: %s".formatted(address.text(), done, sentence(address, cause)),
        cause);
  }

  private static String sentence(KafkaAddress address, Throwable cause) {
    String brokers = address.brokers();
    return switch (cause) {
      case AuthenticationException _ ->
          ("the broker %s refused the login: %s. Check the user and password in the file that"
                  + " ?config= or KAFKA_CONFIG names.")
              .formatted(brokers, message(cause));
      case AuthorizationException _ ->
          ("the user may not do this: %s. Grant it with kafka-acls.sh: on the topics %s and %s, and"
                  + " on the group %s.")
              .formatted(message(cause), address.topic(), address.deadTopic(), address.group());
      case TimeoutException _, DisconnectException _ ->
          ("no answer came from %s in time. Check that a broker runs there, that it advertises an"
                  + " address that can be reached from here (advertised.listeners), and that it"
                  + " wants no other security.protocol than %s.")
              .formatted(brokers, address.client().getOrDefault("security.protocol", "PLAINTEXT"));
      case UnsupportedVersionException _ ->
          "it %s; the broker %s does not know a request of it. Update the brokers."
              .formatted(NEEDS, brokers);
      case UnknownTopicOrPartitionException _ -> missing(address);
      case GroupMaxSizeReachedException _ ->
          ("its group %s has as many consumers as the broker permits. Stop some minions, or raise"
                  + " group.share.max.size in the configuration of the brokers.")
              .formatted(address.group());
      case ConfigException _ ->
          ("a setting is wrong: %s. Check the names of the brokers, %s, and the file that ?config="
                  + " or KAFKA_CONFIG names.")
              .formatted(message(cause), brokers);
      default -> Exceptions.describe(cause) + ".";
    };
  }

  static String missing(KafkaAddress address) {
    return "there is no topic %s. Create it with: grain queue create %s"
        .formatted(address.topic(), address.text());
  }

  private static String message(Throwable cause) {
    @Nullable String message = cause.getMessage();
    String text = message == null ? cause.getClass().getSimpleName() : message;
    return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
  }
}
