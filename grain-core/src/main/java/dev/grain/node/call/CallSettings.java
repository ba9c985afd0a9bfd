package dev.grain.node.call;

/**
 * What the calls of a process have in common.
 *
 * @param resultLimit how many bytes a result may take
 * @param output takes what they print
 * @param whenOutOfMemory called on the thread of a job that has thrown an {@link OutOfMemoryError},
 *     or something that it has caused, before the end of the job is told; it may block
 */
record CallSettings(long resultLimit, OutputDispatcher output, Runnable whenOutOfMemory) {}
