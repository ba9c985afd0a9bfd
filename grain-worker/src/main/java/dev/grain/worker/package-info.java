/**
 * What runs on every node: the daemon {@code grain-worker}, and the commands around it.
 *
 * <p>{@link dev.grain.worker.WorkerOptions} is what the command line of a worker comes to. {@link
 * dev.grain.worker.HeapSize} is asked by the launcher {@code bin/grain} before the JVM of a worker
 * starts.
 */
@NullMarked
package dev.grain.worker;

import org.jspecify.annotations.NullMarked;
