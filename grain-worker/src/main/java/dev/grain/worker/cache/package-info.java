/**
 * Folders that are made once per machine and then used by many jobs, such as checkouts and
 * environments.
 *
 * <p>{@link dev.grain.worker.cache.ContentCache} keeps them, bounded in bytes; {@code SharedLocks}
 * lets threads and processes agree who makes, uses and removes one.
 */
@NullMarked
package dev.grain.worker.cache;

import org.jspecify.annotations.NullMarked;
