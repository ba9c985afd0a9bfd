/**
 * A queue in a folder that all minions see, on NFS too: without a server, locks, or clocks that
 * agree. {@link dev.grain.minion.file.FileQueue} explains how.
 *
 * <p>What users have to know:
 *
 * <ul>
 *   <li>Addresses are {@code file:FOLDER?lease=TIME}, with a lease from one second on; 30 seconds
 *       by default. {@code grain queue create} writes the lease of its address into the folder, and
 *       minions use that one unless their address has another. The items of a minion that was
 *       killed are delivered again when the lease is over, and at most a quarter of it later. A
 *       file server that does not answer for longer than that makes nobody look dead.
 *   <li>Items of a minion that ends in order are delivered again at once. Of those that had begun,
 *       the deliveries count. A killed minion may leave items that are done, but not yet
 *       acknowledged: they are done again.
 *   <li>An item has at most 64 MiB, and ids and values may be any bytes. Segments have 4096 items,
 *       or fewer if these have more than 1 MiB together; {@code fill} makes at least one, and one
 *       for what comes within a fifth of a second, so it is best called with many items.
 *   <li>Items come about in the order in which they were added. A minion claims as many at a time
 *       as it is likely to process within a second or two, at most 4096, and gives back those that
 *       wait for longer than five seconds behind others.
 *   <li>A delay of an item that was given back counts from when a minion claims it again.
 *   <li>Minions remove segments and logs that nobody needs any more, about each quarter of a lease
 *       and when they end, so a queue that is used for ever does not grow. Dead letters stay until
 *       they are requeued. What {@code fill} or {@code requeue} was writing when it was killed
 *       stays in the folder {@code new}, and is no part of the queue.
 *   <li>On a full disk, {@code fill} says how many items were added, and a minion ends with an
 *       error; nothing is lost. A segment that is damaged is named by an error, which says what to
 *       do.
 *   <li>All users of a queue need permission to create, rename and remove files in its folders.
 * </ul>
 */
@NullMarked
package dev.grain.minion.file;

import org.jspecify.annotations.NullMarked;
