/**
 * A queue in a folder that all minions see, on NFS too: without a server, locks, or clocks that
 * agree. {@link dev.grain.minion.file.FileQueue} explains how.
 */
@NullMarked
package dev.grain.minion.file;

import org.jspecify.annotations.NullMarked;
