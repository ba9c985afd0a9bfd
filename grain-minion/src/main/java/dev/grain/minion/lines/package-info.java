/** Lines of a file, or of standard input, as a queue for one minion; nothing is shared. */
@NullMarked
package dev.grain.minion.lines;

import org.jspecify.annotations.NullMarked;
