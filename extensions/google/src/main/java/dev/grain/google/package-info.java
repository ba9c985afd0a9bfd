/**
 * Queues that Google Cloud Pub/Sub serves, {@code pubsub:PROJECT/SUBSCRIPTION?topic=TOPIC}.
 *
 * <p>A queue is a subscription that is pulled. An item stays with its minion for the lease, which
 * the minion extends while it works on the item. A failed item that is delivered again after a time
 * waits at the service, for 10 minutes at most.
 *
 * <p>Dead letters are messages of the topic {@code SUBSCRIPTION-dead}, which its subscription of
 * the same name keeps. They have the reason, the number of deliveries and the id as attributes, the
 * reason in 1024 bytes at most. The service counts deliveries only for subscriptions with a policy
 * for dead letters. A queue that Grain has created has one, with the most deliveries that there can
 * be, 100, so that minions give up before.
 *
 * <p>The service does not tell how many items there are. So a minion takes the queue for drained
 * when nothing has come for a while, and nothing is counted. It keeps items for 7 days, and takes
 * items of 10 MB at most.
 *
 * <p>Parameters of the address:
 *
 * <ul>
 *   <li>{@code topic}: the topic of the subscription; for a queue that is created, by default the
 *       name of the subscription
 *   <li>{@code lease}: how long an item stays with a minion that gives no sign of life, up to
 *       {@code 600s}; that of the subscription by default, and {@code 30s} for one that is created
 *   <li>{@code idle}: after which time without an item the queue counts as drained; by default 10
 *       seconds more than the lease
 *   <li>{@code emulator}: the {@code HOST:PORT} of an emulator, which serves the queue instead
 * </ul>
 *
 * <p>Who it is says the key file that {@code GOOGLE_APPLICATION_CREDENTIALS} names, or the machine
 * if it is one of Google's. With {@code PUBSUB_EMULATOR_HOST} as {@code HOST:PORT}, an emulator
 * serves the queues.
 */
@NullMarked
package dev.grain.google;

import org.jspecify.annotations.NullMarked;
