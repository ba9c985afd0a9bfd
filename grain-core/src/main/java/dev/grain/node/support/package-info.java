/**
 * The contract of what nodes have from another artifact, because it takes further libraries: the
 * preparation of jobs, and containers.
 */
package dev.grain.node.support;
