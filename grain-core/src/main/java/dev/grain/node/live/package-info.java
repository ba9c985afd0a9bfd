/** Jobs in life: the threads they run on, what they know of themselves, what they print. */
package dev.grain.node.live;
