/**
 * The contract of what makes something ready on a node before a job can start, and the files that
 * define environments.
 */
package dev.grain.node.prepare;
