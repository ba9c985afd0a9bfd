package dev.grain.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message with an item.
 *
 * @param properties what it came with
 * @param value what the item has
 */
@SuppressWarnings("ArrayRecordComponent") // not compared
record Message(BasicProperties properties, byte[] value) {
  private static final String OWN = "grain";
  private static final String COUNT = "grain-count";
  private static final String REASON = "grain-reason";
  private static final String BROKERS_COUNT = "x-delivery-count";
  private static final String BROKERS_REASON = "x-first-death-reason";
  private static final int PERSISTENT = 2;

  /** So that the headers fit a frame. */
  private static final int LONGEST_REASON = 16_000;

  /** Makes one that was never delivered. */
  static Message of(String id, byte[] value) {
    return new Message(
        new BasicProperties.Builder().messageId(id).appId(OWN).deliveryMode(PERSISTENT).build(),
        value);
  }

  /** Returns whether its id is one that no other item has. */
  boolean isOwn() {
    return OWN.equals(properties.getAppId()) && properties.getMessageId() != null;
  }

  /** Returns its id; of messages without one, a digest of the value. */
  String id() {
    String id = properties.getMessageId();
    if (id != null && !id.isEmpty()) {
      return id;
    }
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(value);
      return HexFormat.of().formatHex(digest, 0, 12);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private @Nullable Object header(String name) {
    return properties.getHeaders() == null ? null : properties.getHeaders().get(name);
  }

  private int number(String header) {
    return header(header) instanceof Number number
        ? Math.clamp(number.longValue(), 0, Integer.MAX_VALUE - 1)
        : 0;
  }

  /** Returns how many times it was delivered, with this one. */
  int count() {
    return Math.clamp((long) counted() + number(BROKERS_COUNT) + 1, 1, Integer.MAX_VALUE);
  }

  /** Returns how many times it was delivered before it became this message. */
  int counted() {
    return number(COUNT);
  }

  /** Returns why it was given up. */
  String reason() {
    Object reason = header(REASON);
    if (reason == null && header(BROKERS_REASON) != null) {
      reason = "RabbitMQ has given it up: " + header(BROKERS_REASON);
    }
    return reason == null ? "" : reason.toString();
  }

  /**
   * Returns the properties of the message that is to take its place.
   *
   * @param count how many times it was delivered
   * @param delay how many milliseconds it waits, if it goes to where items wait; else null
   * @param reason why it is given up; null if it is not
   */
  BasicProperties again(int count, @Nullable Long delay, @Nullable String reason) {
    Map<String, Object> headers = new HashMap<>();
    if (properties.getHeaders() != null) {
      headers.putAll(properties.getHeaders());
    }
    headers
        .keySet()
        .removeIf(name -> name.startsWith("x-") || name.equals(COUNT) || name.equals(REASON));
    if (count > 0) {
      headers.put(COUNT, count);
    }
    if (reason != null) {
      headers.put(REASON, reason.substring(0, Math.min(reason.length(), LONGEST_REASON)));
    }
    return properties
        .builder()
        .headers(headers)
        .deliveryMode(PERSISTENT)
        .expiration(delay == null ? null : delay.toString())
        .build();
  }
}
