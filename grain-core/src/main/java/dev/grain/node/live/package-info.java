/**
 * Jobs in life: the threads they run on, what they know of themselves, what they print, and where.
 */
package dev.grain.node.live;
