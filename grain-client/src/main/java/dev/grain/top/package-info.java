/**
 * {@code mtop}: a full-screen view of minions at work, over the files that their reporter writes.
 */
@NullMarked
package dev.grain.top;

import org.jspecify.annotations.NullMarked;
