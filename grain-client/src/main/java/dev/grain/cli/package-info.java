/**
 * What the commands that people type have in common: how the program {@code grain} finds them, how
 * their command lines are read, and what they say about mistakes.
 */
@NullMarked
package dev.grain.cli;

import org.jspecify.annotations.NullMarked;
