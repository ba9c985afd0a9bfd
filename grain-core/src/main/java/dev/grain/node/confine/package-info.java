/**
 * Keeps the processes of jobs to the cores, the memory and the number of processes that they may
 * have, by control groups of the kernel or by what comes next to that.
 */
package dev.grain.node.confine;
