/**
 * Makes the environments that jobs run in, each once per machine: virtual environments of Python,
 * environments of conda, what a script installs, and the jars of a project of Maven.
 *
 * <p>{@link dev.grain.environment.Environments} is the entrance. A {@code Source} has the files
 * that define an environment, a {@code Builder} makes it with the tools of the machine, and the
 * cache keeps it by a fingerprint of both.
 */
@NullMarked
package dev.grain.environment;

import org.jspecify.annotations.NullMarked;
