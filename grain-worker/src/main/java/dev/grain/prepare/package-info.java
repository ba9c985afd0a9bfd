/**
 * Makes ready what jobs need on a node: checkouts of git repositories, environments, and images of
 * containers.
 */
package dev.grain.prepare;
