/** The commands {@code grain minion}, {@code minionize} and {@code grain queue}. */
@NullMarked
package dev.grain.minion.cli;

import org.jspecify.annotations.NullMarked;
