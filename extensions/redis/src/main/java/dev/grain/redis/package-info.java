/**
 * Queues in Redis 6.2 or later, and in what speaks its protocol: {@code
 * redis://[user:password@]host[:6379][,host2]/KEY}; {@code rediss:} for TLS.
 *
 * <p>The queue is the stream {@code KEY} with a consumer group. Beside it are the dead letters, the
 * items that wait for the end of a delay, and the settings: {@code {KEY}:dead}, {@code
 * {KEY}:later}, {@code {KEY}:due} and {@code {KEY}:queue}. All of these are in one slot of a Redis
 * Cluster, so a minion works with the node that has the slot, and follows it when it moves. An item
 * that is done is removed from the stream.
 *
 * <p>Settings of an address:
 *
 * <table>
 * <caption>Parameters</caption>
 * <tr><th>name</th><th>default</th><th>meaning</th></tr>
 * <tr><td>{@code group}</td><td>{@code grain}</td><td>the consumer group</td></tr>
 * <tr><td>{@code db}</td><td>0</td><td>the number of the database</td></tr>
 * <tr><td>{@code lease}</td><td>30 s</td><td>after which silence of a minion others take its items; kept in the queue when it is created, and the same for all minions; 1 s at least</td></tr>
 * <tr><td>{@code outage}</td><td>5 min</td><td>how long a minion waits for a server that is away</td></tr>
 * <tr><td>{@code ca}</td><td>that of the JDK</td><td>a file in PEM form with the authorities that are trusted, for {@code rediss:}</td></tr>
 * </table>
 *
 * <p>User and password are in the address or in the variables {@code REDIS_USERNAME} and {@code
 * REDIS_PASSWORD}.
 *
 * <p>Entries that other programs have added are items as well: the value of the only field, or a
 * JSON object of all fields.
 *
 * <p>Whether items survive the end of the server is a matter of its configuration: {@code
 * appendonly yes}, with {@code appendfsync always} if not even the last second may be lost. A
 * replica that becomes the primary may lack the last changes: then items are done again, or are
 * lost if they were added just before. Sentinel is not asked: name all hosts in the address; a
 * replica is left for the next host.
 */
@NullMarked
package dev.grain.redis;

import org.jspecify.annotations.NullMarked;
