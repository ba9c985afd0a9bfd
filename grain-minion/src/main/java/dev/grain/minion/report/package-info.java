/** What a minion has done with each item, for people and programs that watch. */
@NullMarked
package dev.grain.minion.report;

import org.jspecify.annotations.NullMarked;
