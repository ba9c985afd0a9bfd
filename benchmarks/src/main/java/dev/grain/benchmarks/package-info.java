/** Benchmarks against yardsticks. */
@NullMarked
package dev.grain.benchmarks;

import org.jspecify.annotations.NullMarked;
