/** The daemon of a node. */
@NullMarked
package dev.grain.worker;

import org.jspecify.annotations.NullMarked;
