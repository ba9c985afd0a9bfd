/**
 * Events: what is told to listeners when jobs have changed. The store tells which jobs a
 * transaction has changed ({@link dev.grain.service.store.Commit}); {@link
 * dev.grain.service.event.JobEvents} numbers these changes, and a thread of its own reads the jobs
 * and puts them into the queue of each {@link dev.grain.service.event.Listener} that wants them. So
 * the thread that writes the store never waits for a listener, and no listener waits for another.
 */
@NullMarked
package dev.grain.service.event;

import org.jspecify.annotations.NullMarked;
