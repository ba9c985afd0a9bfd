/** Complete programs on real input, each one a lesson. */
@NullMarked
package dev.grain.examples;

import org.jspecify.annotations.NullMarked;
