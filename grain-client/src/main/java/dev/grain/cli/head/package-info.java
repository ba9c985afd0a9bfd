/**
 * The commands around the jobs of a head: {@code grain list}, {@code info}, {@code cancel} and so
 * on, and those around its users. They go through {@link dev.grain.client.GrainClient}, as programs
 * do, and find the head as {@link dev.grain.client.HeadLocation#find} does.
 *
 * <p>{@code HeadTools} has what the program {@code grain} finds. {@code ClientCommand} is what the
 * commands have in common: the flags that name a head, how errors are told, and the exit codes.
 */
@NullMarked
package dev.grain.cli.head;

import org.jspecify.annotations.NullMarked;
