/**
 * Runs jobs that are commands: programs of the machine in processes of their own, with what they
 * print, and the end of all that they have started.
 */
package dev.grain.node.process;
