/**
 * The command {@code grain run}: programs as jobs from a command line, on the cores of this machine
 * or on workers.
 *
 * <p>{@code RunCommand} is what a command line comes to. {@code RunFlags} has its flags, and {@code
 * Planning} makes from them what {@code Session} runs. {@code Inputs} reads what jobs are made of,
 * {@code Template} fills it in, {@code JobRun} submits and stops jobs, and {@code Reporter} shows
 * how they end. Everything goes through the library as programs use it.
 */
@NullMarked
package dev.grain.cli.run;

import org.jspecify.annotations.NullMarked;
