/**
 * Jobs as people and programs write them down: reads and writes specs as JSON and YAML. {@link
 * dev.grain.client.JobSpecs} is the entry. A text becomes a tree of {@code Node}s that know their
 * places, whatever it is written in; {@code SpecReader} makes specs of these, and lets the types of
 * {@code dev.grain} decide what is allowed. The file {@code job.schema.json} beside these classes
 * describes the same for editors, and a test compares the two.
 */
@NullMarked
package dev.grain.client;

import org.jspecify.annotations.NullMarked;
