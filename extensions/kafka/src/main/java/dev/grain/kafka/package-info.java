/**
 * Queues in topics of Apache Kafka 4.2 or later, by share groups:
 *
 * <pre>kafka://HOST[:PORT][,HOST[:PORT]...]/TOPIC[?NAME=VALUE&amp;...]</pre>
 *
 * <table>
 * <caption>Settings in the address</caption>
 * <tr><th>{@code group}</th><td>the share group; the name of the topic unless given. Each group gets
 *     each item, so two groups are two queues over the same items.</td></tr>
 * <tr><th>{@code config}</th><td>a properties file for the clients of Kafka, with {@code
 *     security.protocol}, {@code sasl.jaas.config} and the like. The variable {@code KAFKA_CONFIG}
 *     names it for all queues.</td></tr>
 * <tr><th>{@code lease}</th><td>for {@code create}: how long an item stays with a minion that gives no
 *     sign of life, 30 s unless given. Brokers permit 15 s to 60 s unless configured
 *     otherwise.</td></tr>
 * <tr><th>{@code partitions}</th><td>for {@code create}: how many partitions the topic has, 1 unless
 *     given; see below.</td></tr>
 * <tr><th>{@code replicas}</th><td>for {@code create}: how many brokers have each partition; what the
 *     brokers are configured for unless given.</td></tr>
 * <tr><th>{@code retention}</th><td>for {@code create}: after which time the broker removes items, done
 *     or not; never unless given.</td></tr>
 * <tr><th>{@code consumers}</th><td>how many consumers a minion has at most, 64 unless given; see
 *     below.</td></tr>
 * <tr><th>{@code idle}</th><td>after which time without an item a minion takes the queue as drained if
 *     the broker does not tell the lag of the group, 30 s unless given. Brokers since 4.2
 *     do.</td></tr>
 * </table>
 *
 * <p>The queue is the topic, as seen by the group; dead letters are in the topic {@code
 * TOPIC-dead}, with the headers {@code grain-id}, {@code grain-deliveries} and {@code
 * grain-reason}. Any program may add items to the topic, and any topic can be worked on: if it was
 * not created by Grain, the first minion lets the group begin at its first item.
 *
 * <h2>Leases and consumers</h2>
 *
 * A consumer of a share group takes no further items while it keeps one of those that it has. So a
 * minion has as many consumers as it needs: one or a few while items are short, and one for each
 * item in flight if they are long, or if they wait for a retry. The brokers limit the consumers of
 * a group, to 200 unless {@code group.share.max.size} says otherwise, and those of a minion that
 * was killed count for another 45 s. A minion that gets no further one works with those it has,
 * logs a warning, and asks again after a minute.
 *
 * <p>If items are short, minions take several at once: as many as they do in about half a second,
 * and about 1000 at most. If they are as short as that, two consumers take turns, and the request
 * of one for its next items acknowledges its last ones. Items that a minion took and has not begun
 * after 3 s, because those before them take longer than expected, or when it is stopped, are added
 * to the topic anew. So are items whose minion has died, if a batch has more than one of them.
 * Items that are delivered for the third time are taken one at a time, so that one which kills
 * minions does not take the others to the dead letters; that needs a limit of at least 3
 * deliveries.
 *
 * <p>Kafka assigns the partitions of a topic to consumers. With more than one partition, items of a
 * partition wait while all consumers to which it is assigned work on long items. One partition
 * serves any number of minions; at most 2000 items of a partition are in flight ({@code
 * group.share.partition.max.record.locks}).
 *
 * <h2>Deliveries</h2>
 *
 * The broker counts the deliveries of an item, and forgets the item when they reach the limit of
 * the group ({@code share.delivery.count.limit}, 5 unless configured, at most 10). A minion adds an
 * item that comes near the limit to the topic anew, with the number so far in the header {@code
 * grain-deliveries}, so that {@code --max-deliveries} may be any number.
 *
 * <h2>What the broker can tell</h2>
 *
 * A queue is drained when the lag of the group is zero; the lag counts what waits and what is in
 * flight at any minion, so {@code stat} has both as ready. The number of minions is that of the
 * members of the group by different client ids; a minion that was killed is a member for another 45
 * s.
 */
@NullMarked
package dev.grain.kafka;

import org.jspecify.annotations.NullMarked;
