/**
 * Queues that Apache Pulsar serves, {@code pulsar://HOST:6650/TOPIC?subscription=NAME}.
 *
 * <p>A queue is a shared subscription of a persistent topic. An item stays with its minion as long
 * as the connection of the minion lives: a minion that was killed loses its items at once, and one
 * whose machine is gone after the {@code keepAliveIntervalSeconds} of the broker, twice at most.
 * There is no other lease, so long items need nothing.
 *
 * <p>Beside the topic there are two more. {@code TOPIC-NAME-DLQ} has the dead letters, with the
 * reason, the number of deliveries and the id of each as properties. {@code TOPIC-NAME-DELIVERIES}
 * has which items were delivered, because a broker counts deliveries in its memory, and forgets
 * them when the last minion leaves: an item that kills its minion would never become a dead letter.
 * A record is written before an item is given to a minion; with short items, one for many. An item
 * that was delivered before, and may have killed its minion, has a record of its own.
 *
 * <p>Parameters of the address:
 *
 * <ul>
 *   <li>{@code subscription}: the name of the subscription; {@code grain} by default
 *   <li>{@code admin}: where the HTTP API of the broker is; by default the host of the address,
 *       with port 8080, or 8443 with TLS. Creating, removing and counting need it. A minion that
 *       cannot reach it takes the queue for drained when nothing has come for a while
 *   <li>{@code idle}: that while, such as {@code 30s}, which is the default
 *   <li>{@code counts=broker}: keep no topic with deliveries, and use what the broker remembers
 *   <li>{@code partitions}: how many partitions the topic that is created has; none by default
 *   <li>{@code ca}: a file with the certificates, as PEM, that are trusted with TLS ({@code
 *       pulsar+ssl://})
 * </ul>
 *
 * <p>Who it is says a user and a password in the address ({@code pulsar://user:password@HOST}), or
 * the variable {@code PULSAR_TOKEN}, or {@code PULSAR_AUTH_PLUGIN} with {@code PULSAR_AUTH_PARAMS}
 * as the client of Pulsar has them.
 *
 * <p>Producers other than Grain should not batch messages: a batch goes to one minion as a whole.
 */
@NullMarked
package dev.grain.pulsar;

import org.jspecify.annotations.NullMarked;
