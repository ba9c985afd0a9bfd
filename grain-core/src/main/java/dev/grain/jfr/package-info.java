/**
 * The events that flight recordings have of Grain: jobs on their way, and the passes of the
 * scheduler. While nobody records them they cost a look at two flags.
 */
package dev.grain.jfr;
