/**
 * The head: the one loop that changes the scheduler, the nodes it talks to, and the way of a job
 * out and back.
 */
package dev.grain.head;
