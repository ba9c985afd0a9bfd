/**
 * The programs whose start is measured. Each is started with nothing but this package and what it
 * uses on its class path, so the package uses nothing else of the benchmarks.
 */
@NullMarked
package dev.grain.benchmarks.start;

import org.jspecify.annotations.NullMarked;
