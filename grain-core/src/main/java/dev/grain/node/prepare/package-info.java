/** The contract of what makes something ready on a node before a job can start. */
package dev.grain.node.prepare;
