/**
 * Queues in RabbitMQ 3.10 or later: {@code
 * rabbitmq://[user:password@]host[:5672][,host2]/[VHOST/]QUEUE}, or {@code amqp:}; {@code amqps:}
 * for TLS, whose port is 5671. The virtual host is {@code /} if none is named.
 *
 * <p>{@code grain queue create} makes four quorum queues: {@code QUEUE} with the items, {@code
 * QUEUE.dead} with the dead letters, {@code QUEUE.delay} with items that wait for the end of a
 * delay, and {@code QUEUE.minions}, which has no messages: each minion that has items, or is about
 * to take some, is a consumer of it. RabbitMQ does not tell programs how many messages are in
 * flight; so a queue is drained if {@code QUEUE} and {@code QUEUE.delay} are empty and {@code
 * QUEUE.minions} has no consumer, twice within a fraction of a second. Programs other than minions
 * that take items are not noticed.
 *
 * <p>Settings of an address:
 *
 * <table>
 * <caption>Parameters</caption>
 * <tr><th>name</th><th>default</th><th>meaning</th></tr>
 * <tr><td>{@code lease}</td><td>30 s</td><td>after which a minion whose machine is gone is noticed, by missed heartbeats; 2 s at least. One that is killed is noticed at once.</td></tr>
 * <tr><td>{@code longest}</td><td>24 h</td><td>how long an item may be with a minion. {@code create} keeps it in the queue as {@code x-consumer-timeout}; RabbitMQ before 3.12 has its setting {@code consumer_timeout} instead, which is 30 minutes.</td></tr>
 * <tr><td>{@code outage}</td><td>5 min</td><td>how long a minion waits for a broker that is away</td></tr>
 * <tr><td>{@code ca}</td><td>that of the JDK</td><td>a file in PEM form with the authorities that are trusted, for {@code amqps:}</td></tr>
 * </table>
 *
 * <p>User and password are in the address or in the variables {@code RABBITMQ_USERNAME} and {@code
 * RABBITMQ_PASSWORD}; else they are {@code guest} and {@code guest}.
 *
 * <p>An item that takes longer than {@code longest} is delivered again while the minion still works
 * on it: RabbitMQ cannot renew a delivery. Items that fail and are delivered again after a delay
 * wait in {@code QUEUE.delay} in the order in which they failed: one with a short delay waits for
 * those with longer delays before it. How many times an item was delivered is counted by the
 * broker, when it sends the item. A minion with short items is sent some in advance: those that it
 * gives back count as if they had not been delivered, and those that it has when it dies count.
 *
 * <p>The largest item is that of the broker's setting {@code max_message_size}: 16 MiB from
 * RabbitMQ 4.0 on, 128 MiB before.
 */
@NullMarked
package dev.grain.rabbitmq;

import org.jspecify.annotations.NullMarked;
