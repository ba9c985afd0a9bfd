package dev.grain.node.call;

import dev.grain.node.confine.ThreadPins;
import org.jspecify.annotations.Nullable;

/**
 * What the calls of a process have in common.
 *
 * @param resultLimit how many bytes a result may take
 * @param output takes what they print
 * @param pins pins them to their cores; null if they are not pinned
 * @param whenOutOfMemory called on the thread of a job that has thrown an {@link OutOfMemoryError},
 *     or something that it has caused, before the end of the job is reported; it may block
 */
record CallSettings(
    long resultLimit,
    OutputDispatcher output,
    @Nullable ThreadPins pins,
    Runnable whenOutOfMemory) {}
