/**
 * The link of a node with heads: heads that dial the node or that it dials, one session with each,
 * and the jobs that came over it.
 */
package dev.grain.node.link;
