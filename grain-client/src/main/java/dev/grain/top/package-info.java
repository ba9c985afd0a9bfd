/**
 * What people see of minions at work: {@code minion-status}, which prints, and {@code mtop}, which
 * fills the screen. Both read the folder of the JSON reporter, and nothing else.
 */
@NullMarked
package dev.grain.top;

import org.jspecify.annotations.NullMarked;
