/** The tests that every engine for queues passes, and the minions that these start. */
@NullMarked
package dev.grain.minion.testing;

import org.jspecify.annotations.NullMarked;
