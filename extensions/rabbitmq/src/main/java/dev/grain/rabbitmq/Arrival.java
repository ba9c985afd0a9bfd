package dev.grain.rabbitmq;

/**
 * A message that the broker has given to this minion.
 *
 * @param tag what the broker calls this delivery, on this connection
 * @param again whether the message was delivered before
 */
record Arrival(long tag, boolean again, Message message) {}
