/** Makes ready what jobs need on a node: checkouts of git repositories, and environments. */
package dev.grain.prepare;
