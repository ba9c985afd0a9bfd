/**
 * A seeded simulation of a head and several nodes: the real head, scheduler and node engines, on
 * hand-driven loops, a virtual clock and links in memory. The same seed always gives the same
 * events.
 */
package dev.grain.sim;
