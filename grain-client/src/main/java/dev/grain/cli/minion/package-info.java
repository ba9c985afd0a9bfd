/** The commands {@code grain minion}, {@code minionize} and {@code grain queue}. */
@NullMarked
package dev.grain.cli.minion;

import org.jspecify.annotations.NullMarked;
