/**
 * The commands {@code grain completion} and {@code grain man}: what shells and {@code man} know of
 * all other commands, made from the same descriptions as {@code --help}.
 */
@NullMarked
package dev.grain.cli.manual;

import org.jspecify.annotations.NullMarked;
