/**
 * What watches the tests of every module: no class runs for ever, signals reach child processes,
 * and skipped tests are listed. Each module compiles this package among its own tests, and JUnit
 * finds it by the service loader. Beside that, what tests of more than one module use.
 */
@NullMarked
package dev.grain.testing;

import org.jspecify.annotations.NullMarked;
