/**
 * The names of images of containers, the digests that registries have for them, and a look for the
 * container engine of a machine.
 */
package dev.grain.image;
